"""Whether two arguments of a call mean the same, for measuring.

The rule it owns: a difference that no tool would notice is none. Numbers compare as numbers, durations as seconds,
arithmetic by its value, texts without case, punctuation and articles; only what is wanted must be there.
"""

import re
from collections.abc import Mapping
from typing import Any

from device.core.durations import parse_duration
from device.core.numbers import in_digits
from device.errors import ToolError
from device.tools.calculator import value_of

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_ARTICLES = frozenset({"a", "an", "the", "my", "our", "some", "please"})
_ARITHMETIC = re.compile(r"[\d)]\s*(?:[-+*/^×÷%x]|\*\*|plus|minus|times|divided|percent|of)\s*|sqrt|root")
_CLOCK = re.compile(
    r"(?:at )?(\d{1,2})(?::(\d{2}))?(?: ?o'?clock)?\s*(?:in the )?(a\.?m\.?|p\.?m\.?|morning|afternoon|evening)?"
)
_DAY_MINUTES, _HALF_DAY_MINUTES = 24 * 60, 12 * 60
_CLOSE = 1e-6


def same_arguments(wanted: Mapping[str, Any], given: Mapping[str, Any], *, tool: str = "") -> bool:
    """Whether every wanted argument of a call of `tool` was given and means what was wanted."""
    return all(name in given and same(value, given[name], told=f"{tool} {name}") for name, value in wanted.items())


def same(wanted: Any, given: Any, *, told: str = "") -> bool:
    """Whether two values mean the same; the words of `told`, the tool's and the argument's name, add nothing to them:
    the shopping list is the list "shopping".
    """
    if isinstance(wanted, bool) or isinstance(given, bool):
        return str(wanted).casefold() == str(given).casefold()
    if isinstance(wanted, list) and isinstance(given, list):
        return len(wanted) == len(given) and all(map(same, wanted, given))
    if isinstance(wanted, Mapping) and isinstance(given, Mapping):
        return same_arguments(wanted, given)
    if wanted is None or given is None or isinstance(wanted, (list, Mapping)) or isinstance(given, (list, Mapping)):
        return bool(wanted == given)
    return _same_text(str(wanted), str(given), frozenset(_words(told.replace("_", " "))))


def _same_text(wanted: str, given: str, told: frozenset[str]) -> bool:
    first, second = in_digits(wanted.strip()), in_digits(given.strip())
    if (one := _value(first)) is not None and (other := _value(second)) is not None:
        return abs(one - other) < _CLOSE  # before the words, which have no signs
    if _words(first) == _words(second) or _words(first, told) == _words(second, told) != []:
        return _NUMBER.findall(first) == _NUMBER.findall(second)
    return any(
        (one := meaning(first)) is not None and (other := meaning(second)) is not None and abs(one - other) < _CLOSE
        for meaning in (_number, parse_duration, _after_in, _minute_of_day)
    )


def _words(text: str, told: frozenset[str] = frozenset()) -> list[str]:
    return [word for word in _WORD.findall(text.casefold()) if word not in _ARTICLES and word not in told]


def _number(text: str) -> float | None:
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)\s*(?:%|percent)?", text.replace(",", ""))
    return float(found.group(1)) if found else None


def _after_in(text: str) -> float | None:
    return parse_duration(re.sub(r"^(?:in|after|for)\s+", "", text, flags=re.IGNORECASE))


def _value(text: str) -> float | None:
    if not _ARITHMETIC.search(text.lower()):
        return None
    try:
        return float(value_of(text))
    except (ToolError, ValueError):
        return None


def _minute_of_day(text: str) -> float | None:
    """A time of day in minutes; without a half of the day, those of the first."""
    found = _CLOCK.fullmatch(text.casefold().strip(" ."))
    if found is None:
        return None
    hour, minute, half = int(found.group(1)), int(found.group(2) or 0), found.group(3) or ""
    minutes = hour % 12 * 60 + minute if half or hour <= 12 else hour * 60 + minute
    return float(
        (minutes + (_HALF_DAY_MINUTES if half.startswith(("p", "afternoon", "evening")) else 0)) % _DAY_MINUTES
    )
