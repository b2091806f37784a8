"""Values as people say them and as a call writes them: the kinds of slots that a request may have.

A kind stands in the catalogue as a word and what belongs to it: `int 2..12`, `flag on, off`, `text the attic, the
hall`. What is said and what is written differ where a tool wants something else than words: "half an hour" is 30
to a tool that takes minutes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen""".split()
_IN_WORDS = 0.6
"""So often is a number said in words, as recognizers write most of them."""

_DAYS = ["today", "tomorrow", "tonight"] + [f"{day}day" for day in "Mon Tues Wednes Thurs Fri Satur Sun".split()]
_SPANS = {
    "half an hour": ("30 minutes", 30), "an hour": ("1 hour", 60), "an hour and a half": ("1 hour and 30 minutes", 90),
    "a quarter of an hour": ("15 minutes", 15), "two hours": ("2 hours", 120),
}  # fmt: skip
_HALVES = ("am", "pm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value: how it is `said` in a request, and what is `written` in a call."""

    said: str
    written: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of value: its JSON schema, and what draws one."""

    schema: Mapping[str, Any]
    draw: Callable[[Random], Value] = field(compare=False)


def in_words(number: int) -> str:
    """A whole number below a thousand as it is spoken."""
    if number < len(_SMALL):
        return _SMALL[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return _TENS[tens - 2] + (f" {_SMALL[rest]}" if rest else "")
    hundreds, rest = divmod(number, 100)
    return f"{_SMALL[hundreds]} hundred" + (f" and {in_words(rest)}" if rest else "")


def kind_of(text: str) -> Kind:
    """The kind that a line of the catalogue names. Raises ValueError for one that there is not."""
    name, _, rest = text.strip().partition(" ")
    made = _KINDS.get(name)
    if made is None:
        raise ValueError(f'there is no kind of value called "{name}"')
    return made(rest.strip())


def _said_number(number: int, random: Random) -> str:
    return in_words(number) if random.random() < _IN_WORDS else str(number)


def _range(rest: str) -> tuple[int, int, int]:
    bounds, _, step = rest.partition(" ")
    low, _, high = bounds.partition("..")
    return int(low), int(high), int(step or 1)


def _integer(rest: str) -> Kind:
    low, high, step = _range(rest)

    def draw(random: Random) -> Value:
        number = random.randrange(low, high + 1, step)
        return Value(said=_said_number(number, random), written=number)

    return Kind(schema={"type": "integer"}, draw=draw)


def _number(rest: str) -> Kind:
    low, high, _ = _range(rest)

    def draw(random: Random) -> Value:
        number = random.randint(low, high)
        if random.random() < 1 / 3:
            said = f"{in_words(number)} and a half" if random.random() < _IN_WORDS else f"{number}.5"
            return Value(said=said, written=number + 0.5)
        return Value(said=_said_number(number, random), written=number)

    return Kind(schema={"type": "number"}, draw=draw)


def _choices(rest: str) -> list[tuple[str, str]]:
    """`written=said` or what is both, with commas between."""
    pairs = [one.strip().partition("=") for one in rest.split(",")]
    return [(written, said or written) for written, _, said in pairs]


def _text(rest: str) -> Kind:
    choices = _choices(rest)

    def draw(random: Random) -> Value:
        written, said = random.choice(choices)
        return Value(said=said, written=written)

    return Kind(schema={"type": "string"}, draw=draw)


def _enum(rest: str) -> Kind:
    names = list(dict.fromkeys(written for written, _ in _choices(rest)))
    return Kind(schema={"type": "string", "enum": names}, draw=_text(rest).draw)


def _flag(rest: str) -> Kind:
    yes, no = (said for said, _ in _choices(rest))

    def draw(random: Random) -> Value:
        written = random.random() < 1 / 2
        return Value(said=yes if written else no, written=written)

    return Kind(schema={"type": "boolean"}, draw=draw)


def _always(_: str) -> Kind:
    return Kind(schema={"type": "boolean"}, draw=lambda _: Value(said="", written=True))


def _names(rest: str) -> Kind:
    choices = [said for said, _ in _choices(rest)]

    def draw(random: Random) -> Value:
        names = random.sample(choices, random.choice((1, 1, 2, 2, 3)))
        said = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
        return Value(said=said, written=names)

    return Kind(schema={"type": "array", "items": {"type": "string"}}, draw=draw)


def _minutes(rest: str) -> Kind:
    low, high, step = _range(rest or "2..50")

    def draw(random: Random) -> Value:
        if random.random() < 1 / 3:
            said, (_, minutes) = random.choice(list(_SPANS.items()))
            return Value(said=said, written=minutes)
        number = random.randrange(low, high + 1, step)
        return Value(said=f"{_said_number(number, random)} minutes", written=number)

    return Kind(schema={"type": "integer"}, draw=draw)


def _span(_: str) -> Kind:
    def draw(random: Random) -> Value:
        if random.random() < 1 / 3:
            said, (written, _) = random.choice(list(_SPANS.items()))
            return Value(said=said, written=written)
        number, unit = random.randint(2, 55), random.choice(("minutes", "seconds", "minutes", "hours"))
        number = min(number, 9) if unit == "hours" else number
        return Value(said=f"{_said_number(number, random)} {unit}", written=f"{number} {unit}")

    return Kind(schema={"type": "string"}, draw=draw)


def _clock(_: str) -> Kind:
    def draw(random: Random) -> Value:
        hour, half = random.randint(1, 12), random.choice(_HALVES)
        minutes = random.choice((0, 0, 0, 15, 20, 30, 40, 45))
        if minutes:
            said = f"{in_words(hour)} {in_words(minutes)} {half}" if random.random() < _IN_WORDS else ""
            return Value(said=said or f"{hour}:{minutes:02} {half}", written=f"{hour}:{minutes:02} {half}")
        return Value(said=f"{_said_number(hour, random)} {half}", written=f"{hour} {half}")

    return Kind(schema={"type": "string"}, draw=draw)


def _day(_: str) -> Kind:
    return _text(", ".join(_DAYS))


_KINDS: Mapping[str, Callable[[str], Kind]] = {
    "int": _integer,
    "num": _number,
    "text": _text,
    "enum": _enum,
    "flag": _flag,
    "always": _always,
    "names": _names,
    "minutes": _minutes,
    "span": _span,
    "clock": _clock,
    "day": _day,
}


def draw_all(kinds: Mapping[str, Kind], names: Sequence[str], random: Random) -> dict[str, Value]:
    """A value for each of `names`."""
    return {name: kinds[name].draw(random) for name in names}
