"""Letting the agent hear a recording on the microphone's own path, while the microphone is set aside.

The client sends the recording piece by piece, as there is room for it; the sound device's own clock sets the pace. The
microphone is back at the recording's end, and when the client goes before.
"""

import asyncio
import base64
import binascii
from typing import Annotated, Any

import numpy as np
from msgspec import Meta, Struct

from device.errors import AudioError
from device.ports import RECOGNITION_HZ, Samples
from device.runtime.control.commands import command
from device.runtime.control.following import following
from device.runtime.control.live import Live
from device.runtime.recorded_input import RecordedInput

LONGEST_SECONDS = 600.0
"""So long a piece, or what comes of the last one, is waited for."""

AHEAD_SECONDS = 0.5
"""The next piece is wanted when less than this waits to be heard."""

SILENCE_SECONDS = 1.5
"""Silence behind a recording, so that its last turn ends."""

LOOK_SECONDS = 0.02
STALLED_SECONDS = 5.0
"""A sound device that takes nothing for so long has gone."""


class Sound(Struct, frozen=True, forbid_unknown_fields=True):
    """The next piece of a recording: base64 of 16-bit samples, little-endian, mono, at 16 kHz; `last` if it ends."""

    samples: Annotated[str, Meta(max_length=60_000)]
    last: bool = False


@command("hear", seconds=LONGEST_SECONDS)
async def hear(live: Live, asked: Sound) -> Any:
    """Hear a piece of a recording; the last one is answered with what came of it all."""
    recorded = live.agent.recorded
    if live.agent.muted:
        raise AudioError("The microphone is closed (muted), so nothing is heard: open it first.")
    if live.agent.capture is None:
        raise AudioError("This agent does not listen: it was started without a microphone.")
    if not recorded.belongs_to(live.session):
        recorded.begin(live.session)
        live.session.at_end.callback(recorded.end, live.session)
    recorded.feed(_samples(asked.samples))
    if not asked.last:
        await _heard_but_for(recorded, AHEAD_SECONDS)
        return None
    recorded.feed(np.zeros(round(SILENCE_SECONDS * RECOGNITION_HZ), np.float32))
    with following(live.agent) as follow:
        follow.begun = False
        hearing = asyncio.ensure_future(_heard_but_for(recorded, 0.0))
        hearing.add_done_callback(lambda _: setattr(follow, "begun", True))
        try:
            await follow.until_quiet(live)
            await hearing
        finally:
            hearing.cancel()
            recorded.end(live.session)
    return follow.outcome()


def _samples(text: str) -> Samples:
    """The samples, float32 in [-1, 1]. Raises AudioError."""
    try:
        raw = base64.b64decode(text, validate=True)
        return (np.frombuffer(raw, "<i2") / 32768.0).astype(np.float32)
    except (binascii.Error, ValueError) as error:
        raise AudioError("That is no sound: base64 of 16-bit samples is wanted.") from error


async def _heard_but_for(recorded: RecordedInput, seconds: float) -> None:
    """Wait until no more than `seconds` of the recording wait to be heard. Raises AudioError."""
    left, since = recorded.waiting_seconds(), 0.0
    while left > seconds:
        await asyncio.sleep(LOOK_SECONDS)
        before, left = left, recorded.waiting_seconds()
        since = 0.0 if left < before else since + LOOK_SECONDS
        if since > STALLED_SECONDS:
            raise AudioError("The sound device has stopped: nothing is heard of the recording.")
