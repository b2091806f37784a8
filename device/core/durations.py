"""Durations as people and models write them: "10 minutes", "an hour and a half", "1h30", "another 5 minutes"."""

import re
from collections.abc import Sequence

from device.core.number_words import ARTICLES, read_number

_UNITS_SECONDS = {
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600,
    "d": 86400, "day": 86400, "week": 604800, "w": 604800,
}  # fmt: skip

_TOKEN = re.compile(r"\d+(?:[.,]\d+)?|[a-z]+|:")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_FILLERS = frozenset({"and", "of", "for", "in", "about", "the"})
_OF_DAY = re.compile(r"\b[ap]\.?\s*m\b")
"""The m of "7 a.m." counts no minutes."""
_FROM_NOW = re.compile(r" from now$|(?:['’]s?)? time$")


def parse_duration(text: str) -> float | None:
    """Seconds, None if `text` is not a duration. "5:30" is minutes and seconds, "1:05:30" has hours; a number without
    a unit is None, since nobody can know what it counts.
    """
    said = _FROM_NOW.sub("", text.strip(" .!").lower().replace("-", " "))
    if _OF_DAY.search(said):
        return None
    if clock := _CLOCK.fullmatch(said):
        first, second, third = clock.groups()
        return (
            float(int(first) * 60 + int(second))
            if third is None
            else float(int(first) * 3600 + int(second) * 60 + int(third))
        )
    tokens = _TOKEN.findall(said)
    if not tokens or _TOKEN.sub("", said).strip(" ,."):
        return None
    return _sum_of([word for word in tokens if word != "more"])


def _sum_of(words: Sequence[str]) -> float | None:
    total, last_unit, at = 0.0, None, 0
    while at < len(words):
        if words[at] in _FILLERS:
            at += 1
            continue
        number, used = _count(words[at:])
        if not used:
            return None
        at += used
        unit, used = _unit(words[at:])
        at += used
        if unit is None:
            unit = _share_of(last_unit, number, is_last=at == len(words))
        else:
            last_unit = unit
        if unit is None:
            return None
        total += number * unit
    return total or None


def _count(words: Sequence[str]) -> tuple[float, int]:
    """How many units are counted, and how many words that takes; none if it is no number."""
    if words[0] == "another":
        if (found := read_number(words[1:])) is not None:
            return found[0], found[1] + 1
        words = ["a", *words[1:]]
    return read_number(words) or ((1.0, 1) if words[0] in ARTICLES else (0.0, 0))


def _unit(words: Sequence[str]) -> tuple[float | None, int]:
    """The unit that is counted, in seconds, and how many words lead up to it and are it: "of an hour" is three."""
    for used, word in enumerate(words, start=1):
        unit = _UNITS_SECONDS.get(word) or _UNITS_SECONDS.get(word.removesuffix("s"))
        if unit is not None:
            return unit, used
        if word not in ARTICLES and word not in ("of", "the"):
            break
    return None, 0


def _share_of(last_unit: float | None, number: float, *, is_last: bool) -> float | None:
    """What a number without a unit counts: a part the unit before ("an hour and a half"), any other after it that
    unit's sixtieth ("1h30").
    """
    if last_unit is None:
        return None
    if number < 1:
        return last_unit
    return last_unit / 60 if is_last and last_unit in (60, 3600) else None


def say_duration(seconds: float) -> str:
    """A duration in words for the ear: "1 hour and 30 minutes"."""
    left = max(round(seconds), 0)
    parts = []
    for name, unit in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, left = divmod(left, unit)
        if count:
            parts.append(f"{count} {name}{'s' if count != 1 else ''}")
    if not parts:
        return "0 seconds"
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def say_length(seconds: float) -> str:
    """A duration as what something is called by: the "1 hour 30 minute" timer."""
    return re.sub(r"(?<=[a-z])s\b|,| and", "", say_duration(seconds))
