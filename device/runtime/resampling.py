"""Sample-rate conversion: a short filter for the microphone's stream, soxr for a whole piece of speech.

soxr's stream holds back 22 ms on average and 38 ms at worst (48 to 16 kHz, medium or high quality), and whatever the
microphone lags is added to every answer. So the stream has a filter of its own, a polyphase windowed sinc, which lags
two milliseconds; where a whole sound is at hand, soxr's higher quality costs no delay.
"""

import math

import numpy as np
import soxr
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from device.ports import Samples

ZERO_CROSSINGS = 28
"""The filter's half length, in periods of the lower of both rates."""

KAISER_BETA = 7.0
"""The filter's window. Of 48 to 16 kHz: 1 dB down at 7.7 kHz, 57 dB at 8.6 kHz, 80 dB from 9 kHz on."""


class StreamResampler:
    """Converts a stream block by block; the result does not depend on how the stream was cut into blocks."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        divisor = math.gcd(from_hz, to_hz)
        self._up, self._down = to_hz // divisor, from_hz // divisor
        self._half_samples = math.ceil(ZERO_CROSSINGS * max(from_hz / to_hz, 1.0))
        self._filters = _polyphase_filters(self._up, self._half_samples, min(to_hz / from_hz, 1.0))
        self._buffer = np.zeros(self._half_samples - 1, np.float32)
        self._next = 0  # where the next output lies in the buffer, in steps of 1 / up of an input sample
        self.lag_seconds = 0.0 if from_hz == to_hz else self._half_samples / from_hz

    def process(self, samples: Samples) -> Samples:
        """The next samples at the new rate; the last `lag_seconds` of them come with the next block."""
        if self._up == self._down:
            return samples
        buffer = np.concatenate((self._buffer, samples))
        taps = self._filters.shape[1]
        reach = (len(buffer) - taps + 1) * self._up
        if reach <= self._next:
            self._buffer = buffer
            return np.zeros(0, np.float32)
        places = np.arange(self._next, reach, self._down)
        starts, phases = np.divmod(places, self._up)
        windows = sliding_window_view(buffer, taps)[starts]
        converted: Samples = np.einsum("ij,ij->i", windows, self._filters[phases])
        used, self._next = divmod(int(places[-1]) + self._down, self._up)
        kept = min(used, len(buffer))
        self._next += (used - kept) * self._up
        self._buffer = buffer[kept:]
        return converted


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """A whole sound at the new rate, without delay."""
    if from_hz == to_hz or not len(samples):
        return samples
    return np.asarray(soxr.resample(samples, from_hz, to_hz, quality="HQ"), dtype=np.float32)


def _polyphase_filters(up: int, half_samples: int, cutoff: float) -> NDArray[np.float32]:
    """A filter for every place p / up between two input samples; `cutoff` in halves of the input's rate.

    Row p weighs the inputs -(half_samples - 1) … half_samples around the output; every row sums to 1.
    """
    places = np.arange(up)[:, np.newaxis] / up
    distances = np.arange(-(half_samples - 1), half_samples + 1)[np.newaxis, :] - places
    window = np.i0(KAISER_BETA * np.sqrt(np.clip(1.0 - (distances / half_samples) ** 2, 0.0, None)))
    filters = np.sinc(distances * cutoff) * window
    normalized: NDArray[np.float32] = (filters / filters.sum(axis=1, keepdims=True)).astype(np.float32)
    return normalized
