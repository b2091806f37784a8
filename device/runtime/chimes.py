"""Earcons as sound: soft notes, made here, that no voice detector takes for a voice."""

import numpy as np

from device.core.earcons import Earcon
from device.ports import Samples

NOTE_SECONDS = 0.07
EDGE_SECONDS = 0.012
"""Notes swell and fade in this, so that they do not click."""

OCTAVE_SHARE = 0.25
"""How loud the octave above is beside each note."""


def chime(earcon: Earcon, *, volume: float, rate_hz: int) -> Samples:
    """The earcon at a peak of `volume` (0 to 1); mono."""
    at = np.arange(round(NOTE_SECONDS * rate_hz)) / rate_hz
    edge = np.minimum(1.0, np.minimum(at, at[::-1]) / EDGE_SECONDS)
    envelope = np.sin(np.pi / 2 * edge) ** 2
    notes = [np.sin(2 * np.pi * hz * at) + OCTAVE_SHARE * np.sin(4 * np.pi * hz * at) for hz in earcon.value]
    sound: Samples = np.concatenate([note * envelope for note in notes]).astype(np.float32)
    peak = float(np.abs(sound).max())
    return sound * np.float32(volume / peak)
