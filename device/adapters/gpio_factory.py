"""Which board this is, gpiozero's factory for its pins, and what its failures mean to a person.

The board is known by its device tree (/proc/device-tree): its model, and what it says it is compatible with.
"""

import errno
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device.errors import BoardError

DEVICE_TREE = Path("/proc/device-tree")

KINDS = ("auto", "raspberry-pi", "jetson", "mock", "none")

Factory = Any
"""gpiozero's; it has no types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A board: its `kind` is one of KINDS but "auto"; `compatible` are its device tree's words."""

    kind: str
    model: str = ""
    compatible: tuple[str, ...] = ()


def find_board(device_tree: Path = DEVICE_TREE) -> Found:
    """Look what board this is; its kind is "none" if it is none that is known."""
    compatible = tuple(filter(None, _text(device_tree / "compatible").split("\0")))
    model = _text(device_tree / "model").strip("\0 ")
    if any(name.startswith("raspberrypi,") for name in compatible):
        kind = "raspberry-pi"
    elif any(name.startswith(("nvidia,tegra", "nvidia,p3")) for name in compatible):
        kind = "jetson"
    else:
        kind = "none"
    return Found(kind=kind, model=model, compatible=compatible)


def open_factory(kind: str, found: Found) -> Factory:
    """The pin factory of gpiozero for a board of this kind ("auto" for the one that was found). Raises BoardError."""
    kind = found.kind if kind == "auto" else kind
    try:
        if kind == "mock":
            from gpiozero.pins.mock import MockFactory, MockPWMPin

            return MockFactory(pin_class=MockPWMPin)
        if kind == "raspberry-pi":
            return _raspberry_pi()
        if kind == "jetson":
            return _jetson(found)
    except ImportError as error:
        raise BoardError(f"The pins cannot be used: the package {error.name} is missing; run scripts/setup.") from error
    except failures() as error:
        raise BoardError(f"The pins of this {found.model or kind} cannot be used: {reason(error)}.") from error
    raise BoardError("This computer has no pins that are known (key board.kind): choose mock for pins in memory.")


def _raspberry_pi() -> Factory:
    # lgpio makes a named pipe in its working directory, which the service may not write to.
    os.environ.setdefault("LG_WD", os.environ.get("RUNTIME_DIRECTORY") or tempfile.gettempdir())
    try:
        from gpiozero.pins.lgpio import LGPIOFactory
    except ImportError:
        from device.adapters.gpio_lines import PiLineFactory

        return PiLineFactory()
    return LGPIOFactory()


def _jetson(found: Found) -> Factory:
    from device.adapters.gpio_lines import LineFactory, jetson_lines

    lines = jetson_lines(found.compatible)
    if lines is None:
        raise BoardError(f"The header of this {found.model or 'Jetson'} is not known: use an Orin Nano, NX or AGX.")
    return LineFactory(lines)


def failures() -> tuple[type[Exception], ...]:
    """What gpiozero and the libraries below it raise."""
    import gpiozero

    below: tuple[type[Exception], ...] = (OSError, RuntimeError)
    try:
        import lgpio
    except ImportError:
        return gpiozero.GPIOZeroError, *below
    return gpiozero.GPIOZeroError, lgpio.error, *below


def reason(error: Exception) -> str:
    """A failure as a part of a sentence."""
    if isinstance(error, OSError) and error.errno == errno.EBUSY:
        return "another program has it"
    if isinstance(error, PermissionError):
        return "this user may not (it must be in the group gpio)"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
