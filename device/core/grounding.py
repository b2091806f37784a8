"""Holds a call's arguments to what the user said: numbers and durations are said ones, extras have a source.

A small model that has found the right tool still invents: a label that nobody gave, the minutes in an hour and a half.
The rule it owns: an argument is changed only where the words leave one reading; anything else stays as the model wrote
it, and a required argument is never taken away.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from device.core.durations import parse_duration
from device.core.numbers import in_digits
from device.core.prompt.messages import ToolSpec
from device.core.prompt.stems import stem, stems_of, words_of

_NUMBER = re.compile(r"(?<![\d.,:])\d+(?:\.\d+)?(?![\d:]|[.,]\d)")
_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_UNITS_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_UNIT = re.compile(rf"(?<![a-z])({'|'.join(_UNITS_SECONDS)})s?(?![a-z])|(?<=_)(min|sec|hrs?)(?![a-z])", re.IGNORECASE)
_SHORT_UNITS = {"min": 60, "sec": 1, "hr": 3600, "hrs": 3600}
_OFF = frozenset("off disable disabled deactivate deactivated".split())
_ON = frozenset("on enable enabled activate activated".split())
_MANIFOLD = frozenset("couple both pair twice double triple half third quarter dozen all max maximum minimum".split())
"""Words that stand for a number without being one."""
_BEFORE_VERBS = frozenset("you to please i and then let's us me can will".split())
"""After one of these, and at the beginning, stands a verb, which is no part of a name."""
_MOST_LABEL_WORDS = 4
_MOST_WORDS = 8
"""The longest duration: "three hours twenty five minutes and ten seconds"."""


def grounded(tool: ToolSpec, arguments: Mapping[str, Any], said: str, *, earlier: str = "") -> dict[str, Any]:
    """`arguments` of a call of `tool` as the user's words `said` support them.

    `earlier` is what was said before: it may be the source of an optional argument, but not of a number.
    """
    properties = tool.parameters.get("properties", {})
    required = tool.parameters.get("required", ())
    kept = {}
    for name, value in arguments.items():
        schema = properties.get(name, {})
        described = f"{name}: {schema.get('description', '')}"
        others = " ".join(str(text) for other, text in arguments.items() if other != name)
        if name not in required and _invented(described, schema, value, f"{said} {earlier}"):
            continue
        if isinstance(value, str) and "enum" not in schema:
            value = _text(tool, value, _Source(said, earlier, others))  # noqa: PLW2901 - the same, mended
        kept[name] = _as_said(described, schema, value, said, taken=set(numbers_in(others)))
    return kept


def durations_in(text: str) -> list[tuple[str, float]]:
    """The durations in `text`, as they are said and in seconds."""
    words = list(_WORD.finditer(text))
    found, at = [], 0
    while at < len(words):
        for end in range(min(at + _MOST_WORDS, len(words)), at, -1):
            phrase = text[words[at].start() : words[end - 1].end()].strip(" .,;!?")
            seconds = parse_duration(phrase)
            if seconds is not None and ":" not in phrase and words_of(phrase)[0] not in ("for", "in", "and", "about"):
                found.append((phrase, seconds))
                at = end
                break
        else:
            at += 1
    return found


def numbers_in(text: str) -> list[float]:
    """The numbers in `text`, spelt ones included; a time of day is none."""
    return [float(number) for number in _NUMBER.findall(in_digits(text))]


def _invented(described: str, schema: Mapping[str, Any], value: Any, source: str) -> bool:
    """Whether nothing in `source` speaks for an optional argument."""
    if "enum" in schema:
        return False  # a word for one of a few may be any
    match value:
        case bool():
            return not stems_of(described) & stems_of(source)
        case str():
            # A name or a label comes from somewhere; a longer text may be the model's own, as what it knows of a task.
            label = len(value.split()) <= _MOST_LABEL_WORDS
            return label and not stems_of(in_digits(value)) & stems_of(in_digits(source))
        case int() | float():
            return value != 1 and not (numbers_in(source) or durations_in(source) or _MANIFOLD & set(words_of(source)))
    return False


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the words of an argument may come from, and what the other arguments hold."""

    said: str
    earlier: str
    others: str

    def stems(self) -> set[str]:
        """The stems of all that was said."""
        return stems_of(in_digits(f"{self.said} {self.earlier}"))

    def taken(self, tool: ToolSpec) -> set[str]:
        """The stems of the other arguments, and of what the tool is called."""
        return stems_of(f"{tool.name} {tool.description}") | stems_of(in_digits(self.others))


def _text(tool: ToolSpec, value: str, source: _Source) -> str:
    """A free text: what has no source goes, half a phrase becomes a whole one."""
    said = source.stems()
    if stems_of(in_digits(value)) & said:
        sentences = _SENTENCE_END.split(value)
        sourced = [one for one in sentences if stems_of(in_digits(one)) & said]
        return _whole_phrase(tool, " ".join(sourced) if len(sourced) < len(sentences) else value, source)
    if stems_of(in_digits(value)) and stems_of(in_digits(source.others)) & said:
        return _what_is_left(tool, source) or value
    return value


def _what_is_left(tool: ToolSpec, source: _Source) -> str:
    """The only words in a row that no other argument has taken; nothing if there are several such rows."""
    words, taken = _words(source.said), source.taken(tool)
    free = [index for index, word in enumerate(words) if stems_of(word) - taken]
    return " ".join(words[free[0] : free[-1] + 1]) if free and free[-1] - free[0] == len(free) - 1 else ""


def _whole_phrase(tool: ToolSpec, value: str, source: _Source) -> str:
    """A value of one word with those that stand right before it in what was said, up to a small word or a verb:
    "Davis" is "Miles Davis".
    """
    words, sought = _words(in_digits(source.said)), _words(value)
    folded = [word.casefold() for word in words]
    if len(sought) != 1 or folded.count(sought[0].casefold()) != 1:
        return value
    at = start = folded.index(sought[0].casefold())
    taken = source.taken(tool)
    while start > 1 and words[start - 1].isalpha() and stems_of(words[start - 1]) - taken:
        if folded[start - 2] in _BEFORE_VERBS:
            break
        start -= 1
    return " ".join([*words[start:at], value])


def _words(text: str) -> list[str]:
    return [word for found in _WORD.finditer(text) if (word := found.group().strip(".,;:!?"))]


def _as_said(described: str, schema: Mapping[str, Any], value: Any, said: str, *, taken: set[float]) -> Any:
    """The value, or the one that the words leave no doubt about; numbers that are `taken` belong to other arguments."""
    match value:
        case bool():
            return _said_switch(described, value, said)
        case str():
            return value if "enum" in schema else _said_duration(value, said)
        case int() | float():
            return _said_number(described, value, said, whole=schema.get("type") == "integer", taken=taken)
    return value


def _said_switch(described: str, value: bool, said: str) -> bool:  # noqa: FBT001 - an argument's value
    """On or off, as one of the two was said: "off", "disable", or the opposite of the argument's own name."""
    words = set(words_of(said))
    names = {word for word in stems_of(described.partition(":")[0]) if len(word) > 2}
    off = words & _OFF or any(stem(word) in {f"un{name}" for name in names} for word in words)
    on = words & _ON or any(stem(word) in names for word in words)
    return value if bool(off) == bool(on) else bool(on)


def _said_duration(value: str, said: str) -> str:
    """A duration that was not said, or a number without its unit, where only one duration was."""
    seconds, durations = parse_duration(value), durations_in(said)
    if len(durations) != 1 or durations[0][1] == seconds:
        return value
    if seconds is None and not _counts(value, durations[0]):
        return value
    return durations[0][0]


def _counts(value: str, duration: tuple[str, float]) -> bool:
    """Whether `value` is the bare number of a duration: "45" of 45 seconds, "1.5" of an hour and a half."""
    found = _NUMBER.fullmatch(in_digits(value.strip()))
    if found is None:
        return False
    number, (phrase, seconds) = float(found.group()), duration
    return number in numbers_in(phrase) or seconds in {number * unit for unit in _UNITS_SECONDS.values()}


def _said_number(described: str, value: float, said: str, *, whole: bool, taken: set[float]) -> float:
    unit_seconds, durations = _unit_seconds(described), durations_in(said)
    if unit_seconds and len(durations) == 1:
        return _number(durations[0][1] / unit_seconds, whole=whole, otherwise=value)
    numbers = set(numbers_in(said))
    spare = numbers - taken
    if len(spare) == 1 and not numbers & {float(value), -float(value)}:
        return _number(spare.pop(), whole=whole, otherwise=value)
    return value


def _unit_seconds(described: str) -> int:
    """The unit of time that a number counts, in seconds; 0 if it counts something else or the text names several."""
    units = set(_units(described))
    return units.pop() if len(units) == 1 else 0


def _units(described: str) -> Iterator[int]:
    for found in _UNIT.finditer(described.replace("_", " _")):
        long, short = found.groups()
        yield _UNITS_SECONDS[long.lower()] if long else _SHORT_UNITS[short.lower()]


def _number(found: float, *, whole: bool, otherwise: float) -> float:
    if found == int(found):
        return int(found)
    return otherwise if whole else found
