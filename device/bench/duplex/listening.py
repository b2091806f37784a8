"""Eavesdropping on an agent's faculties: what its voice made, and how much echo its canceller leaves."""

from collections.abc import Iterator
from typing import cast

import numpy as np

from device.ports import EchoCanceller, Samples, Speech, Synthesizer


class NotedVoice:
    """A synthesizer that remembers what it made since it was last asked."""

    def __init__(self, synthesizer: Synthesizer) -> None:
        self._synthesizer = synthesizer
        self.name, self.sample_rate_hz = synthesizer.name, synthesizer.sample_rate_hz
        self.made: list[Speech] = []

    @property
    def speed(self) -> float:
        """The voice's pace."""
        return self._synthesizer.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._synthesizer.speed = speed

    @property
    def pace(self) -> float:
        """What a speed of 1 is."""
        return self._synthesizer.pace

    @pace.setter
    def pace(self, pace: float) -> None:
        self._synthesizer.pace = pace

    def synthesize(self, text: str) -> Speech:
        """The piece as sound."""
        speech = self._synthesizer.synthesize(text)
        self.made.append(speech)
        return speech

    def stream(self, text: str) -> Iterator[Speech]:
        """The piece in parts."""
        for speech in self._synthesizer.stream(text):
            self.made.append(speech)
            yield speech


class NotedCanceller:
    """An echo canceller that remembers how strong the sound was before and after it."""

    def __init__(self, canceller: EchoCanceller) -> None:
        self._canceller = canceller
        self.frame_samples = canceller.frame_samples
        self.powers: list[tuple[float, float, float]] = []
        """Of every frame: what was played, what was captured, what was left."""

    def cancel(self, captured: Samples, played: Samples) -> Samples:
        """The captured frame without the echo."""
        left = self._canceller.cancel(captured, played)
        self.powers.append(cast("tuple[float, float, float]", tuple(map(_power, (played, captured, left)))))
        return left

    def set_delay(self, seconds: float) -> None:
        """Passed on."""
        self._canceller.set_delay(seconds)

    def reset(self) -> None:
        """Passed on."""
        self._canceller.reset()

    def erle_db(self, room_power: float) -> float | None:
        """By how much the echo was weakened since the last time, once the canceller knew the room; the room's own
        noise, which is to stay, is taken off both sides. None where there was no echo.
        """
        powers, self.powers = np.array(self.powers[SETTLING_FRAMES:]), []
        if not len(powers):
            return None
        echoing = powers[powers[:, 1] > 10.0 * room_power]
        if len(echoing) < SETTLING_FRAMES // 2:
            return None
        before = float(np.mean(echoing[:, 1])) - room_power
        after = max(float(np.mean(echoing[:, 2])) - room_power, 1e-3 * room_power, 1e-12)
        return round(10.0 * float(np.log10(before / after)), 1)


SETTLING_FRAMES = 150


def _power(frame: Samples) -> float:
    return float(np.mean(frame**2))
