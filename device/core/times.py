"""Times of day as people and models write them: "7 am", "half past six", "tomorrow at 6:30", "in the morning at seven".

All times here are local ones without a zone; whoever calls knows how far that is from Unix time.

Rules:
* What is said without a day is its next occurrence: "half past six" is the sooner of 6:30 in the morning and evening.
* On a named day a bare hour is the one that people are awake for: one to four are in the afternoon, five to eleven in
  the morning, twelve is noon.
* A part of a day without an hour has one of its own: "tomorrow morning" is at eight.
* Hours that are counted are no time of day: "2 hours" is a duration, "1900 hours" and "nineteen hundred hours" are not.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from device.core.dates import WEEKDAYS, read_date
from device.core.number_words import read_number

_TOKEN = re.compile(r"\d{1,2}[:.h]\d{2}(?!\d)|\d+(?:(?:st|nd|rd|th)\b)?|[a-z]+")
_CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})|(\d{2})(\d{2})")
_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_SHORTHANDS = (
    (r"\b([ap])[. ]\s*m\b\.?", r"\1m"),
    (r"\b(?:12|twelve) (?=noon|midday|midnight)", ""),
    (rf"\bhalf (?=(?:\d\d?|{_HOURS})\b)", "half past "),
    (r"\bo['’ ]?clock\b", ""),
    (r"\btonight\b", "today night"),
)
_OF_THE_CLOCK = re.compile(
    r"\b(?:\d\d:?\d\d|(?:ten|eleven|twelve|[a-z]+teen|twenty(?: one| two| three| four)?) hundred) hours\b"
)
"""The hours of a clock of twenty-four; any other hours are counted."""
_FILLERS = frozenset("a about around at by early exactly for hours in next on sharp the this".split())
_PARTS = {"morning": 8, "afternoon": 15, "evening": 19, "night": 21, "am": None, "pm": None}
"""Parts of a day, and the hour of each that is meant if none is said."""
_ANY_HOUR = 9
_SHARES = {"half": 30, "quarter": 15}
_AFTER, _BEFORE = frozenset({"past", "after"}), frozenset({"to", "before", "till", "til"})
_DAY_MINUTES = 24 * 60
MOST_WORDS = 16

_Clock = tuple[int, int, bool]
"""Hour, minute, and whether the hour is one of twenty-four."""


def parse_time(text: str, now: dt.datetime) -> dt.datetime | None:
    """The local time that `text` means when it is said at the local time `now`; None if it is no time of day.

    It is in the future, unless a day was named on which it is over already.
    """
    words = _words(text)
    if words is None:
        return None
    day, words = _named_day(words, now)
    part, words = _part(words)
    said = [word for word in words if word not in _FILLERS]
    clock = _clock(said) if said else _usual_clock(part, day)
    if clock is None:
        return None
    hour, minute, is_exact = clock
    options = _minutes_of_day((hour, minute, is_exact or "hours" in words), part)
    if day is None:
        starts = [now.date() + dt.timedelta(days=days) for days in (-1, 0, 1)]
        return min(time for start in starts for time in _times(start, options) if time > now)
    date, is_weekday = day
    found = _on_day(date, options, now)
    return found + dt.timedelta(days=7) if is_weekday and found <= now else found


def parse_day(text: str, now: dt.datetime) -> dt.date | None:
    """The day that `text` names at the local time `now`; None if it says anything else, such as an hour."""
    day, words = _named_day(_words(text) or [], now)
    return day[0] if day is not None and _FILLERS.issuperset(words) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTime:
    """What a text names of a time: its day, its hour on a clock of twelve and its minute, and whether the half of the
    day is certain; `at` is the time that it means.
    """

    day: dt.date | None
    clock: tuple[int, int] | None
    is_half_known: bool
    at: dt.datetime


def named_time(text: str, now: dt.datetime) -> NamedTime | None:
    """What `text` names at the local time `now`; None if it is no time of day."""
    words, at = _words(text), parse_time(text, now)
    if words is None or at is None:
        return None
    day, words = _named_day(words, now)
    part, words = _part(words)
    said = [word for word in words if word not in _FILLERS]
    clock = _clock(said) if said else None
    return NamedTime(
        day=day[0] if day else None,
        clock=clock and (clock[0] % 12, clock[1]),
        is_half_known=bool(part) or bool(clock and clock[2]),
        at=at,
    )


def say_time(time: dt.datetime) -> str:
    """The time of day: "7:05 AM"."""
    return f"{time.hour % 12 or 12}:{time:%M} {'AM' if time.hour < 12 else 'PM'}"


def say_day(time: dt.datetime, now: dt.datetime) -> str:
    """The day as one says it at `now`: "today", "tomorrow", "on Friday", "on May 4"."""
    days = (time.date() - now.date()).days
    if 0 <= days <= 1:
        return ("today", "tomorrow")[days]
    return f"on {time:%A}" if 0 < days < 7 else f"on {time:%B} {time.day}"


# --- reading -----------------------------------------------------------------------------------------------------


def _words(text: str) -> list[str] | None:
    said = text.lower().replace("-", " ")
    for pattern, replacement in _SHORTHANDS:
        said = re.sub(pattern, replacement, said)
    words = _TOKEN.findall(said)
    if "hours" in words and not _OF_THE_CLOCK.search(said):
        return None
    if not words or len(words) > MOST_WORDS or _TOKEN.sub("", said).strip(" ,.!?"):
        return None
    # "In ten" tells how long, not when.
    if any(word == "in" and words[at + 1 : at + 2] != ["the"] for at, word in enumerate(words)):
        return None
    return words


_Day = tuple[dt.date, bool]
"""A date, and whether it was told by what comes every week."""


def _named_day(words: list[str], now: dt.datetime) -> tuple[_Day | None, list[str]]:
    """The day and the other words. Where two are named that differ, neither is."""
    found = read_date(words, now.date())
    if found is None:
        return _near_day(words, now)
    date, rest = found
    near, rest = _near_day(rest, now)
    if near is not None and (near[0].weekday() != date.weekday() if near[1] else near[0] != date):
        return None, words
    return (date, False), rest


def _near_day(words: list[str], now: dt.datetime) -> tuple[_Day | None, list[str]]:
    """A day that is named by how far it is or by its place in the week, and the other words."""
    today = now.date()
    said = " ".join(words)
    for phrase, days in (("day after tomorrow", 2), ("tomorrow", 1), ("today", 0)):
        if re.search(rf"\b{phrase}\b", said):
            rest = re.sub(rf"\b{phrase}\b", " ", said, count=1).split()
            return (today + dt.timedelta(days=days), False), rest
    for number, name in enumerate(WEEKDAYS):
        if name in words:
            days = (number - today.weekday()) % 7
            return (today + dt.timedelta(days=days), True), [word for word in words if word != name]
    if "this" in words and not _PARTS.keys().isdisjoint(words):
        return (today, False), words
    return None, words


def _part(words: list[str]) -> tuple[str, list[str]]:
    """The part of the day, "" if none was said, and the other words. A half of the day says more than "morning"."""
    said = [word for word in words if word in _PARTS]
    exact = [word for word in said if _PARTS[word] is None]
    return (exact or said or [""])[0], [word for word in words if word not in _PARTS]


def _usual_clock(part: str, day: object) -> _Clock | None:
    hour = _PARTS[part] if part else _ANY_HOUR if day is not None else None
    return None if hour is None else (hour, 0, True)


def _clock(said: Sequence[str]) -> _Clock | None:
    if said[0] in ("noon", "midday", "midnight") and len(said) == 1:
        return 24 if said[0] == "midnight" else 12, 0, True
    for at, word in enumerate(said):
        if word in _AFTER or word in _BEFORE:
            return _relative(said[:at], said[at + 1 :], before=word in _BEFORE)
    if len(said) == 1 and (digits := _CLOCK.fullmatch(said[0])):
        hour, minute = (int(group) for group in digits.groups() if group is not None)
        return _valid(hour, minute, is_exact=said[0][0] == "0")
    return _hour_and_minutes(said)


def _hour_and_minutes(said: Sequence[str]) -> _Clock | None:
    """An hour, perhaps with its minutes: "seven", "6 30", "six oh five", "twenty fifteen", "nineteen hundred"."""
    found = read_number(said)
    if found is None or found[0] != int(found[0]):
        return None
    hour, rest = int(found[0]), said[found[1] :]
    is_exact = said[0].startswith("0")
    if not rest:
        return _valid(*(divmod(hour, 100) if hour >= 100 else (hour, 0)), is_exact=is_exact)
    with_zero = rest[0] in ("oh", "zero", "o")
    minutes = read_number(rest[with_zero:])
    if minutes is None or minutes[1] + with_zero != len(rest) or minutes[0] != int(minutes[0]):
        return None
    minute = int(minutes[0])
    has_two_digits = minute >= 10 or with_zero or rest[0].startswith("0")
    return _valid(hour, minute, is_exact=is_exact) if has_two_digits and not (with_zero and minute > 9) else None


def _relative(left: Sequence[str], right: Sequence[str], *, before: bool) -> _Clock | None:
    """So many minutes from an hour: "half past six", "ten minutes to nine", "a quarter past noon"."""
    shares = [word for word in left if word not in ("minutes", "minute")]
    minutes = _SHARES.get(shares[0]) if len(shares) == 1 else None
    if minutes is None and (found := read_number(shares)) and found[1] == len(shares) and found[0] == int(found[0]):
        minutes = int(found[0])
    clock = _clock(right) if right and _AFTER.isdisjoint(right) and _BEFORE.isdisjoint(right) else None
    if minutes is None or not 0 <= minutes < 60 or clock is None or clock[1]:
        return None
    hour, _, is_exact = clock
    if not before:
        return hour % 24, minutes, is_exact
    earlier = (hour - 1) % 24 if is_exact else hour - 1 or 12
    return (earlier, 60 - minutes, is_exact) if minutes else clock


def _valid(hour: int, minute: int, *, is_exact: bool) -> _Clock | None:
    if not 0 <= hour <= 24 or not 0 <= minute < 60 or (hour == 24 and minute):
        return None
    return hour, minute, is_exact or hour > 12 or hour == 0


# --- which one ---------------------------------------------------------------------------------------------------


def _minutes_of_day(clock: _Clock, part: str) -> tuple[int, ...]:
    """When in a day it may be, in minutes from its beginning; those past 24 hours are in the night after it."""
    hour, minute, is_exact = clock
    half = hour % 12 * 60 + minute
    noon = 12 * 60
    if is_exact and (hour > 12 or hour == 0 or part not in ("am", "pm")):
        return (hour * 60 + minute,)
    match part:
        case "am" | "morning":
            return (half,)
        case "pm" | "afternoon":
            return (half + noon,)
        case "evening":
            return (half + (noon if hour != 12 else _DAY_MINUTES),)
        case "night":
            return (half + (noon if 6 <= hour < 12 else _DAY_MINUTES),)
    return half, half + noon


def _times(date: dt.date, options: Sequence[int]) -> list[dt.datetime]:
    start = dt.datetime.combine(date, dt.time())
    return [start + dt.timedelta(minutes=minutes) for minutes in options]


def _on_day(date: dt.date, options: Sequence[int], now: dt.datetime) -> dt.datetime:
    times = _times(date, options)
    if date == now.date():
        return next((time for time in times if time > now), times[-1])
    return times[-1] if times[0].hour < 5 else times[0]
