"""The sound's way from the device's thread to the loop.

The device's thread makes one copy, of what was captured and of what was played beside it, into a ring that is there
already, and wakes the loop; it never waits. It wakes it once a window, but with every block while something is played,
so that a reply can be held soon.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from device.ports import RECOGNITION_HZ, Samples

log = logging.getLogger(__name__)

RING_SECONDS = 2.0
AWAKE_SECONDS = 1.0
"""How long after the last sound that was played the loop is woken with every block."""


class Ring:
    """Samples from one thread to another without a lock: each side moves only its own count."""

    def __init__(self, rate_hz: int) -> None:
        self._samples = np.zeros(max(round(RING_SECONDS * rate_hz), 1), np.float32)
        self.written = 0
        self.read = 0

    def write(self, samples: Samples) -> None:
        """One copy, of no more than fit in; what is not read in time is overwritten."""
        size, count = len(self._samples), len(samples)
        at = self.written % size
        first = min(size - at, count)
        self._samples[at : at + first] = samples[:first]
        self._samples[: count - first] = samples[first:]
        self.written += count

    def take(self, until: int) -> Samples:
        """A copy of all up to the stream's sample `until` that was not taken yet."""
        size, count = len(self._samples), until - self.read
        at = self.read % size
        first = min(size - at, count)
        taken = np.concatenate((self._samples[at : at + first], self._samples[: count - first]))
        self.read = until
        return taken

    @property
    def overrun(self) -> bool:
        """Whether what is to be read next may be overwritten already, or while it is read."""
        return self.written - self.read > len(self._samples) * 3 // 4


@dataclass(frozen=True, slots=True)
class _Written:
    """How far both streams are written, in samples; made anew for every wake, so that both belong together."""

    captured: int = 0
    played: int = 0


class Intake:
    """`deliver(captured, played)` is called on the loop with equally long stretches of both streams."""

    def __init__(
        self, deliver: Callable[[Samples, Samples], None], lost: Callable[[], None], *, window_seconds: float
    ) -> None:
        """`lost()` is called on the loop where a stretch is missing."""
        self._deliver = deliver
        self._tell_lost = lost
        self._window_seconds = window_seconds
        self._loop = asyncio.get_running_loop()
        self.overruns = 0
        """How many times the loop was so late that sound was lost."""
        self._gap = False
        self.use_device(RECOGNITION_HZ, RECOGNITION_HZ)

    def use_device(self, input_hz: int, output_hz: int) -> None:
        """The device was opened, or opened anew; call it while no block is exchanged."""
        self._input_hz = input_hz
        self._window = self._window_seconds * input_hz
        self._captured, self._played = Ring(input_hz), Ring(output_hz)
        self._awake_samples = 0
        self._woken = self._done = _Written()

    @property
    def busy(self) -> bool:
        """Whether the loop has not yet taken all that it was woken for."""
        return self._done is not self._woken

    # --- on the device's thread ----------------------------------------------------------------------------------

    def put(self, captured: Samples, played: Samples) -> None:
        """Take a block over."""
        self._captured.write(captured)
        self._played.write(played)
        self._awake_samples -= len(captured)
        if played.any():
            self._awake_samples = round(AWAKE_SECONDS * self._input_hz)
        if self._awake_samples <= 0 and self._captured.written - self._woken.captured < self._window:
            return
        self._woken = _Written(self._captured.written, self._played.written)
        try:
            self._loop.call_soon_threadsafe(self._take, self._captured, self._played, self._woken)
        except RuntimeError:
            log.debug("sound came after the end")

    def skip(self) -> None:
        """The device lost samples here; callable from any thread."""
        self._gap = True

    # --- on the loop ---------------------------------------------------------------------------------------------

    def _take(self, captured_ring: Ring, played_ring: Ring, written: _Written) -> None:
        if captured_ring is not self._captured:  # of a device that is gone
            return
        if captured_ring.overrun:
            self.overruns += 1
            self._gap = True
        captured, played = captured_ring.take(written.captured), played_ring.take(written.played)
        if not np.isfinite(captured).all():  # what learns from it would never forget it
            captured = np.nan_to_num(captured, nan=0.0, posinf=0.0, neginf=0.0)
        if self._gap:
            self._gap = False
            self._tell_lost()
        self._deliver(captured, played)
        self._done = written
