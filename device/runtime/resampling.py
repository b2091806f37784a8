"""Sample-rate conversion with soxr: streaming for the microphone, at once for a piece of speech."""

import numpy as np
import soxr

from device.ports import Samples


class StreamResampler:
    """Converts a stream block by block; what it returns lags a few milliseconds behind."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._stream = None if from_hz == to_hz else soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="MQ")

    def process(self, samples: Samples) -> Samples:
        """The next samples at the new rate."""
        if self._stream is None:
            return samples
        converted: Samples = self._stream.resample_chunk(samples)
        return converted


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """A whole sound at the new rate."""
    if from_hz == to_hz or not len(samples):
        return samples
    return np.asarray(soxr.resample(samples, from_hz, to_hz, quality="HQ"), dtype=np.float32)
