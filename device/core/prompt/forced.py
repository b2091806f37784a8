"""What a call must go on with, where its form leaves no choice: the model need not be asked for that.

A small model's call is mostly form. In `{"name": "get_time", "arguments": {}}` it decides that it calls, and what; all
else follows, and what follows can be carried out before the model has read it.

The rule it owns: text is forced only up to where the usual tokens of every continuation part, so that what the model
then reads of itself is what it would have written.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from device.core.prompt.grammar import call_opening
from device.core.prompt.messages import ToolSpec

_NAME = '{"name": "'
_END = "}}"
_JOINED = re.compile(r'(?<=:) \{?\Z|(?<!: )"\Z')
"""What may make one token with what comes next: a blank, a brace, a closing quotation mark."""


@dataclass(frozen=True, slots=True)
class _Argument:
    """An argument as it is written: its `key` with colon and blank, and the texts that may follow, if nothing else may:
    any (an empty tuple), or one of a few; None for other kinds of values.
    """

    key: str
    required: bool
    texts: tuple[str, ...] | None


class Forms:
    """The forms of the calls of some tools."""

    def __init__(self, tools: Sequence[ToolSpec], style: str) -> None:
        """`style` is the renderer's name, as for `device.core.prompt.grammar.grammar_for`."""
        self._arguments = {call_opening(tool.name, style) + "{": _arguments(tool.parameters) for tool in tools}

    def after(self, written: str) -> str:
        """What must follow the `written` beginning of a call; nothing where there is a choice, or if it is whole."""
        text = written
        while more := self._next(text):
            text += more
        forced = text[len(written) :]
        return forced if text.endswith(_END) else _JOINED.sub("", forced)

    def _next(self, written: str) -> str:
        if len(written) < len(_NAME):
            return _rest_of_only([_NAME] if _NAME.startswith(written) else [], written)
        opening = next((opening for opening in self._arguments if written.startswith(opening)), None)
        if opening is None:
            return _rest_of_only([opening for opening in self._arguments if opening.startswith(written)], written)
        return _after(self._arguments[opening], written[len(opening) :])


def _arguments(schema: Mapping[str, Any]) -> tuple[_Argument, ...]:
    required = schema.get("required", ())
    return tuple(
        _Argument(json.dumps(name, ensure_ascii=False) + ": ", required=name in required, texts=_texts(value))
        for name, value in schema.get("properties", {}).items()
    )


def _texts(schema: Any) -> tuple[str, ...] | None:
    if not isinstance(schema, Mapping) or {"anyOf", "oneOf", "const"} & schema.keys():
        return None
    if choices := schema.get("enum"):
        all_texts = isinstance(choices, (list, tuple)) and all(isinstance(choice, str) for choice in choices)
        return tuple(json.dumps(choice, ensure_ascii=False) for choice in choices) if all_texts else None
    return () if schema.get("type") == "string" else None


def _after(arguments: Sequence[_Argument], written: str) -> str:
    """What must follow `written`, all that there is of the arguments, their closing brace included."""
    at, index, comma = 0, 0, ""
    while True:
        ways, begun = _ways(arguments, index, comma), written[at:]
        way = next((way for way in ways if begun.startswith(way)), None)
        if way is None:
            return _rest_of_only([way for way in ways if way.startswith(begun)], begun)
        if way == _END:
            return ""
        value, argument = begun[len(way) :], arguments[ways[way]]
        length = _length(value)
        if length is None:
            return _rest_of_value(argument, value)
        at, index, comma = at + len(way) + length, ways[way] + 1, ", "


def _ways(arguments: Sequence[_Argument], index: int, comma: str) -> dict[str, int]:
    """What may come next: a key, with its argument's index, up to the first that must be given, or the end."""
    ways = {}
    for number, argument in enumerate(arguments[index:], index):
        ways[comma + argument.key] = number
        if argument.required:
            return ways
    return {**ways, _END: len(arguments)}


def _length(value: str) -> int | None:
    """How long the whole value is that `value` begins with; None while it may go on."""
    try:
        found, end = json.JSONDecoder().raw_decode(value)
    except ValueError:
        return None
    is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
    return None if is_number and end == len(value) else end


def _rest_of_value(argument: _Argument, begun: str) -> str:
    if argument.texts is None:
        return ""
    if not begun:
        return '"'
    return _rest_of_only([text for text in argument.texts if text.startswith(begun)], begun)


def _rest_of_only(possible: Sequence[str], begun: str) -> str:
    return possible[0][len(begun) :] if len(possible) == 1 else ""
