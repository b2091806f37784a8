"""The 40-pin header, which a Raspberry Pi and a Jetson Orin share: what each pin is, by its place.

Source: Raspberry Pi's GPIO documentation (BCM numbers), and the same places on a Jetson (device.adapters.gpio_lines).
Pin 1 is next to the board's corner; odd pins are in one column, even ones in the other.
"""

from collections.abc import Mapping
from types import MappingProxyType

SUPPLY, FIVE_VOLTS, GROUND = "3.3 V", "5 V", "ground"

PINS: Mapping[int, str | int] = MappingProxyType(
    {
        1: SUPPLY, 2: FIVE_VOLTS, 3: 2, 4: FIVE_VOLTS, 5: 3, 6: GROUND, 7: 4, 8: 14, 9: GROUND, 10: 15,
        11: 17, 12: 18, 13: 27, 14: GROUND, 15: 22, 16: 23, 17: SUPPLY, 18: 24, 19: 10, 20: GROUND,
        21: 9, 22: 25, 23: 11, 24: 8, 25: GROUND, 26: 7, 27: 0, 28: 1, 29: 5, 30: GROUND,
        31: 6, 32: 12, 33: 13, 34: GROUND, 35: 19, 36: 16, 37: 26, 38: 20, 39: GROUND, 40: 21,
    }
)  # fmt: skip
"""The BCM number of each pin by its place, or what else it is."""

SPI_DATA, SPI_CLOCK = 10, 11
"""The BCM numbers of the SPI bus that a strip is on."""


def place(bcm: int) -> int:
    """Where on the header a BCM number is. Raises KeyError if it is not on it."""
    for where, what in PINS.items():
        if what == bcm and isinstance(what, int):
            return where
    raise KeyError(bcm)


def nearest(what: str, to: int, taken: frozenset[int] = frozenset()) -> int:
    """The place of the nearest pin of this kind that is not taken, on the same side of the header if one is."""
    places = [where for where, kind in PINS.items() if kind == what and where not in taken]
    return min(places, key=lambda where: (where % 2 != to % 2, abs(where - to)))
