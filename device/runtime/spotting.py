"""Looks for the wake word while somebody speaks, in a worker thread; at other times no model runs.

It begins with the two seconds before the voice was noticed, so that no first syllable is lost, and goes on for a moment
after the voice has ended, since the model is sure of the word only then.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np

from device.ports import RECOGNITION_HZ, Samples, WakeDetector

log = logging.getLogger(__name__)

HOP_SAMPLES = RECOGNITION_HZ * 80 // 1000
"""So much is looked at at once."""

TAIL_SAMPLES = RECOGNITION_HZ * 600 // 1000


class Spotter:
    """Feed it every window while somebody speaks; used on the loop's thread only."""

    def __init__(self, detector: WakeDetector, worker: Executor, *, threshold: float) -> None:
        self.phrase = detector.phrase
        self.lookback_samples = detector.lookback_samples
        self.on_spotted: Callable[[int], None] = _nobody
        """`on_spotted(position)`: the wake word was spoken before this sample."""
        self._detector = detector
        self._worker = worker
        self.threshold = threshold
        """How sure the detector must be."""
        self._loop = asyncio.get_running_loop()
        self._until: int | None = 0
        self._session = 0
        self._waiting: list[Samples] = []
        self._waiting_samples = 0
        self._looks: set[asyncio.Future[float]] = set()

    @property
    def busy(self) -> bool:
        """Whether what was heard is still being looked at."""
        return bool(self._looks)

    def voice(self, before: Samples, position: int) -> None:
        """Somebody began to speak, and `before` was heard up to now."""
        if not self._looking(position):
            self._session += 1
            self._waiting, self._waiting_samples = [], 0
            self._worker.submit(self._detector.begin, before)
        self._until = None

    def silence(self, position: int) -> None:
        """They ended."""
        if self._until is None:
            self._until = position + TAIL_SAMPLES

    def stop(self) -> None:
        """Nothing that was heard until now counts."""
        self._until = 0
        self._session += 1

    def window(self, window: Samples, position: int) -> None:
        """What is heard next, up to the sample `position`."""
        if not self._looking(position):
            return
        self._waiting.append(window)
        self._waiting_samples += len(window)
        if self._waiting_samples >= HOP_SAMPLES:
            samples = np.concatenate(self._waiting)
            self._waiting, self._waiting_samples = [], 0
            look = self._loop.run_in_executor(self._worker, self._detector.hear, samples)
            self._looks.add(look)
            session = self._session
            look.add_done_callback(lambda done: self._looked(done, session, position))

    def _looking(self, position: int) -> bool:
        return self._until is None or position <= self._until

    def _looked(self, look: "asyncio.Future[float]", session: int, position: int) -> None:
        self._looks.discard(look)
        if look.cancelled():
            return
        if (error := look.exception()) is not None:
            log.error("Looking for the wake word failed: %s", error)
        elif session == self._session and look.result() >= self.threshold:
            self.stop()
            self.on_spotted(position)


def _nobody(position: int) -> None:
    """Nobody is told."""
