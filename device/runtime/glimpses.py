"""Looks for a voice over a reply in every 10 ms of sound, before the voice detector can be sure.

`device.core.early_hold` owns the rule; here the sound becomes levels for it.
"""

from collections.abc import Iterator

import numpy as np

from device.core.early_hold import EarlyHold, Glimpse
from device.ports import RECOGNITION_HZ, Samples
from device.runtime.levels import level_db

FRAME_SAMPLES = RECOGNITION_HZ // 100
"""A voice is looked for in so many samples at once; in what changes from one to the next, since consonants are high."""

CLEAR_DB = 20.0
"""What stands out of all that the canceller left lately by so much is no echo, however short it is."""


class Glimpses:
    """Feed it what the canceller leaves."""

    def __init__(self) -> None:
        self._rule = EarlyHold()
        self._left_over: Samples = np.zeros(0, np.float32)

    @property
    def holding(self) -> bool:
        """Whether a glimpse waits to be judged."""
        return self._rule.holding

    @property
    def clear(self) -> bool:
        """Whether the glimpse stands out so far that it is no echo."""
        return self._rule.clearance_db >= CLEAR_DB

    def settle(self) -> None:
        """It is known by other means what the glimpse was."""
        self._rule.settle()

    def restart(self) -> None:
        """What comes next does not follow on what came before."""
        self._rule.settle()
        self._left_over = np.zeros(0, np.float32)

    def hear(self, samples: Samples) -> list[Samples]:
        """The whole frames of what came, which may be given to `look`; the rest comes with the next."""
        samples = np.concatenate((self._left_over, samples))
        whole = len(samples) - len(samples) % FRAME_SAMPLES
        self._left_over = samples[whole:]
        return [samples[at : at + FRAME_SAMPLES] for at in range(0, whole, FRAME_SAMPLES)]

    def look(self, frames: list[Samples], *, own_sound: bool, voice_likely: bool) -> Iterator[Glimpse]:
        """What the frames decide, one after another; for the rest see `EarlyHold.frame`."""
        for frame in frames:
            level = level_db(np.diff(frame))
            if (glimpse := self._rule.frame(level, own_sound=own_sound, voice_likely=voice_likely)) is not None:
                yield glimpse
