"""Earcons as sound: soft notes, made here, that no voice detector takes for a voice; and when they are heard."""

import numpy as np

from device.core.earcons import Earcon, earcon_of
from device.core.events import Event
from device.core.fsm import Machine
from device.ports import Samples
from device.runtime.playback import Playback

NOTE_SECONDS = 0.07
EDGE_SECONDS = 0.012
"""Notes swell and fade in this, so that they do not click."""

OCTAVE_SHARE = 0.25
"""How loud the octave above is beside each note."""


class Chimes:
    """Plays what belongs to each step of the machine: observe the loop with `heed`."""

    def __init__(self, playback: Playback, *, on: bool, volume: float) -> None:
        self.on = on
        self.volume = volume
        self._playback = playback

    def heed(self, before: Machine, event: Event, after: Machine) -> None:
        """A step was taken."""
        del before
        if self.on and (earcon := earcon_of(event, after.state)) is not None:
            self._playback.ring(lambda rate_hz: chime(earcon, volume=self.volume, rate_hz=rate_hz))


def chime(earcon: Earcon, *, volume: float, rate_hz: int) -> Samples:
    """The earcon at a peak of `volume` (0 to 1); mono."""
    at = np.arange(round(NOTE_SECONDS * rate_hz)) / rate_hz
    edge = np.minimum(1.0, np.minimum(at, at[::-1]) / EDGE_SECONDS)
    envelope = np.sin(np.pi / 2 * edge) ** 2
    notes = [np.sin(2 * np.pi * hz * at) + OCTAVE_SHARE * np.sin(4 * np.pi * hz * at) for hz in earcon.value]
    sound: Samples = np.concatenate([note * envelope for note in notes]).astype(np.float32)
    peak = float(np.abs(sound).max())
    return sound * np.float32(volume / peak)
