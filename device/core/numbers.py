"""Numbers and times of day as people say them, written in digits: "twenty five" → 25, "half past five" → 5:30.

A small model copies digits well and spells badly, and a recognizer writes either; so what the model is shown has
digits. The rule it owns: everything that is not certainly a number stays as it is, "one" and "a" above all.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from device.core.number_words import SMALL, TENS

_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_SHARES = {"half": 5, "quarter": 25}
_COUNTED = frozenset(
    """second minute hour day week month year time degree percent cup dollar euro pound mile kilometer meter inch foot
    feet kilo kilogram gram ounce liter gallon person people plus minus times divided point hundred thousand million
    billion""".split()
)
"""What may be counted: a lone "one" is a number only before one of these (or after an operator)."""
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth".split()
_MONTHS = frozenset("january february march april may june july august september october november december".split())
_OPERATORS = frozenset("plus minus times by over".split())
_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[.,:]\d+)*")
_JOINTS = re.compile(r"\s+|-")


def in_digits(text: str) -> str:
    """`text` with the numbers and times of day that are spelt in it written in digits."""
    found = list(_TOKEN.finditer(text))
    words = [one.group().lower() for one in found]
    joined = [bool(_JOINTS.fullmatch(text[a.end() : b.start()])) for a, b in pairwise(found)]
    written, at, copied = "", 0, 0
    while at < len(words):
        reach = at + 1
        while reach < len(words) and joined[reach - 1]:
            reach += 1
        read = _date(words[at:reach], words[max(at - 2, 0) : at]) or _read(words[at:reach], words[at - 1] if at else "")
        if read is None:
            at += 1
            continue
        digits, length = read
        written += text[copied : found[at].start()] + digits
        at += length
        copied = found[at - 1].end()
    return written + text[copied:]


def _date(words: Sequence[str], before: Sequence[str]) -> tuple[str, int] | None:
    """A spelt day of a month from the twenty-first on: "may the twenty second". Elsewhere that may be a duration."""
    if len(words) < 2 or words[0] not in ("twenty", "thirty") or words[1] not in _ORDINALS:
        return None
    month_before = [word for word in before if word != "the"][-1:]
    month_after = [word for word in words[2:4] if word != "of"][:1]
    if words[1] == "second" and _MONTHS.isdisjoint([*month_before, *month_after]):
        return None
    day = TENS[words[0]] + _ORDINALS.index(words[1]) + 1
    return f"{day}{({1: 'st', 2: 'nd', 3: 'rd'}).get(day % 10, 'th')}", 2


def _read(words: Sequence[str], before: str) -> tuple[str, int] | None:
    """The number or time of day that `words` begin with, in digits, and how many words it takes."""
    if clock := _past_or_to(words):
        return clock
    whole = _whole(words)
    if whole is None:
        return None
    value, length = whole
    counts = before in _OPERATORS or _is_counted(words[1:2]) or words[1:3] == ["and", "a"]
    if length == 1 and words[0] == "one" and not counts:
        return None
    return _with_rest(value, length, words)


def _with_rest(value: int, length: int, words: Sequence[str]) -> tuple[str, int]:
    """The number with what may follow it: "point five", "and a half", the minutes of a time, a year's end."""
    rest = words[length:]
    if rest[:1] == ["point"] and (decimals := _digits(rest[1:])):
        return f"{value}.{decimals}", length + 1 + len(decimals)
    if rest[:2] == ["and", "a"] and len(rest) > 2 and rest[2] in _SHARES:
        return f"{value}.{_SHARES[rest[2]]}", length + 3
    minutes = _minutes(rest)
    if minutes and length == 1 and not _is_counted(rest[minutes[1] :]):
        if 1 <= value <= 12:
            return f"{value}:{minutes[0]:02}", length + minutes[1]
        if 13 <= value <= 20 and minutes[0] >= 10:
            return f"{value}{minutes[0]}", length + minutes[1]
    return str(value), length


def _whole(words: Sequence[str]) -> tuple[int, int] | None:
    """A whole number: "two hundred and five" is 205 in four words."""
    if words[:1] == ["a"] and words[1:2] and (words[1] in _SCALES or words[1] == "dozen"):
        return (12, 2) if words[1] == "dozen" else _scaled(1, 1, words)
    begun = _below_hundred(words)
    if begun is None:
        return None
    if words[begun[1] : begun[1] + 1] == ["dozen"]:
        return begun[0] * 12, begun[1] + 1
    return _scaled(*begun, words)


def _scaled(value: int, length: int, words: Sequence[str]) -> tuple[int, int]:
    total = 0
    while length < len(words):
        word = words[length]
        if word == "hundred" and value >= 100:
            break  # else a word that a recognizer repeats for ever makes a number of any length
        if word in _SCALES:
            value *= _SCALES[word]
            length += 1
            if word != "hundred":
                total, value = total + value, 0
            continue
        skipped = int(word == "and")
        more = _below_hundred(words[length + skipped :])
        if more is None or (value % 100 if value else not total):
            break
        value, length = value + more[0], length + skipped + more[1]
    return total + value, length


def _below_hundred(words: Sequence[str]) -> tuple[int, int] | None:
    if not words:
        return None
    if words[0] in SMALL:
        return SMALL[words[0]], 1
    if words[0] not in TENS:
        return None
    ones = SMALL.get(words[1], 0) if len(words) > 1 else 0
    return (TENS[words[0]] + ones, 2) if 1 <= ones <= 9 else (TENS[words[0]], 1)


def _digits(words: Sequence[str]) -> str:
    digits = ""
    for word in words:
        if SMALL.get(word, 10) > 9:
            break
        digits += str(SMALL[word])
    return digits


def _minutes(words: Sequence[str]) -> tuple[int, int] | None:
    """Minutes after an hour: "fifteen", "oh five"."""
    if words[:1] == ["oh"] and len(words) > 1 and 1 <= SMALL.get(words[1], 0) <= 9:
        return SMALL[words[1]], 2
    found = _below_hundred(words)
    return found if found and 10 <= found[0] <= 99 else None


def _past_or_to(words: Sequence[str]) -> tuple[str, int] | None:
    """Times such as "half past five", "a quarter to nine", "twenty past six"."""
    skipped = int(words[:1] == ["a"])
    said = words[skipped:]
    part = {"half": 30, "quarter": 15}.get(said[0]) if said else None
    length = 1
    if part is None and not skipped and (found := _below_hundred(said)):
        part, length = found
    if part is None or len(said) < length + 2 or said[length] not in ("past", "to", "after"):
        return None
    if said[length] != "past" and said[0] != "quarter":
        return None
    hour = _hour(said[length + 1])
    if hour is None or part > 59:
        return None
    after = said[length] != "to"
    clock = f"{hour}:{part:02}" if after else f"{(hour - 2) % 12 + 1}:{60 - part:02}"
    return clock, skipped + length + 2


def _hour(word: str) -> int | None:
    hour = int(word) if word.isascii() and word.isdecimal() and len(word) <= 2 else SMALL.get(word, 0)
    return hour if 1 <= hour <= 12 else None


def _is_counted(words: Sequence[str]) -> bool:
    return bool(words) and (words[0] in _COUNTED or words[0].removesuffix("s") in _COUNTED)
