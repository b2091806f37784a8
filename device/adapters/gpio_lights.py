"""Lights on pins, through gpiozero: one plain LED, or an RGB LED.

A LED that is only ever fully on or off needs no pulse-width modulation, which on these boards costs a thread that wakes
the processor hundreds of times a second; so it is used only where the brightness or a colour asks for it.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Self

from device.adapters.gpio_factory import Factory, failures, reason
from device.core.indication import PATTERNS, Colour, Indication, Lamp
from device.errors import BoardError

log = logging.getLogger(__name__)

_WHITE = MappingProxyType({shown: Colour(red=1.0, green=1.0, blue=1.0) for shown in Indication})


class PinLight:
    """`device.ports.Light` of one LED: of one pin, or of three for red, green and blue."""

    def __init__(self, lamp: Lamp) -> None:
        self.lamp = lamp
        self._smooth = False
        self._channels: list[Any] = []
        self._levels: list[float | None] = []

    @classmethod
    def open(cls, pins: Sequence[int], factory: Factory, lamp: Lamp, *, active_high: bool = True) -> Self:
        """A plain LED on one pin, or an RGB LED on three. Raises BoardError."""
        light = cls(_own_colours(lamp, pins=len(pins)))
        light._smooth = _is_smooth(light.lamp)
        try:
            for pin in pins:
                light.add(_channel(pin, factory, smooth=light._smooth, active_high=active_high))
        except BoardError:
            light.close()
            raise
        return light

    def add(self, channel: Any) -> None:
        """One more of gpiozero's output devices."""
        self._channels.append(channel)
        self._levels.append(None)

    def use(self, lamp: Lamp) -> bool:
        """Another brightness and other colours; a LED that is only switched cannot be dimmed without a restart."""
        lamp = _own_colours(lamp, pins=len(self._channels))
        if _is_smooth(lamp) and not self._smooth:
            return False
        self.lamp = lamp
        return True

    def show(self, lights: Sequence[Colour]) -> None:
        """Light up. Raises BoardError."""
        light = lights[0]
        wanted = (light.red, light.green, light.blue) if len(self._channels) == 3 else (light.red,)
        try:
            for number, (channel, level) in enumerate(zip(self._channels, wanted, strict=True)):
                if level != self._levels[number]:
                    channel.value = level
                    self._levels[number] = level
        except failures() as error:
            raise BoardError(f"The LED no longer answers: {reason(error)}.") from error

    def close(self) -> None:
        """Go dark and let go of the pins."""
        for channel in self._channels:
            with suppress(*failures()):  # it may be what broke
                channel.value = 0.0
            channel.close()
        self._channels.clear()
        self._levels.clear()


def _own_colours(lamp: Lamp, *, pins: int) -> Lamp:
    """A plain LED has but one colour."""
    return replace(lamp, colours=_WHITE) if pins == 1 else lamp


def _is_smooth(lamp: Lamp) -> bool:
    """Whether any level is neither fully on nor off."""
    return not all(level in (0.0, 1.0) for level in _levels(lamp))


def _levels(lamp: Lamp) -> set[float]:
    """Every level that a channel may have."""
    found = {0.0}
    for shown, pattern in PATTERNS.items():
        colour = (lamp.colours.get(shown) or Colour.parse(pattern.colour)).scaled(lamp.brightness)
        found |= {colour.red, colour.green, colour.blue}
    return found


def _channel(pin: int, factory: Factory, *, smooth: bool, active_high: bool) -> Any:
    """One pin as an output. Raises BoardError."""
    import gpiozero

    options = {"pin_factory": factory, "active_high": active_high}
    try:
        if smooth:
            try:
                return gpiozero.PWMLED(pin, **options)
            except gpiozero.PinPWMUnsupported:
                log.warning("Pin %d cannot be dimmed on this board: its LED is only switched on and off", pin)
                return _Switched(gpiozero.LED(pin, **options))
        return gpiozero.LED(pin, **options)
    except failures() as error:
        raise BoardError(
            f"Pin {pin} cannot be used for the LED (key board.led_pins): {reason(error)}; choose another or free it."
        ) from error


class _Switched:
    """A LED that is on as soon as it should be at all bright."""

    def __init__(self, led: Any) -> None:
        self._led = led

    @property
    def value(self) -> float:
        return float(self._led.value)

    @value.setter
    def value(self, level: float) -> None:
        self._led.value = float(level > 0.0)

    def close(self) -> None:
        self._led.close()
