"""A recording in the microphone's place: the same path, the same clock, only the samples are others.

The sound device's thread asks for every block; while a recording is heard it gets that one's next samples, and silence
where they have not come yet.
"""

import threading
from collections import deque

import numpy as np

from device.errors import AudioError
from device.ports import RECOGNITION_HZ, Samples
from device.runtime.resampling import StreamResampler


class RecordedInput:
    """At most one recording at a time; `use_device` says at which rate blocks are asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._device_hz = RECOGNITION_HZ
        self._whose: object | None = None
        self._resampler: StreamResampler | None = None
        self._waiting: deque[Samples] = deque()
        self._waiting_samples = 0

    def belongs_to(self, whose: object) -> bool:
        """Whether the recording that is being heard is this one's."""
        return self._whose is whose

    @property
    def active(self) -> bool:
        """Whether the microphone is set aside."""
        return self._whose is not None

    def use_device(self, input_hz: int) -> None:
        """The device was opened, or opened anew, at `input_hz`."""
        with self._lock:
            self._device_hz = input_hz
            self._waiting.clear()
            self._waiting_samples = 0
            if self._resampler is not None:
                self._resampler = StreamResampler(RECOGNITION_HZ, input_hz)

    def begin(self, whose: object) -> None:
        """Set the microphone aside. Raises AudioError if another's recording is being heard."""
        with self._lock:
            if self._whose is not None:
                raise AudioError("Another recording is being heard: wait for its end.")
            self._whose = whose
            self._resampler = StreamResampler(RECOGNITION_HZ, self._device_hz)

    def feed(self, samples: Samples) -> None:
        """What is heard next, at 16 kHz."""
        with self._lock:
            if self._resampler is not None:
                converted = self._resampler.process(samples)
                self._waiting.append(converted)
                self._waiting_samples += len(converted)

    def waiting_seconds(self) -> float:
        """How much of it has not been heard yet."""
        return self._waiting_samples / self._device_hz

    def end(self, whose: object) -> None:
        """Listen to the microphone again if it is this one's recording; what was not heard is dropped."""
        with self._lock:
            if self._whose is not whose:
                return
            self._whose = None
            self._resampler = None
            self._waiting.clear()
            self._waiting_samples = 0

    def instead_of(self, captured: Samples) -> Samples:
        """On the device's thread, while it is active: what is heard instead of this block."""
        with self._lock:
            out = np.zeros_like(captured)
            at = 0
            while at < len(out) and self._waiting:
                block = self._waiting.popleft()
                taken = min(len(block), len(out) - at)
                out[at : at + taken] = block[:taken]
                if taken < len(block):
                    self._waiting.appendleft(block[taken:])
                at += taken
            self._waiting_samples -= at
            return out
