"""Strips of APA102 LEDs over SPI, such as the three of the ReSpeaker 2-Mic HAT; they need a clock and a data line only.

The frame is that of the APA102 data sheet: 32 zero bits; for each LED three one bits, five bits of current, and a byte
each of blue, green and red; at the end zero bits, half a clock for every LED and 32 more for the SK9822, its twin. It
is written to Linux's spidev (Documentation/spi/spidev.rst); speed and mode are set by ioctl (include/uapi/linux/spi).
"""

import fcntl
import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from device.adapters.gpio_factory import reason
from device.core.indication import DARK, Colour, Lamp
from device.errors import BoardError

CURRENT = 8
"""Of 31: a quarter of the LED's full current, which is dazzling and three watts for a dozen of them."""

SPEED_HZ = 1_000_000

_SET_MODE = 0x40016B01
_SET_SPEED_HZ = 0x40046B04


def encoded(lights: Sequence[Colour]) -> bytes:
    """What is sent to a strip that is to show these lights."""
    leds = b"".join(bytes((0xE0 | CURRENT, _byte(led.blue), _byte(led.green), _byte(led.red))) for led in lights)
    return bytes(4) + leds + bytes(4 + (len(lights) + 15) // 16)


class Apa102Light:
    """`device.ports.Light` of a strip."""

    def __init__(self, fd: int, lamp: Lamp, name: str = "") -> None:
        self.lamp = lamp
        self._fd = fd
        self._name = name
        self._shown = b""

    @classmethod
    def open(cls, bus: Path, lamp: Lamp) -> Self:
        """The strip on an SPI bus such as /dev/spidev0.0. Raises BoardError."""
        try:
            fd = os.open(bus, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise BoardError(
                f"The LED strip needs the SPI bus {bus} (key board.led_bus), which is not there: switch SPI on "
                "(raspi-config, or jetson-io on a Jetson) or name another."
            ) from error
        except OSError as error:
            raise BoardError(f"The SPI bus {bus} (key board.led_bus) cannot be opened: {reason(error)}.") from error
        try:
            fcntl.ioctl(fd, _SET_MODE, struct.pack("B", 0))
            fcntl.ioctl(fd, _SET_SPEED_HZ, struct.pack("I", SPEED_HZ))
        except OSError as error:
            os.close(fd)
            raise BoardError(f"{bus} (key board.led_bus) is no SPI bus: name one such as /dev/spidev0.0.") from error
        return cls(fd, lamp, str(bus))

    def use(self, lamp: Lamp) -> bool:
        """Another brightness and other colours."""
        self.lamp = lamp
        return True

    def show(self, lights: Sequence[Colour]) -> None:
        """Light up; a tenth of a millisecond for a dozen LEDs. Raises BoardError."""
        frame = encoded(lights)
        if frame == self._shown:
            return
        try:
            os.write(self._fd, frame)
        except OSError as error:
            raise BoardError(f"The LED strip on {self._name} no longer answers: {reason(error)}.") from error
        self._shown = frame

    def close(self) -> None:
        """Go dark and let go of the bus."""
        if self._fd < 0:
            return
        with suppress(OSError):  # it may be gone, and its light with it
            os.write(self._fd, encoded([DARK] * self.lamp.leds))
        os.close(self._fd)
        self._fd = -1


def _byte(level: float) -> int:
    return round(255 * min(max(level, 0.0), 1.0))
