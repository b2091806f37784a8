"""Looks for a voice over a reply in every 10 ms of sound, before the voice detector can be sure.

`device.core.early_hold` owns the rule; here the sound becomes levels for it.
"""

from collections import deque
from collections.abc import Iterator

import numpy as np

from device.core.early_hold import EXCESS, EarlyHold, EarlyHoldOptions, Glimpse
from device.ports import RECOGNITION_HZ, Samples
from device.runtime.echo import Cleaned
from device.runtime.levels import level_db

FRAME_SAMPLES = RECOGNITION_HZ // 100
"""A voice is looked for in so many samples at once; in what changes from one to the next, since consonants are high."""


SURE_DB = 8.0
SURE_FRAMES = 10
LATELY_FRAMES = 100
"""Where so many of the last frames exceed the echo by so much, somebody speaks, whatever of the echo is left."""

WINDOW_FRAMES = 3
"""A window of the voice detector has so many whole frames."""


class Glimpses:
    """Feed it what is left of the echo: by how much it exceeds what the echo explains, if that is `modelled`."""

    def __init__(self, *, modelled: bool) -> None:
        self.modelled = modelled
        self._rule = EarlyHold(EXCESS if modelled else EarlyHoldOptions())
        self._left_over: Samples = np.zeros(0, np.float32)
        self._lately: deque[float] = deque(maxlen=LATELY_FRAMES)

    @property
    def sure(self) -> bool:
        """Whether what is heard can be no echo, by the model of it."""
        return sum(level >= SURE_DB for level in self._lately) >= SURE_FRAMES

    @property
    def stands_out(self) -> bool:
        """Whether what was heard in the last window exceeds the echo by as much, on the average."""
        latest = list(self._lately)[-WINDOW_FRAMES:]
        return bool(latest) and sum(latest) >= SURE_DB * len(latest)

    @property
    def holding(self) -> bool:
        """Whether a glimpse waits to be judged."""
        return self._rule.holding

    @property
    def clear(self) -> bool:
        """Whether the glimpse stands out so far that it is no echo."""
        return self._rule.clear

    def settle(self) -> None:
        """It is known by other means what the glimpse was."""
        self._rule.settle()

    def restart(self) -> None:
        """What comes next does not follow on what came before."""
        self._rule.settle()
        self._left_over = np.zeros(0, np.float32)
        self._lately.clear()

    def levels(self, cleaned: Cleaned) -> tuple[float, ...]:
        """What is watched of this sound, one value for each whole frame, which may be given to `look`."""
        if self.modelled:
            self._lately.extend(cleaned.excess_db)
            return cleaned.excess_db
        samples = np.concatenate((self._left_over, cleaned.samples))
        whole = len(samples) - len(samples) % FRAME_SAMPLES
        self._left_over = samples[whole:]
        return tuple(level_db(np.diff(samples[at : at + FRAME_SAMPLES])) for at in range(0, whole, FRAME_SAMPLES))

    def look(self, levels: tuple[float, ...], *, own_sound: bool, voice_likely: bool) -> Iterator[Glimpse]:
        """What the frames decide, one after another; for the rest see `EarlyHold.frame`."""
        for level in levels:
            if (glimpse := self._rule.frame(level, own_sound=own_sound, voice_likely=voice_likely)) is not None:
                yield glimpse
