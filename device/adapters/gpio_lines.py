"""Pins of the Linux GPIO character device as gpiozero's: for a Jetson Orin, for which gpiozero has no factory, and for
a Raspberry Pi where lgpio is not to be had (it has no wheel for Python 3.13).

The 40-pin header of a Jetson's developer kit is laid out like a Raspberry Pi's, so its pins go by the same BCM numbers:
"17" is pin 11 on both. Which line of which controller stands behind one is looked up by the line's name.

Source of the line maps: NVIDIA's Jetson.GPIO (lib/python/Jetson/GPIO/gpio_pin_data.py, tables for the Orin NX and Orin
Nano, and for the AGX Orin), whose columns are line, name, controller, header pin and BCM number; the names are those of
the kernel's drivers/gpio/gpio-tegra186.c (port and number). What is no GPIO there after a default boot (I2C, UART) is
left out.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import gpiod
from gpiod.line import Bias, Direction, Edge, Value
from gpiozero.exc import BadPinFactory, PinInvalidFunction, PinInvalidPin, PinInvalidPull, PinSetInput
from gpiozero.pins.pi import PiFactory, PiPin

from device.adapters.poll_thread import PollThread

_ORIN_NANO = {
    4: "PAC.06", 17: "PR.04", 18: "PH.07", 27: "PY.00", 22: "PN.01", 23: "PY.04", 24: "PY.03", 10: "PZ.05",
    9: "PZ.04", 25: "PY.01", 11: "PZ.03", 8: "PZ.06", 7: "PZ.07", 5: "PQ.05", 6: "PQ.06", 12: "PG.06", 13: "PH.00",
    19: "PI.02", 16: "PR.05", 26: "PY.02", 20: "PI.01", 21: "PI.00",
}  # fmt: skip
_AGX_ORIN = {
    4: "PQ.06", 17: "PR.04", 18: "PH.07", 27: "PR.00", 22: "PN.01", 23: "PBB.01", 24: "PH.00", 10: "PZ.05",
    9: "PZ.04", 25: "PP.04", 11: "PZ.03", 8: "PZ.06", 7: "PZ.07", 5: "PAA.01", 6: "PAA.00", 12: "PBB.00",
    13: "PAA.02", 19: "PI.02", 16: "PR.05", 26: "PAA.03", 20: "PI.01", 21: "PI.00",
}  # fmt: skip

JETSON_LINES: Mapping[str, Mapping[int, str]] = MappingProxyType({"p3767": _ORIN_NANO, "p3701": _AGX_ORIN})
"""The lines' names by BCM number, by the module's part number as it stands in the device tree: p3767 is the Orin NX and
the Orin Nano, p3701 the AGX Orin.
"""

_LIKE_A_PI = 0xA02082
"""The revision of a Raspberry Pi whose header has 40 pins: gpiozero takes the pins' names and places from it."""

PI_CONTROLLERS = ("pinctrl-bcm2711", "pinctrl-bcm2835", "pinctrl-rp1")
"""The labels of the controllers behind a Raspberry Pi's header, whose lines are numbered as the pins are (BCM): the
kernel's drivers/pinctrl/bcm/pinctrl-bcm2835.c and drivers/pinctrl/pinctrl-rp1.c. What number /dev gives them varies.
"""

CONSUMER = "device"


def jetson_lines(compatible: Iterable[str]) -> Mapping[int, str] | None:
    """The line map of the board whose device tree says `compatible`, such as "nvidia,p3768-0000+p3767-0005"."""
    for name in compatible:
        for module, lines in JETSON_LINES.items():
            if name.startswith("nvidia,") and module in name:
                return lines
    return None


class LineFactory(PiFactory):  # type: ignore[misc]
    """gpiozero's pins on lines of the character device, named like a Raspberry Pi's."""

    def __init__(self, lines: Mapping[int, str], *, chips: Iterable[Path] | None = None) -> None:
        """`lines` are the lines' names by BCM number; they are looked for on `chips`, on all without."""
        super().__init__()
        self.pin_class = LinePin
        self._lines = lines
        self._chips = sorted(Path("/dev").glob("gpiochip*")) if chips is None else list(chips)
        self._watch: PollThread | None = None

    def close(self) -> None:
        """Let go of every line."""
        for pin in list(self.pins.values()):
            pin.close()
        self.pins.clear()
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        super().close()

    @staticmethod
    def ticks() -> float:
        """Seconds of the clock by which edges are told."""
        return time.monotonic()

    @staticmethod
    def ticks_diff(later: float, earlier: float) -> float:
        """Seconds between two of them."""
        return later - earlier

    def _get_revision(self) -> int:
        return _LIKE_A_PI

    def find(self, bcm: int) -> tuple[Path, int]:
        """The controller and the line of a pin. Raises PinInvalidPin if the board has none, OSError."""
        name = self._lines.get(bcm)
        if name is None:
            raise PinInvalidPin(f"GPIO{bcm} of this board's header is no line that can be used")
        refused: OSError | None = None
        for path in self._chips:
            try:
                with gpiod.Chip(str(path)) as chip:
                    return path, chip.line_offset_from_id(name)
            except PermissionError as error:
                refused = error
            except OSError:
                continue  # a controller without a line of that name
        if refused is not None:
            raise refused
        raise PinInvalidPin(f"no GPIO controller has the line {name} of GPIO{bcm}")

    def watch(self, fd: int, ready: Callable[[], None]) -> None:
        """Call `ready` on the factory's thread whenever `fd` has something to read."""
        if self._watch is None:
            self._watch = PollThread()
        self._watch.add(fd, ready)

    def unwatch(self, fd: int) -> None:
        """No longer; when it returns, `ready` is not running and will not be called, unless it is the caller."""
        if self._watch is not None:
            self._watch.remove(fd)


class PiLineFactory(LineFactory):
    """The same on a Raspberry Pi, whose lines' names are its device tree's, and go by their numbers therefore."""

    def __init__(self, *, chips: Iterable[Path] | None = None) -> None:
        """Find the header's controller. Raises BadPinFactory if there is none, OSError if it may not be used."""
        super().__init__({}, chips=chips)
        self._controller = self._find_controller()

    def find(self, bcm: int) -> tuple[Path, int]:
        """The controller and the line of a pin."""
        return self._controller, bcm

    def _find_controller(self) -> Path:
        refused: OSError | None = None
        for path in self._chips:
            try:
                with gpiod.Chip(str(path)) as chip:
                    if chip.get_info().label in PI_CONTROLLERS:
                        return path
            except OSError as error:
                refused = error
        raise refused or BadPinFactory("the controller of a Raspberry Pi's header was not found")


class LinePin(PiPin):  # type: ignore[misc]
    """One line, which is this process's alone from its making to its closing."""

    _PULLS: Mapping[str, Bias] = MappingProxyType(
        {"up": Bias.PULL_UP, "down": Bias.PULL_DOWN, "floating": Bias.DISABLED}
    )

    def __init__(self, factory: LineFactory, info: Any) -> None:
        super().__init__(factory, info)
        self._function = "input"
        self._pull = "floating"
        self._edges: Edge | None = None
        chip, self._offset = factory.find(self._number)
        self._request: Any = gpiod.request_lines(
            str(chip), {self._offset: gpiod.LineSettings(direction=Direction.INPUT)}, CONSUMER
        )

    def close(self) -> None:
        """Let go of the line, which becomes an input."""
        if self._request is None:
            return
        self.when_changed = None
        if self._function == "output":
            self.function = "input"
        self._request.release()
        self._request = None
        self.factory.pins.pop(self.info, None)

    def _configure(self) -> None:
        if self._function == "output":
            settings = gpiod.LineSettings(direction=Direction.OUTPUT, output_value=_value(on=self._level))
        else:
            edges = self._edges or Edge.NONE
            settings = gpiod.LineSettings(direction=Direction.INPUT, bias=self._PULLS[self._pull], edge_detection=edges)
        self._request.reconfigure_lines({self._offset: settings})

    _level = False
    """What an output was told last."""

    def output_with_state(self, state: float) -> None:
        """Become an output that has this level from the beginning."""
        self._level = bool(state)
        self.function = "output"

    def _get_function(self) -> str:
        return self._function

    def _set_function(self, value: str) -> None:
        if value not in ("input", "output"):
            raise PinInvalidFunction(f'invalid function "{value}" for pin {self!r}')
        self._function = value
        self._configure()

    def _get_state(self) -> float:
        return int(self._request.get_value(self._offset) is Value.ACTIVE)

    def _set_state(self, value: float) -> None:
        if self._function != "output":
            raise PinSetInput(f"cannot set state of pin {self!r}")
        self._level = bool(value)
        self._request.set_value(self._offset, _value(on=self._level))

    def _get_pull(self) -> str:
        return self._pull

    def _set_pull(self, value: str) -> None:
        if value not in self._PULLS:
            raise PinInvalidPull(f'invalid pull "{value}" for pin {self!r}')
        self._pull = value
        self._configure()

    def _get_edges(self) -> str:
        return "both"

    def _set_edges(self, value: str) -> None:
        del value  # both are told; gpiozero takes its pick

    def _enable_event_detect(self) -> None:
        self._edges = Edge.BOTH
        self._configure()
        self.factory.watch(self._request.fd, self._read_edges)

    def _disable_event_detect(self) -> None:
        self.factory.unwatch(self._request.fd)
        self._edges = None
        self._configure()

    def _read_edges(self) -> None:
        for event in self._request.read_edge_events():
            closed = event.event_type is event.Type.RISING_EDGE
            self._call_when_changed(event.timestamp_ns / 1e9, int(closed))


def _value(*, on: bool) -> Value:
    return Value.ACTIVE if on else Value.INACTIVE
