"""How loud sound is, and what of it is none."""

import math

import numpy as np

from device.ports import Samples


def level_db(window: Samples) -> float:
    """The window's root mean square in dB of full scale."""
    return 10.0 * math.log10(float(np.dot(window, window)) / len(window) + 1e-12)


LEAST_OFFSET = 2e-3
"""A smaller offset (-54 dB of full scale) is left alone, to the sample."""

OFFSET_SECONDS, LEARNING_SECONDS = 2.0, 0.5
"""The offset is the mean of so long; after a beginning it is known well enough."""


class OffsetRemover:
    """Takes the constant out that some cards add to all that they capture: it is loud, and nobody hears it."""

    def __init__(self, rate_hz: int) -> None:
        self._most_samples, self._least_samples = round(OFFSET_SECONDS * rate_hz), round(LEARNING_SECONDS * rate_hz)
        self._samples = 0
        self._mean = self._taken = 0.0

    def process(self, samples: Samples) -> Samples:
        """The next stretch without it."""
        if not len(samples):
            return samples
        self._samples = min(self._samples + len(samples), self._most_samples)
        self._mean += min(len(samples) / self._samples, 1.0) * (float(samples.mean()) - self._mean)
        known = self._samples >= self._least_samples and abs(self._mean) >= LEAST_OFFSET
        before, self._taken = self._taken, self._mean if known else 0.0
        if before == self._taken == 0.0:
            return samples
        # From what was taken to what is, so that no step is heard.
        taken = np.linspace(before, self._taken, len(samples), endpoint=False, dtype=np.float32)
        without: Samples = samples - taken
        return without
