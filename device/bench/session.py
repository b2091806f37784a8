"""Speaking clips to an agent at real-time pace, each to a fresh conversation, and noting what it did.

The clock is the sound device's: the true end of a clip is when its sample was due at the device's pace, even where
the process ran late, and the reply begins when the block with its first audible sample was handed out.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from device import app
from device.bench.clips import Clip
from device.bench.corpus.sound import ROOM
from device.bench.figures import Heard, Utterance, figures
from device.config import Config
from device.core.entries import ConversationStarted
from device.core.events import ShutdownRequested, StopPressed
from device.ports import RECOGNITION_HZ, Samples
from device.runtime.agent import Agent, Surroundings
from device.runtime.marks import Mark
from device.runtime.sounding import AUDIBLE

PATIENCE_SECONDS = 30.0
"""An utterance that is not answered within this counts as unanswered."""

LISTENED_SECONDS = 0.8
"""So much of each reply is played before the stop button ends it; the clips after it must not wait for a story."""

SETTLED_SECONDS = 2.0
"""An agent at which nothing goes on for so long will not answer."""

STEP_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """A block of sound: when it was exchanged (monotonic clock), its first input sample, and its loudest output
    sample.
    """

    seconds: float
    input_sample: int
    loudest: float


@dataclass(frozen=True, kw_only=True)
class Session:
    """What came of speaking the clips."""

    utterances: Sequence[Utterance]
    model_name: str
    late_blocks: int


async def speak(
    config: Config,
    clips: Iterable[Clip],
    *,
    on_spoken: Callable[[Utterance], None],
    control: Path | None = None,
    at_end: Callable[[], Awaitable[None]] | None = None,
) -> Session:
    """Speak the clips to a newly loaded agent; `on_spoken` is told each one's figures as they come.

    `on_spoken` and the iterator of the clips run on the sound device's thread. The agent listens to commands at
    `control`; `at_end` is awaited before it ends.

    Raises ModelError, AudioError.
    """
    script = _Script(clips, on_spoken)
    sound = app.recording(script.sounds(), None, config)
    script.block_samples = RECOGNITION_HZ * config.audio.block_ms // 1000
    script.take_blocks = lambda: _taken(sound)
    with tempfile.TemporaryDirectory(prefix="device-bench-") as state:
        surroundings = Surroundings(
            config=config, state_directory=Path(state), sound=sound, fresh=True, control=control
        )
        async with app.open_agent(surroundings) as agent:
            script.agent = agent
            ending = asyncio.create_task(_end_after(script, agent, at_end))
            await agent.run()
            await ending
            model_name = agent.dialogue.model_name
    return Session(utterances=script.done, model_name=model_name, late_blocks=sound.late_blocks)


def heard(blocks: Sequence[Exchanged], block_samples: int, end_sample: int) -> Heard:
    """When the speech that ends at input sample `end_sample` ended, and what was audible before and after that."""
    # A sleeping thread wakes late, never early: the earliest block shows the device's true pace.
    pace = min(block.seconds - (block.input_sample + block_samples) / RECOGNITION_HZ for block in blocks)
    end_seconds = pace + end_sample / RECOGNITION_HZ
    audible = [block.seconds for block in blocks if block.loudest > AUDIBLE]
    return Heard(
        end_seconds=end_seconds,
        early_seconds=next((seconds for seconds in audible if seconds < end_seconds), None),
        audible_seconds=next((seconds for seconds in audible if seconds >= end_seconds), None),
    )


def _taken(sound: Any) -> list[Exchanged]:
    """The blocks since the last time, taken out of the device's memory; called on its thread."""
    blocks = [
        Exchanged(
            seconds=block.seconds,
            input_sample=block.input_sample,
            loudest=float(np.abs(played).max(initial=0.0)),
        )
        for block, played in zip(sound.blocks, sound.played, strict=True)
    ]
    sound.blocks.clear()
    sound.played.clear()
    return blocks


async def _end_after(script: "_Script", agent: Agent, at_end: Callable[[], Awaitable[None]] | None) -> None:
    while not script.ended:
        await asyncio.sleep(STEP_SECONDS)
    if at_end is not None:
        await at_end()
    agent.loop.post(ShutdownRequested())


class _Script:
    """Speaks clip after clip, each when the agent has finished with the one before; runs on the device's thread."""

    def __init__(self, clips: Iterable[Clip], on_spoken: Callable[[Utterance], None]) -> None:
        self._clips = clips
        self._on_spoken = on_spoken
        self._loop = asyncio.get_running_loop()
        self._noise = np.random.default_rng(1)
        self._position = 0
        self._blocks: list[Exchanged] = []
        self._cancelling: list[asyncio.Future[bool]] = []
        self.block_samples = 0
        self.take_blocks: Callable[[], list[Exchanged]] = list
        self.agent: Agent | None = None
        self.done: list[Utterance] = []
        self.ended = False

    def sounds(self) -> Iterator[Samples]:
        """The clips, with room noise between them for as long as the agent is at work."""
        yield self._room(0.3)
        while self.agent is None:
            yield self._room(STEP_SECONDS)
        for clip in self._clips:
            self._do(self._begin_afresh)
            yield self._room(0.3)
            self.take_blocks()
            self._blocks = []
            begin = self._position
            self._position += len(clip.samples)
            yield clip.samples
            yield from self._wait_for_reply(begin + clip.end_sample)
            self._note(clip, begin + clip.end_sample)
            self._do(lambda agent: agent.loop.post(StopPressed()))
            yield self._room(0.2)
            yield from self._wait_until_settled(PATIENCE_SECONDS)
        self.ended = True
        while True:
            yield self._room(STEP_SECONDS)

    def _wait_for_reply(self, end_sample: int) -> Iterator[Samples]:
        waited = listened = settled = 0.0
        while waited < PATIENCE_SECONDS and listened < LISTENED_SECONDS and settled < SETTLED_SECONDS:
            yield self._room(STEP_SECONDS)
            waited += STEP_SECONDS
            self._blocks += self.take_blocks()
            if any(block.loudest > AUDIBLE and block.input_sample >= end_sample for block in self._blocks):
                listened += STEP_SECONDS
            settled = settled + STEP_SECONDS if self.agent is not None and self.agent.settled else 0.0

    def _wait_until_settled(self, patience_seconds: float) -> Iterator[Samples]:
        waited = 0.0
        while self.agent is not None and not self.agent.settled and waited < patience_seconds:
            yield self._room(STEP_SECONDS)
            waited += STEP_SECONDS

    def _note(self, clip: Clip, end_sample: int) -> None:
        assert self.agent is not None
        marks: Sequence[Mark] = self.agent.marks.since(self._blocks[0].seconds)
        found = figures(clip.name, clip.text, heard(self._blocks, self.block_samples, end_sample), marks)
        self.done.append(found)
        self._on_spoken(found)

    def _room(self, seconds: float) -> Samples:
        samples = self._noise.normal(0.0, ROOM, int(seconds * RECOGNITION_HZ)).astype(np.float32)
        self._position += len(samples)
        return samples

    def _do(self, action: Callable[[Agent], None]) -> None:
        """Have something done to the agent on its loop."""
        if (agent := self.agent) is not None:
            self._loop.call_soon_threadsafe(action, agent)

    def _begin_afresh(self, agent: Agent) -> None:
        """A new conversation, without the timers that the last one set: they would ring into this one."""
        self._cancelling = [asyncio.ensure_future(agent.alarms.cancel(it.alarm_id)) for it in agent.alarms.pending()]
        agent.dialogue.append(ConversationStarted())
