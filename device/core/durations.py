"""Durations as people and models write them: "10 minutes", "an hour and a half", "1h30", "90 seconds", "0:45"."""

import re

_UNITS_SECONDS = {
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600,
    "d": 86400, "day": 86400, "week": 604800, "w": 604800,
}  # fmt: skip

_SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "a": 1, "an": 1, "couple": 2, "dozen": 12,
}  # fmt: skip

_SHARES = {"half": 0.5, "quarter": 0.25, "quarters": 0.25}

_TOKEN = re.compile(r"\d+(?:[.,]\d+)?|[a-z]+|:")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_FILLERS = frozenset({"and", "of", "for", "in", "about", "the"})


def parse_duration(text: str) -> float | None:
    """Seconds, None if `text` is not a duration. "5:30" is minutes and seconds, "1:05:30" has hours; a number without
    a unit is None, since nobody can know what it counts.
    """
    said = text.strip().lower().replace("-", " ")
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
    return _sum_of(tokens)


def _sum_of(tokens: list[str]) -> float | None:
    total, number, last_unit = 0.0, None, None
    for token in tokens:
        if token in _FILLERS:
            continue
        unit = _UNITS_SECONDS.get(token) or _UNITS_SECONDS.get(token.removesuffix("s"))
        if unit is not None:
            if number is None:
                return None
            total, number, last_unit = total + number * unit, None, unit
        elif (share := _SHARES.get(token)) is not None:
            if number in (None, 1.0) and last_unit is not None:
                total, number, last_unit = total + share * last_unit, None, None
            else:
                number = share * (number or 1.0) if token == "quarters" or number in (None, 1.0) else number + share  # noqa: S105
        else:
            value = float(token.replace(",", ".")) if token[0].isdigit() else _SMALL.get(token)
            if value is None:
                return None
            number = _joined(number, float(value), token)
    return _with_rest(total, number, last_unit)


def _joined(number: float | None, value: float, token: str) -> float:
    """Twenty and five are 25; an article adds nothing to a number."""
    if number is None:
        return value
    if token in ("a", "an"):
        return number
    return number + value if value < 10 <= number else number * value


def _with_rest(total: float, number: float | None, last_unit: float | None) -> float | None:
    """In "1h30" a number after hours counts minutes, after an article and a half ("an hour and a half") nothing."""
    if number is None:
        return total or None
    if last_unit is None:
        return total if total and number == 1.0 else None
    if number == 1.0:
        return total
    return total + number * last_unit / 60 if last_unit in (60, 3600) else None


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
