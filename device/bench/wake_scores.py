"""How sure a wake word's detector was, so that one listening tells of every sensitivity; pure but for the detector."""

import numpy as np

from device.ports import Samples, WakeDetector

Rows = list[list[float]]
"""How sure it was at each look, a row for every time somebody spoke."""

REST_LOOKS = 25
"""Who was woken is not woken again by what follows within so many looks, two seconds."""


class NotedWakeDetector:
    """A detector that wakes nobody and remembers how sure it was."""

    def __init__(self, detector: WakeDetector) -> None:
        self._detector = detector
        self.phrase, self.lookback_samples = detector.phrase, detector.lookback_samples
        self.rows: Rows = []

    def begin(self, before: Samples) -> None:
        """Somebody begins to speak."""
        self.rows.append([])
        self._detector.begin(before)

    def hear(self, samples: Samples) -> float:
        """No more than noted."""
        self.rows[-1].append(self._detector.hear(samples))
        return 0.0


def wakes(rows: Rows, sensitivity: float) -> int:
    """How often these looks wake an agent that is as sensitive as that."""
    count = 0
    for row in rows:
        sure = np.flatnonzero(np.array(row) >= 1.0 - sensitivity)
        last = -REST_LOOKS
        for look in sure:
            if look - last >= REST_LOOKS:
                count, last = count + 1, int(look)
    return count
