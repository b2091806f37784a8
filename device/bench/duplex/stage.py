"""The rooms as an agent's sound device hears them: a recording that is made while it is played."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from device.bench.duplex.acoustics import Microphone
from device.bench.duplex.rooms import Room
from device.bench.duplex.scenes import Kind, Scene, asked
from device.core.events import TextTyped
from device.ports import RECOGNITION_HZ, Samples
from device.runtime.agent import Agent
from device.runtime.levels import level_db
from device.runtime.resampling import StreamResampler
from device.runtime.sounding import AUDIBLE

PATIENCE_SECONDS = 12.0
SETTLED_SECONDS = 0.3
QUIET_SECONDS = 0.7
"""Before every reply the room is quiet for so long."""
ONSET = 10 ** (-40 / 20)
"""Speech begins with its first sample within 40 dB of its peak."""
SPOKEN_HZ = 15.0
"""Characters of a reply that are spoken in a second, about: where in a reply somebody cuts in is random anyway."""


@dataclass(kw_only=True)
class Played:
    """What came of a scene: the output, block by block, and when the user began."""

    room: Room
    scene: Scene
    out: list[tuple[int, Samples]] = field(default_factory=list)
    """Each block with the input sample at which it was handed out."""
    hz: int
    """The output's rate."""
    onset_sample: int | None = None
    audible_sample: int | None = None
    """When the user's voice was first as loud as the room's noise."""
    late_blocks: int = 0


class Stage:
    """Plays scene after scene; runs on the device's thread, which asks it for what the microphone hears next."""

    def __init__(
        self,
        rooms: Sequence[tuple[Room, Sequence[Scene]]],
        voices: Mapping[Scene, Samples],
        *,
        block_samples: int,
        on_scene: Callable[[Agent, Played], None],
        loudspeaker_level: float,
        others: Sequence[Samples],
    ) -> None:
        """`on_scene(agent, played)` is called on the loop when a scene is over; for the rest see `Microphone`."""
        self._rooms, self._voices, self._others = rooms, voices, others
        self._loudspeaker_level = loudspeaker_level
        self._block = block_samples
        self._on_scene = on_scene
        self._loop = asyncio.get_running_loop()
        self._position = 0
        self._playing: Played | None = None
        self._far = np.zeros(0, np.float32)
        self.sound: Any = None
        self.agent: Agent | None = None
        self.ended = False

    def sounds(self) -> Iterator[Samples]:
        """What the microphone hears, block by block."""
        while self.agent is None:
            yield np.zeros(self._block, np.float32)
        for room, scenes in self._rooms:
            # Every room is a new one: what the canceller learnt in the last is void.
            self._resampler = StreamResampler(self.sound.output_hz, RECOGNITION_HZ)
            self._far = np.zeros(2 * self._block, np.float32)
            self.sound.played.clear()
            microphone = Microphone(room, loudspeaker_level=self._loudspeaker_level, others=self._others)
            self.agent.capture.skip()  # type: ignore[union-attr]
            for scene in scenes:
                yield from self._play(room, scene, microphone)
        self.ended = True
        while True:
            yield np.zeros(self._block, np.float32)

    def _play(self, room: Room, scene: Scene, microphone: Microphone) -> Iterator[Samples]:
        agent = self.agent
        assert agent is not None
        self._playing = played = Played(
            room=room, scene=scene, hz=self.sound.output_hz, late_blocks=-self.sound.late_blocks
        )
        yield from self._blocks(microphone, QUIET_SECONDS)
        self._call(lambda: agent.loop.post(TextTyped(text=asked(scene))))
        yield from self._blocks(microphone, PATIENCE_SECONDS, until=lambda: self._audible(played))
        if scene.kind is not Kind.UNDISTURBED:
            yield from self._blocks(microphone, scene.share * len(scene.reply) / SPOKEN_HZ)
            said = microphone.user(self._voices[scene])
            onset = int(np.flatnonzero(np.abs(said) >= ONSET * np.abs(said).max())[0])
            # Not at a block's beginning, where everybody would else begin.
            lead = int(np.random.default_rng([room.seed, len(said)]).integers(0, 2 * self._block))
            played.onset_sample = self._position + lead + onset
            played.audible_sample = self._position + lead + _audible(said, onset, room.noise_dbfs)
            said = np.concatenate((np.zeros(lead, np.float32), said))
            yield from self._blocks(microphone, len(said) / RECOGNITION_HZ, said=said)
        yield from self._blocks(microphone, PATIENCE_SECONDS * 2, until=self._settled())
        played.late_blocks += self.sound.late_blocks
        self._playing = None
        self._call(lambda: self._on_scene(agent, played))

    def _blocks(
        self,
        microphone: Microphone,
        seconds: float,
        *,
        said: Samples | None = None,
        until: Callable[[], bool] = lambda: False,
    ) -> Iterator[Samples]:
        count = -(-round(seconds * RECOGNITION_HZ) // self._block)
        padded = np.zeros(count * self._block, np.float32)
        if said is not None:
            padded[: len(said)] = said
        for number in range(count):
            if until():
                return
            self._take_played()
            far, self._far = self._far[: self._block], self._far[self._block :]
            at = number * self._block
            self._position += self._block
            yield microphone.hear(far, padded[at : at + self._block])

    def _take_played(self) -> None:
        """What was handed out since the last block, on its way to the loudspeaker."""
        played, self.sound.played[:] = list(self.sound.played), []
        for block in played:
            self._far = np.concatenate((self._far, self._resampler.process(block)))
            if self._playing is not None:
                self._playing.out.append((self._position, block))
        if len(self._far) < self._block:
            self._far = np.pad(self._far, (0, self._block - len(self._far)))
        self.sound.blocks.clear()

    @staticmethod
    def _audible(played: Played) -> bool:
        return bool(played.out) and float(np.abs(played.out[-1][1]).max(initial=0.0)) > AUDIBLE

    def _settled(self) -> Callable[[], bool]:
        quiet = 0.0

        def settled() -> bool:
            nonlocal quiet
            assert self.agent is not None
            quiet = quiet + self._block / RECOGNITION_HZ if self.agent.settled else 0.0
            return quiet >= SETTLED_SECONDS

        return settled

    def _call(self, action: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(action)


def _audible(said: Samples, onset: int, noise_dbfs: float) -> int:
    """The first sample, from the onset on, of a stretch of 10 ms that is as loud as the noise."""
    size = RECOGNITION_HZ // 100
    starts = range(onset, len(said) - size + 1, size)
    return next((at for at in starts if level_db(said[at : at + size]) >= noise_dbfs), onset)
