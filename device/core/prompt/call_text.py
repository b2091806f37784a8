"""A tool call as JSON text: where it ends, and what it says.

The rule it owns: a call is an object with a known tool's name and an object of arguments that can be kept on disk and
given to a tool as it is; anything else is no call.
"""

import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

_DEEPEST = 16
_LARGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Where an object ended: `closed` properly or broken off; a `hopeless` one makes the rest unreadable."""

    length: int
    closed: bool = False
    hopeless: bool = False


class JsonScan:
    """Finds the end of an object that begins at the text's start, looking at every character once."""

    def __init__(self) -> None:
        self._at = 0
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def end(self, text: str, most_characters: int) -> End | None:
        """Where the object ends in `text`, which must continue the text of the last call; None if it does not yet."""
        while self._at < min(len(text), most_characters):
            character = text[self._at]
            if self._in_string:
                self._in_string = self._escaped or character != '"'
                self._escaped = character == "\\" and not self._escaped
            elif character == "<":
                return End(length=self._at)
            elif character == '"':
                self._in_string = True
            elif character in "{[":
                self._depth += 1
                if self._depth > _DEEPEST:
                    return End(length=self._at, hopeless=True)
            elif character in "}]":
                self._depth -= 1
                if not self._depth:
                    return End(length=self._at + 1, closed=True)
            self._at += 1
        return End(length=self._at, hopeless=True) if self._at >= most_characters else None


def read_call(text: str, tool_names: Collection[str]) -> tuple[str, dict[str, Any]] | None:
    """The tool's name and the arguments, None if `text` is not a call of one of the tools."""
    try:
        found = json.loads(text, strict=False, parse_constant=_refuse, parse_float=_finite, parse_int=_bounded)
        json.dumps(found, ensure_ascii=False).encode()  # lone surrogates could not be kept
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    name = found.get("name")
    arguments = found.get("arguments", found.get("parameters", {}))
    if not isinstance(name, str) or name not in tool_names or not isinstance(arguments, dict):
        return None
    return name, arguments


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("the number is too large")
    return value


def _bounded(text: str) -> int:
    value = int(text)
    if abs(value) > _LARGEST_INTEGER:
        raise ValueError("the number is too large")
    return value
