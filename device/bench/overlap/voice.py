"""A user who speaks: a made voice in a quiet room, as the agent's microphone.

The rule it owns: when a sentence ended is known from the sound device, which takes the samples at its own pace.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from device import app
from device.bench.corpus.sound import ROOM, trimmed
from device.config import Config
from device.ports import RECOGNITION_HZ, Clock, Samples

CHUNK_SAMPLES = RECOGNITION_HZ // 100


@dataclass(kw_only=True, eq=False)
class _Sentence:
    left: Samples
    ended: "asyncio.Future[float]"


class Voice:
    """The user's voice. `sounds` is asked on the sound device's thread, everything else is used on the loop."""

    def __init__(self, config: Config) -> None:
        """Raises ModelError if there is no voice to speak with."""
        self._voices = app.varied_voices(config)
        self._engine, self._voice = self._voices.speakers()[0]
        self._made: dict[str, Samples] = {}
        self.clock: Clock | None = None
        """The agent's; nothing is said before it is there."""
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Sentence] = deque()
        self._noise = np.random.default_rng(1)

    async def prepare(self, texts: Sequence[str]) -> None:
        """Make the sound of these sentences, so that it takes no time later. Raises ModelError."""
        for text in texts:
            if text not in self._made:
                said = await asyncio.to_thread(
                    self._voices.say, text, engine=self._engine, voice=self._voice, tempo=1.0, pitch=1.0
                )
                self._made[text] = trimmed(said)

    async def say(self, text: str) -> float:
        """Speak a sentence that was prepared; returns when its last sample was taken (boot-time clock).

        That is known to within a block of sound.
        """
        sentence = _Sentence(left=self._made[text], ended=self._loop.create_future())
        self._waiting.append(sentence)
        return await sentence.ended

    def sounds(self) -> Iterator[Samples]:
        """The room for ever, with what is said in it."""
        while True:
            heard = self._noise.normal(0.0, ROOM, CHUNK_SAMPLES).astype(np.float32)
            sentence = self._waiting[0] if self._waiting else None
            if sentence is not None:
                said, sentence.left = sentence.left[:CHUNK_SAMPLES], sentence.left[CHUNK_SAMPLES:]
                heard[: len(said)] += said
            yield heard
            if sentence is not None and not len(sentence.left):
                assert self.clock is not None
                self._waiting.popleft()
                self._loop.call_soon_threadsafe(_settle, sentence.ended, self.clock.boot_seconds())


def _settle(future: "asyncio.Future[float]", seconds: float) -> None:
    if not future.done():
        future.set_result(seconds)
