"""Holds a call's arguments to what the user said: what was said fills them, what nobody said leaves them.

A small model that has found the right tool still invents: a label that nobody gave, the minutes in an hour and a half;
and it closes a call before the last thing that was said is in it. The rule it owns: an argument is changed or added
only where the words leave one reading; anything else stays as the model wrote it, and a required argument is never
taken away.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from device.core.durations import parse_duration
from device.core.numbers import in_digits
from device.core.prompt.messages import ToolSpec
from device.core.prompt.stems import stems_of, words_of
from device.core.said import (
    asked_for,
    choice_in,
    durations_in,
    measure_in,
    named_number,
    numbers_in,
    read_at_any_moment,
    reported_in,
    switch_in,
    times_in,
    unit_seconds,
)
from device.core.times import NamedTime

_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\b[ap]\.m\.)\s+", re.IGNORECASE)
_CENTS = re.compile(r"(?<![\d.:])(\d+) (\d\d)(?![\d:]|\.\d)")
_PRICED = frozenset("amount price cost sum money budget".split())
_MANIFOLD = frozenset("couple both pair twice double triple half third quarter dozen all max maximum minimum".split())
"""Words that stand for a number without being one."""
_LINKING = frozenset("at in the on around this next".split())
_LINKS = "at|on|in|for|to|from|by|with|of|off"
_LINK_BEFORE = re.compile(rf"\b(?:{_LINKS}|into|onto|after|before|until)(?: (?:a|an|the|my|our))?$", re.IGNORECASE)
_DAYS = frozenset("today tomorrow tonight monday tuesday wednesday thursday friday saturday sunday".split())
_DAY_WORDS, _HOUR_WORDS = frozenset("day date".split()), frozenset("time hour when".split())
_TIMELY = _DAY_WORDS | _HOUR_WORDS | frozenset("times long duration date start end until age month year".split())
"""What an argument that is a time or a duration is told of with."""
_OPENING = _DAYS | frozenset(_LINKS.split("|"))
"""A text of another argument that begins so needs no link before it."""
_MOST_LABEL_WORDS = 4
_SOURCED = 0.5
"""So much of an optional text has a source, or it was invented."""


def grounded(
    tool: ToolSpec,
    arguments: Mapping[str, Any],
    said: str,
    *,
    own: str = "",
    around: str = "",
    earlier: str = "",
    results: str = "",
) -> dict[str, Any]:
    """`arguments` of a call of `tool` as the user's words `said` support them.

    `own` is the part of it that is about this call, all of it if none is given: numbers, durations, times, switches and
    choices come from there, texts from all that was said. `around` is the clause that it is a part of, if it is: a
    switch may be told of once for several things. `earlier` is what was said before: it may be the source of an
    optional argument, but not of a number. `results` are what earlier calls yielded if this one follows from them: a
    number that stands there is left alone.
    """
    own = own or said
    around = around or own
    properties = tool.parameters.get("properties", {})
    required = tool.parameters.get("required", ())
    arguments = _without_misplaced_times(arguments, properties, required)
    kept = {}
    for name, value in arguments.items():
        schema = properties.get(name, {})
        if isinstance(value, list):
            value = _sourced_items(value, f"{said} {earlier}")  # noqa: PLW2901 - the same, mended
        described = _described(name, schema)
        others = _texts(arguments, without=name)
        if name not in required and (
            _invented(described, schema, value, f"{said} {earlier}") or _again(value, arguments)
        ):
            continue
        if isinstance(value, str) and "enum" not in schema:
            value = _text(tool, described, value, _Source(said, own, earlier, others))  # noqa: PLW2901
        if not _is_number(value) or value not in numbers_in(results):
            words = around if isinstance(value, bool) and switch_in(own, name) is None else own
            value = _as_said(tool, name, value, words, taken=set(numbers_in(others)))  # noqa: PLW2901
        kept[name] = value
    kept |= _left_out(properties, kept, own)
    needed = {name: value for name, value in kept.items() if name in required}
    return {
        name: _apart(name, value, needed if name in required else kept) if _is_free(properties, name) else value
        for name, value in kept.items()
    }


def _described(name: str, schema: Mapping[str, Any]) -> str:
    return f"{name}: {schema.get('description', '')}"


def _texts(arguments: Mapping[str, Any], *, without: str = "") -> str:
    return " ".join(str(value) for name, value in arguments.items() if name != without)


# --- what was invented -------------------------------------------------------------------------------------------


def _invented(described: str, schema: Mapping[str, Any], value: Any, source: str) -> bool:
    """Whether nothing in `source` speaks for an optional argument."""
    if "enum" in schema:
        return False  # a word for one of a few may be any
    match value:
        case bool():
            return not stems_of(described) & stems_of(source)
        case str():
            if value.casefold() in described.casefold() and value.casefold() not in source.casefold():
                return True  # the schema's own words
            # A name or a label comes from somewhere; a longer text may be the model's own, as what it knows of a task.
            return len(value.split()) <= _MOST_LABEL_WORDS and _share_sourced(value, source) < _SOURCED
        case int() | float():
            return not _may_count(value, described, source)
    return bool(value == [])


def _again(value: Any, arguments: Mapping[str, Any]) -> bool:
    """Whether a text is another argument's."""
    return isinstance(value, str) and list(arguments.values()).count(value) > 1


def _without_misplaced_times(
    arguments: Mapping[str, Any], properties: Mapping[str, Any], required: Collection[str]
) -> Mapping[str, Any]:
    """The arguments without the optional texts that are a time or a duration that another argument tells."""
    timely = {name for name in arguments if _TIMELY & set(words_of(_described(name, properties.get(name, {}))))}
    told = _sense(" ".join(str(arguments[name]) for name in timely))
    return {
        name: value
        for name, value in arguments.items()
        if name in required or name in timely or not (_is_time(value) and _sense(value) & told)
    }


def _is_time(value: Any) -> bool:
    """Whether a text is a time or a duration and nothing else."""
    if not isinstance(value, str):
        return False
    named = read_at_any_moment(in_digits(value))
    return parse_duration(value) is not None or bool(named and (named.day or named.clock))


def _may_count(value: float, described: str, source: str) -> bool:
    """Whether a number has a source: one of a unit of time a duration or itself, any other some number."""
    numbers, durations = numbers_in(source), durations_in(source)
    if unit_seconds(described) and not durations:
        return value in numbers
    return value == 1 or bool(numbers or durations or _MANIFOLD & set(words_of(source)))


def _share_sourced(value: str, source: str) -> float:
    if sought := _sense(value):
        return len(sought & _sense(source)) / len(sought)
    small = set(words_of(value))  # "all", "me": they are said or not
    return float(bool(small) and small.issubset(words_of(source)))


def _sense(text: str) -> set[str]:
    """The stems and the numbers, short ones included."""
    return stems_of(in_digits(text)) | {word for word in words_of(in_digits(text)) if word.isdecimal()}


def _sourced_items(items: list[Any], source: str) -> list[Any]:
    """The items each once, without the texts that have no source; all of them if none has."""
    once = [item for at, item in enumerate(items) if item not in items[:at]]
    return [item for item in once if not isinstance(item, str) or _share_sourced(item, source) >= _SOURCED] or once


# --- what was left out -------------------------------------------------------------------------------------------


def _left_out(properties: Mapping[str, Any], arguments: Mapping[str, Any], said: str) -> dict[str, Any]:
    """The arguments that were said and that the model did not give."""
    found: dict[str, Any] = {}
    for name, schema in properties.items():
        if name not in arguments and (value := _unasked(name, schema, {**arguments, **found}, said)) is not None:
            found[name] = value
    return found


def _unasked(name: str, schema: Mapping[str, Any], given: Mapping[str, Any], said: str) -> Any:
    """What was said for an argument; None if nothing was, or if it stands in another already."""
    if isinstance(choices := schema.get("enum"), list):
        choice = choice_in(said, choices)
        return None if stems_of(str(choice)) & stems_of(_texts(given)) else choice
    match schema.get("type"):
        case "boolean":
            return asked_for(said, name)
        case "integer" | "number" as kind:
            return _unasked_number(name, schema, given, said, whole=kind == "integer")
    return None


def _unasked_number(
    name: str, schema: Mapping[str, Any], given: Mapping[str, Any], said: str, *, whole: bool
) -> float | None:
    unit, durations = unit_seconds(_described(name, schema)), durations_in(said)
    if unit and len(durations) == 1:
        phrase, seconds = durations[0]
        texts = [value for value in given.values() if isinstance(value, str)]
        if any(parse_duration(text) == seconds or phrase in text for text in texts):
            return None
        taken = {value for value in given.values() if isinstance(value, (int, float))}
        counted = _number(seconds / unit, whole=whole)
        return None if counted in taken else counted
    measure = measure_in(said, name)
    return None if measure is None else _number(measure, whole=whole)


# --- texts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the words of an argument may come from, and what the other arguments hold."""

    said: str
    own: str
    earlier: str
    others: str

    def sense(self) -> set[str]:
        """The stems and the numbers of all that was said."""
        return _sense(f"{self.said} {self.earlier}")

    def taken(self, tool: ToolSpec) -> set[str]:
        """The stems of the other arguments, and of what the tool is called."""
        return stems_of(f"{tool.name} {tool.description}") | stems_of(in_digits(self.others))


def _text(tool: ToolSpec, described: str, value: str, source: _Source) -> str:
    """A free text: what has no source goes, half a phrase becomes a whole one."""
    if (time := _whole_time(value, described, source)) is not None:
        return time
    clause = in_digits(reported_in(source.own))
    is_passage = value.casefold() in in_digits(source.said).casefold()
    if clause and not is_passage and len(value.split()) > 1 and _share_sourced(clause, value) > _SOURCED:
        return clause  # what was to be told, in the words that were said
    said = source.sense()
    if _sense(value) & said:
        sentences = _SENTENCE_END.split(value)
        sourced = [one for one in sentences if not (sense := _sense(one)) or sense & said]
        return " ".join(sourced) if len(sourced) < len(sentences) else value
    if stems_of(in_digits(value)) and stems_of(in_digits(source.others)) & said:
        return _what_is_left(tool, source) or value
    return value


def _whole_time(value: str, described: str, source: _Source) -> str | None:
    """The only time that was said for a part of it ("morning" of "tomorrow morning") or for the schema's own words;
    None if the value is neither, or another argument holds a part of that time.
    """
    about = set(words_of(described))
    if about & _DAY_WORDS and not about & _HOUR_WORDS:
        return None  # a day alone is the whole of it
    found = times_in(source.own)
    times = _joined(found)
    if len(times) != 1:
        return None
    whole, named = times[0]
    if value and value.casefold() in described.casefold() and value.casefold() not in source.said.casefold():
        return whole
    part, rest = f" {in_digits(value)} ".casefold(), f" {in_digits(source.own)} ".casefold()
    for phrase, _ in found:
        rest = rest.replace(phrase.casefold(), "")
    if part in rest or (set(words_of(whole)) - _LINKING) & set(words_of(source.others)):
        return None
    return whole if part in f" {whole} ".casefold() or _is_part(read_at_any_moment(value), named) else None


def _joined(times: list[tuple[str, NamedTime]]) -> list[tuple[str, NamedTime]]:
    """The times; a day and an hour that other words part are one: "tomorrow wake me at 7 pm"."""
    days = [phrase for phrase, named in times if named.clock is None]
    hours = [phrase for phrase, named in times if named.clock and not named.day]
    whole = f"{days[0]} at {hours[0]}" if len(times) == 2 and days and hours else ""
    return [(whole, named)] if (named := read_at_any_moment(whole)) else times


def _is_part(value: NamedTime | None, whole: NamedTime) -> bool:
    """Whether a time has the day or the hour of another, nothing that contradicts it, and tells less of it."""
    if value is None or not (value.day or value.clock):
        return False
    if value.day not in (None, whole.day) or value.clock not in (None, whole.clock):
        return False
    tells_less = (whole.day and not value.day) or (whole.clock and not value.clock)
    return bool(tells_less or (whole.is_half_known and value.at != whole.at))


def _what_is_left(tool: ToolSpec, source: _Source) -> str:
    """The only words in a row that no other argument has taken, if a link leads to them ("in French"); nothing
    otherwise: what else is left may be how the wish was put.
    """
    words, taken = _words(source.said), source.taken(tool)
    free = [index for index, word in enumerate(words) if stems_of(word) - taken]
    if not free or free[-1] - free[0] >= len(free) or not _LINK_BEFORE.search(" ".join(words[: free[0]])):
        return ""
    return " ".join(words[free[0] : free[-1] + 1])


def _words(text: str) -> list[str]:
    return [word for found in _WORD.finditer(text) if (word := found.group().strip(".,;:!?"))]


def _is_free(properties: Mapping[str, Any], name: str) -> bool:
    return "enum" not in properties.get(name, {})


def _apart(name: str, value: Any, arguments: Mapping[str, Any]) -> Any:
    """A text without another argument's at its end: "lunch with Ann at noon" on a day at noon is "lunch with Ann".

    Among the others of a required argument are only required ones: an optional one may be made of its words.
    """
    others = [other for key, other in arguments.items() if key != name and isinstance(other, str) and other.strip()]
    if not isinstance(value, str):
        return value
    for other in [*others, *others]:
        link = rf"(?:{_LINKS})? ?" if other.split()[0].casefold() in _OPENING else rf"(?:{_LINKS}) "
        value = re.sub(rf"(?<=\w)[ ,]+{link}{re.escape(other)}\W*$", "", value, flags=re.IGNORECASE)
    return value


# --- numbers, switches, choices -----------------------------------------------------------------------------------


def _as_said(tool: ToolSpec, name: str, value: Any, said: str, *, taken: set[float]) -> Any:
    """The value, or the one that the words leave no doubt about; numbers that are `taken` belong to other arguments."""
    schema = tool.parameters.get("properties", {}).get(name, {})
    match value:
        case bool():
            found = switch_in(said, name)
            return value if found is None else found
        case str() if isinstance(choices := schema.get("enum"), list):
            return choice_in(said, choices, value)
        case str():
            return value if taken and _is_bare_unit(value) else _said_duration(value, said)
        case int() | float():
            described = _described(name, schema)
            number = _said_number(described, name, said, value=value, taken=taken)
            if not numbers_in(said) and (named := named_number(said, f"{described}. {tool.description}")) is not None:
                number = named
            return _number(number, whole=schema.get("type") == "integer", otherwise=value)
    return value


def _is_bare_unit(value: str) -> bool:
    """Whether it is the unit of a number that stands elsewhere: "hour" beside a half."""
    return value.isalpha() and parse_duration(f"1 {value}") is not None


def _said_duration(value: str, said: str) -> str:
    """A duration that was not said, or a number without its unit, where only one duration was."""
    seconds, durations = parse_duration(value), durations_in(said)
    if len(durations) != 1 or durations[0][1] == seconds or ":" in value:
        return value
    if seconds is None and not _counts(value, durations[0]) and not durations[0][0].endswith(f" {value.casefold()}"):
        return value
    return durations[0][0]


def _counts(value: str, duration: tuple[str, float]) -> bool:
    """Whether `value` is the bare number of a duration: "45" of 45 seconds, "1.5" of an hour and a half."""
    numbers = numbers_in(value)
    if len(numbers) != 1 or len(value.split()) > 1:
        return False
    phrase, seconds = duration
    return numbers[0] in numbers_in(phrase) or seconds in {numbers[0] * unit for unit in (1, 60, 3600, 86400)}


def _said_number(described: str, name: str, said: str, *, value: float, taken: set[float]) -> float:
    unit, durations = unit_seconds(described), durations_in(said)
    if unit and len(durations) == 1:
        return durations[0][1] / unit
    if (measure := measure_in(said, name)) is not None:
        return value if measure == -value else measure  # "minus" is no part of a measure
    if _PRICED & set(words_of(described)) and len(prices := _CENTS.findall(in_digits(said))) == 1:
        return float(".".join(prices[0]))
    numbers = set(numbers_in(said))
    spare = numbers - taken
    return spare.pop() if len(spare) == 1 and not numbers & {value, -value} else value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(found: float, *, whole: bool, otherwise: float | None = None) -> float | None:
    """A whole number as one; where one is needed and it is none, `otherwise`."""
    if found == int(found):
        return int(found)
    return otherwise if whole else found
