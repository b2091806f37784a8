"""The whole board as the configuration describes it: buttons, a light, and pins that tools switch, from one factory.

A part that cannot be used is reported in one sentence and left out: the voice goes on without it.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypeVar

from device.adapters.gpio_apa102 import Apa102Light
from device.adapters.gpio_factory import Factory, Found, failures, find_board, open_factory, reason
from device.adapters.gpio_lights import PinLight
from device.adapters.gpio_outputs import GpioOutputs
from device.config_board import Board
from device.errors import BoardError
from device.ports import Light

log = logging.getLogger(__name__)

T = TypeVar("T")

Told = Callable[[str, bool], None]
"""`told(button, closed)`: a button's contact closed or opened; called on a thread of the board's."""


class GpioBoard:
    """`device.ports.Board`."""

    def __init__(
        self,
        name: str,
        *,
        buttons: Mapping[str, Any] = MappingProxyType({}),
        light: Light | None = None,
        outputs: GpioOutputs | None = None,
        factory: Factory = None,
    ) -> None:
        self.name = name
        self.light = light
        self.outputs = outputs
        self._buttons = dict(buttons)
        self._factory = factory

    @classmethod
    def open(
        cls,
        options: Board,
        *,
        factory: Factory = None,
        found: Found | None = None,
        on_failure: Callable[[BoardError], None] = lambda failure: log.error("%s", failure),
    ) -> Self:
        """Take what the options name; `factory` is gpiozero's, None for that of the board that is there."""
        found = found or find_board()
        kind = found.kind if options.kind == "auto" else options.kind
        name = found.model or {"none": "no board", "mock": "pins in memory"}.get(kind, kind)
        if kind == "none" and options.kind == "none":
            return cls(name)
        opening = _Opening(options, on_failure)
        wants_pins = bool(opening.button_pins or options.outputs or options.led in ("plain", "rgb"))
        if wants_pins and factory is None:
            factory = opening.attempt(lambda: open_factory(options.kind, found))
        light = opening.light(factory)
        if factory is None:
            return cls(name, light=light)
        return cls(
            name, buttons=opening.buttons(factory), light=light, outputs=opening.outputs(factory), factory=factory
        )

    @property
    def buttons(self) -> tuple[str, ...]:
        """Those that can be used, by name."""
        return tuple(self._buttons)

    def watch(self, told: Told) -> None:
        """Tell of every edge of every button from now on, and of a button that is pressed already."""
        for name, device in self._buttons.items():
            device.when_activated, device.when_deactivated = (partial(told, name, closed) for closed in (True, False))
            if device.is_active:
                log.warning("The %s is pressed from the start: check its wiring", name.replace("_", " "))

    def press(self, name: str, *, closed: bool) -> None:
        """Close or open a button's contact on a board that has its pins in memory. Raises BoardError on any other."""
        device = self._buttons.get(name)
        if device is None:
            known = ", ".join(self._buttons) or "none"
            raise BoardError(f'There is no button called "{name}": the buttons are {known}.')
        if not hasattr(device.pin, "drive_low"):
            raise BoardError(f"The {name} of this board is a real one: press it, or set board.kind to mock.")
        to_ground = device.pull_up
        (device.pin.drive_low if closed == to_ground else device.pin.drive_high)()

    def close(self) -> None:
        """Go dark, switch everything off and let go of the pins."""
        for device in self._buttons.values():
            device.close()
        self._buttons.clear()
        if self.light is not None:
            self.light.close()
        if self.outputs is not None:
            self.outputs.close()
        if self._factory is not None:
            self._factory.close()
            self._factory = None


class _Opening:
    """The parts, each opened or reported."""

    def __init__(self, options: Board, on_failure: Callable[[BoardError], None]) -> None:
        self._options = options
        self._on_failure = on_failure
        self.button_pins = {
            name: pin for name, pin in (("button", options.button), ("second_button", options.second_button)) if pin
        }

    def attempt(self, make: Callable[..., T], *arguments: Any) -> T | None:
        try:
            return make(*arguments)
        except BoardError as failure:
            self._on_failure(failure)
            return None

    def buttons(self, factory: Factory) -> dict[str, Any]:
        opened = {name: self.attempt(self._button, name, pin, factory) for name, pin in self.button_pins.items()}
        return {name: device for name, device in opened.items() if device is not None}

    def _button(self, name: str, pin: int, factory: Factory) -> Any:
        import gpiozero

        try:
            return gpiozero.DigitalInputDevice(pin, pull_up=self._options.buttons_to == "ground", pin_factory=factory)
        except failures() as error:
            raise BoardError(
                f"Pin {pin} cannot be used for the {name.replace('_', ' ')} (key board.{name}): {reason(error)}; "
                "choose another or free it."
            ) from error

    def light(self, factory: Factory) -> Light | None:
        options = self._options
        if options.led == "strip":
            return self.attempt(Apa102Light.open, Path(options.led_bus), options.lamp())
        if options.led == "none" or factory is None:
            return None
        return self.attempt(
            partial(PinLight.open, active_high=options.led_to == "ground"), options.led_pins, factory, options.lamp()
        )

    def outputs(self, factory: Factory) -> GpioOutputs | None:
        if not self._options.outputs:
            return None
        return GpioOutputs.open(self._options.outputs, pin_factory=factory, on_failure=self._on_failure)
