"""How loud sound is."""

import math

import numpy as np

from device.ports import Samples


def level_db(window: Samples) -> float:
    """The window's root mean square in dB of full scale."""
    return 10.0 * math.log10(float(np.dot(window, window)) / len(window) + 1e-12)
