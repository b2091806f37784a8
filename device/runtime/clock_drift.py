"""How much faster one clock is than the other, where loudspeaker and microphone have one each, as two USB devices have.

An adaptive filter follows an echo that comes a little later with every frame, but always lags behind, and after a pause
it is off by all that went by meanwhile. Here the slope of the phase by which the filter changes tells how fast the echo
moves, and the filter is moved as far by itself: the transition of its state, so to speak.
"""

import numpy as np
from numpy.typing import NDArray

from device.ports import RECOGNITION_HZ

SEEN_HZ = (200, 4000)
"""In these bands speech is strong enough to show it."""

BELIEVED_SHARE = 0.3
MOST_STEP = 20e-6
"""So much of a newly seen movement is believed, and no more than that at once: a voice moves nothing for long."""

MOST = 300e-6
"""No clock is further off."""

LEAST_SAMPLES = 0.05
"""The filter is moved by so much at once: moving it costs as much as everything else that is done in a frame."""

_Complex = NDArray[np.complex64]


class ClockDrift:
    """For filters of spectra, shape (partitions, bins), that are 2 × `frame_samples` long."""

    def __init__(self, frame_samples: int) -> None:
        self._frame_samples = frame_samples
        first, last = (hz * 2 * frame_samples // RECOGNITION_HZ for hz in SEEN_HZ)
        self._seen = slice(first, last)
        self._turns = (np.pi / frame_samples * np.arange(frame_samples + 1)).astype(np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget the clocks."""
        self.share = 0.0
        """By this share the loudspeaker's clock seems to be slower: so much later the echo gets in the same time."""
        self._frames = 0
        self._moved = self._movable = 0.0

    def tick(self) -> None:
        """A frame went by."""
        self._frames += 1

    def move(self, weights: _Complex) -> None:
        """Let the echo be as much later as it has become since the last time: all partitions as one response, since
        what leaves one of them enters the next.
        """
        samples = self.share * self._frame_samples * self._frames
        if abs(samples) < LEAST_SAMPLES:
            return
        self._frames = 0
        response = np.fft.irfft(weights, axis=1)[:, : self._frame_samples]
        size = 1 << (response.size + self._frame_samples).bit_length()  # what leaves the last does not enter the first
        spectrum = np.fft.rfft(response.reshape(-1), size)
        spectrum *= np.exp(np.complex64(-2j * np.pi * samples / size) * np.arange(len(spectrum), dtype=np.float32))
        moved = np.fft.irfft(spectrum, size)[: response.size].reshape(response.shape)
        weights[:] = np.fft.rfft(moved, 2 * self._frame_samples, axis=1)

    def see(self, weights: _Complex, change: _Complex) -> None:
        """The filter is about to change so, while nothing else than the echo was heard."""
        turns, known = self._turns[self._seen], weights[:, self._seen]
        changed = (known.conj() * change[:, self._seen]).imag
        self._moved -= float((changed * turns).sum())
        self._movable += float(((known.real**2 + known.imag**2) * turns**2).sum())

    def believe(self) -> None:
        """Conclude from what was seen since the last time."""
        seen = self._moved / max(self._movable, 1e-12) / self._frame_samples
        self.share = _within(self.share + _within(BELIEVED_SHARE * seen, MOST_STEP), MOST)
        self._moved = self._movable = 0.0


def _within(share: float, most: float) -> float:
    return min(max(share, -most), most)
