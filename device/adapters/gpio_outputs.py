"""Pins that are switched by name, through gpiozero: a lamp's relay, a fan's transistor.

A pin that cannot be used is reported and left out: the voice goes on without it.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Self

from device.adapters.gpio_factory import failures, reason
from device.errors import BoardError, ToolError

log = logging.getLogger(__name__)


class GpioOutputs:
    """`device.toolkit.Outputs`; every output is off at first, and off again after `close`."""

    def __init__(self, devices: Mapping[str, Any]) -> None:
        """`devices` are gpiozero's output devices by their names."""
        self._devices = dict(devices)

    @classmethod
    def open(
        cls,
        pins: Mapping[str, int],
        *,
        pin_factory: Any = None,
        on_failure: Callable[[BoardError], None] = lambda failure: log.error("%s", failure),
    ) -> Self:
        """Take the `pins` (BCM numbers by their names); `pin_factory` is gpiozero's, None for the board's own."""
        devices = {}
        for name, pin in pins.items():
            try:
                devices[name] = _opened(name, pin, pin_factory)
            except BoardError as failure:
                on_failure(failure)
        return cls(devices)

    def names(self) -> tuple[str, ...]:
        """The outputs whose pins could be taken."""
        return tuple(self._devices)

    def switch(self, name: str, *, on: bool) -> None:
        """Switch one. Raises ToolError if there is none of that name, or if its pin no longer answers."""
        device = self._devices.get(name)
        if device is None:
            raise ToolError(f"There is nothing called {name} to switch.")
        try:
            device.on() if on else device.off()
        except failures() as error:
            log.warning("The output %s cannot be switched: %s", name, error)
            raise ToolError(f"The {name} cannot be switched: its pin does not answer.") from error

    def close(self) -> None:
        """Switch everything off and let go of the pins."""
        for device in self._devices.values():
            device.close()
        self._devices.clear()


def _opened(name: str, pin: int, pin_factory: Any) -> Any:
    """The output on a pin. Raises BoardError."""
    import gpiozero

    try:
        return gpiozero.OutputDevice(pin, initial_value=False, pin_factory=pin_factory)
    except failures() as error:
        raise BoardError(
            f"Pin {pin} cannot be used for {name} (key board.outputs): {reason(error)}; choose another or free it."
        ) from error
