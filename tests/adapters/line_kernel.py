"""The kernel's side of the GPIO character device, as far as `gpiod` shows it: lines that the test drives."""

import errno
import os
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Self

from gpiod.line import Bias, Direction, Edge, Value


@dataclass
class Line:
    name: str
    level: bool = False
    settings: Any = None
    request: "Request | None" = None
    history: list[bool] = field(default_factory=list)

    def drive(self, level: bool) -> None:
        """From outside, as a button does."""
        changed, self.level = self.level != level, level
        if changed and self.request is not None and self.settings.edge_detection is Edge.BOTH:
            self.request.tell(level)


class Request:
    """`gpiod.LineRequest` of one line."""

    def __init__(self, line: Line, settings: Any) -> None:
        self._line = line
        self.fd, self._write = os.pipe()
        line.request = self
        self.reconfigure_lines({0: settings})

    def reconfigure_lines(self, config: dict[int, Any]) -> None:
        line = self._line
        (line.settings,) = config.values()
        if line.settings.direction is Direction.OUTPUT:
            self.set_value(0, line.settings.output_value)
        elif line.settings.bias in (Bias.PULL_UP, Bias.PULL_DOWN):
            line.level = line.settings.bias is Bias.PULL_UP

    def get_value(self, offset: int) -> Value:
        return Value.ACTIVE if self._line.level else Value.INACTIVE

    def set_value(self, offset: int, value: Value) -> None:
        self._line.level = value is Value.ACTIVE
        self._line.history.append(self._line.level)

    def tell(self, rising: bool) -> None:
        os.write(self._write, b"\1" if rising else b"\0")

    def read_edge_events(self) -> list[Any]:
        kinds = SimpleNamespace(RISING_EDGE="rising", FALLING_EDGE="falling")
        return [
            SimpleNamespace(Type=kinds, event_type="rising" if byte else "falling", timestamp_ns=0)
            for byte in os.read(self.fd, 64)
        ]

    def release(self) -> None:
        self._line.request = None
        os.close(self.fd)
        os.close(self._write)


class Kernel:
    """Controllers by their paths, each with its lines by their names; takes the place of the functions of `gpiod`."""

    def __init__(self, chips: dict[str, list[str]]) -> None:
        self.chips = {path: [Line(name) for name in names] for path, names in chips.items()}
        self.denied: set[str] = set()
        self.labels: dict[str, str] = {}

    def line(self, name: str) -> Line:
        return next(line for lines in self.chips.values() for line in lines if line.name == name)

    def chip(self, path: str) -> Any:
        if path in self.denied:
            raise PermissionError(errno.EACCES, "Permission denied")
        if path not in self.chips:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        return _Chip(self.chips[path], self.labels.get(path, ""))

    def request_lines(self, path: str, config: dict[int, Any], consumer: str) -> Request:
        ((offset, settings),) = config.items()
        line = self.chips[path][offset]
        if line.request is not None:
            raise OSError(errno.EBUSY, "Device or resource busy")
        return Request(line, settings)


class _Chip:
    def __init__(self, lines: list[Line], label: str) -> None:
        self._lines, self._label = lines, label

    def get_info(self) -> Any:
        return SimpleNamespace(label=self._label)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def line_offset_from_id(self, name: str) -> int:
        for offset, line in enumerate(self._lines):
            if line.name == name:
                return offset
        raise OSError(errno.ENOENT, "no such line")
