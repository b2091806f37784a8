"""Whisper's log-mel features, in numpy.

Source: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", section 2.2: 80 mel bands
(Slaney's scale and normalization) of 25 ms windows every 10 ms at 16 kHz, log10, the range limited to 8 below the
maximum, then (x + 4) / 4.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from device.ports import RECOGNITION_HZ, Samples

WINDOW_SAMPLES, HOP_SAMPLES, BANDS = 400, 160, 80


def log_mel(samples: Samples) -> NDArray[np.float32]:
    """Features of 16 kHz samples: shape (80, len(samples) // 160)."""
    padded = np.pad(samples, WINDOW_SAMPLES // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::HOP_SAMPLES][
        : len(samples) // HOP_SAMPLES
    ]
    spectrum = np.fft.rfft(frames * _hann(), axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    decades = np.log10(np.maximum(mel_filters() @ power.T, 1e-10))
    features: NDArray[np.float32] = ((np.maximum(decades, decades.max() - 8.0) + 4.0) / 4.0).astype(np.float32)
    return features


@cache
def _hann() -> NDArray[np.float32]:
    return np.hanning(WINDOW_SAMPLES + 1)[:-1].astype(np.float32)


@cache
def mel_filters() -> NDArray[np.float32]:
    """Triangular filters of equal area from 0 Hz to 8 kHz: shape (80, 201)."""
    edges_hz = _hz(np.linspace(_mel(0.0), _mel(RECOGNITION_HZ / 2), BANDS + 2))
    bins_hz = np.linspace(0.0, RECOGNITION_HZ / 2, WINDOW_SAMPLES // 2 + 1)
    rising = (bins_hz[None, :] - edges_hz[:-2, None]) / (edges_hz[1:-1] - edges_hz[:-2])[:, None]
    falling = (edges_hz[2:, None] - bins_hz[None, :]) / (edges_hz[2:] - edges_hz[1:-1])[:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    filters: NDArray[np.float32] = (triangles * (2.0 / (edges_hz[2:] - edges_hz[:-2]))[:, None]).astype(np.float32)
    return filters


def _mel(hz: float) -> float:
    """Slaney's scale: linear up to 1 kHz, logarithmic above."""
    return hz * 3 / 200 if hz < 1000 else 15 + 27 * float(np.log(hz / 1000) / np.log(6.4))


def _hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))
