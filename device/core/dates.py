"""Days of the calendar as people say them: "the 20th", "May 4th", "the third of June", "20 May 2027".

Rules:
* One without its month or year is the next such day, today included.
* A number alone is no day, and a spelt ordinal only beside "the" or a month: "a second" is a duration.
* "The second Friday" counts Fridays, not days.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence

WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()

_MONTH_NAMES = "january february march april may june july august september october november december".split()
_MONTHS = {"sept": 9} | {
    spelling: number for number, name in enumerate(_MONTH_NAMES, start=1) for spelling in (name, name[:3])
}
_ORDINALS = {
    word: day
    for day, word in enumerate(
        """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
        fifteenth sixteenth seventeenth eighteenth nineteenth twentieth""".split(),
        start=1,
    )
} | {"thirtieth": 30}
_TENS = {"twenty": 20, "thirty": 30}
_IN_DIGITS = re.compile(r"(\d{1,2})(st|nd|rd|th)?")
_YEAR = re.compile(r"20\d\d")
_YEARS_AHEAD = 8
"""The 29th of February comes within so many."""


def read_date(words: Sequence[str], today: dt.date) -> tuple[dt.date, list[str]] | None:
    """The day that `words` (lower-case, hyphens apart) name when it is `today`, and the other words; None if none."""
    for at, word in enumerate(words):
        is_hour = word.isdecimal() and words[at - 1 : at] == ["at"]
        found = None if is_hour else _month_first(words[at:], today) or _day_first(words[at:], today)
        if found is not None:
            date, used = found
            before = at - (words[at - 1 : at] == ["of"])  # "the evening of the 20th"
            return date, [*words[:before], *words[at + used :]]
    return None


_Read = tuple[dt.date, int] | None
"""A day, and how many words it takes."""


def _month_first(words: Sequence[str], today: dt.date) -> _Read:
    """Such as "May 4th", "May the fourth", "May 4"."""
    month = _MONTHS.get(words[0])
    if month is None:
        return None
    at = 1 + (words[1:2] == ["the"])
    day, used, _ = _day(words[at:])
    return _in_month(day, month, words, at + used, today) if used else None


def _day_first(words: Sequence[str], today: dt.date) -> _Read:
    """Such as "the 4th of May", "4 May", "the 4th"."""
    at = int(words[0] == "the")
    day, used, is_ordinal = _day(words[at:])
    if not used:
        return None
    at += used
    skipped = int(words[at : at + 1] == ["of"])
    month = _MONTHS.get(words[at + skipped]) if len(words) > at + skipped else None
    if month is not None:
        return _in_month(day, month, words, at + skipped + 1, today)
    is_day = is_ordinal and (words[0] == "the" or words[0][0].isdigit()) and not skipped
    if not is_day or (at < len(words) and words[at] in WEEKDAYS):
        return None
    return _first(lambda ahead: _month_ahead(today, ahead).replace(day=day), 12, today, at)


def _day(words: Sequence[str]) -> tuple[int, int, bool]:
    """The day of a month, how many words it takes, none if it is none, and whether it is an ordinal."""
    if not words:
        return 0, 0, False
    if digits := _IN_DIGITS.fullmatch(words[0]):
        return int(digits[1]), 1, digits[2] is not None
    tens, ones = _TENS.get(words[0]), _ORDINALS.get(words[1], 10) if len(words) > 1 else 10
    if tens is not None and ones < 10:
        return tens + ones, 2, True
    day = _ORDINALS.get(words[0], 0)
    return day, int(day > 0), True


def _in_month(day: int, month: int, words: Sequence[str], used: int, today: dt.date) -> _Read:
    """The day in the year behind it, or else its next one."""
    if used < len(words) and _YEAR.fullmatch(words[used]):
        year = int(words[used])
        return _first(lambda _: dt.date(year, month, day), 1, dt.date.min, used + 1)
    return _first(lambda ahead: dt.date(today.year + ahead, month, day), _YEARS_AHEAD + 1, today, used)


def _first(candidate: Callable[[int], dt.date], count: int, earliest: dt.date, used: int) -> _Read:
    """The first candidate that there is, and that is not before `earliest`."""
    for ahead in range(count):
        try:
            date = candidate(ahead)
        except ValueError:
            continue
        if date >= earliest:
            return date, used
    return None


def _month_ahead(today: dt.date, months: int) -> dt.date:
    years, month = divmod(today.month - 1 + months, 12)
    return dt.date(today.year + years, month + 1, 1)
