"""Text as it is to be spoken: marks of writing removed, symbols in words.

espeak-ng reads digits, decimals, thousands, ordinals, per cent and most times by itself; what is rewritten here it
would spell out, leave out, run together or take for a sentence's end.
"""

import re
import unicodedata
from collections.abc import Callable

Replacement = str | Callable[["re.Match[str]"], str]

_MONTHS = "January February March April May June July August September October November December".split()
_TENS = dict(
    zip("23456789", "twenties thirties forties fifties sixties seventies eighties nineties".split(), strict=True)
)
_CURRENCIES = {
    "$": ("dollar", "cents"),
    "€": ("euro", "cents"),
    "£": ("pound", "pence"),
}
_UNITS = {
    "km/h": "kilometer per hour", "kph": "kilometer per hour", "mph": "mile per hour", "m/s": "meter per second",
    "km": "kilometer", "cm": "centimeter", "mm": "millimeter", "m": "meter", "mi": "mile", "kg": "kilogram",
    "g": "gram", "mg": "milligram", "ml": "milliliter", "L": "liter", "l": "liter", "lb": "pound", "oz": "ounce",
    "kWh": "kilowatt hour", "kW": "kilowatt", "W": "watt", "V": "volt", "Hz": "hertz", "kHz": "kilohertz",
    "hPa": "hectopascal", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte",
    "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute", "mins": "minute", "sec": "second", "ms": "millisecond",
    "s": "second",
}  # fmt: skip
_PLURALS = {"hertz": "hertz", "kilohertz": "kilohertz"}
_FRACTIONS = {"1/2": "one half", "1/3": "one third", "2/3": "two thirds", "1/4": "one quarter", "3/4": "three quarters"}
_ABBREVIATIONS = {
    "Dr": "Doctor", "Mr": "Mister", "Mrs": "Missus", "Ms": "Miss", "Prof": "Professor", "St": "Saint", "Jr": "Junior",
    "Sr": "Senior", "vs": "versus", "approx": "approximately", "i.e": "that is", "e.g": "for example",
    "dept": "department",
} | {month[:3]: month for month in _MONTHS if month != "May"} | {"Sept": "September"}  # fmt: skip

_NUMBER = r"\d[\d,]*(?:\.\d+)?"


def _counted(number: str, thing: str) -> str:
    """As in "1 mile per hour", "5 miles per hour"."""
    if number == "1":
        return f"{number} {thing}"
    head, *rest = thing.split(" ", 1)
    if rest and not rest[0].startswith("per "):
        return f"{number} {thing}s"
    return " ".join([number, _PLURALS.get(head, f"{head}s"), *rest])


def _money(found: "re.Match[str]") -> str:
    sign, whole, small, scale = found.groups()
    name, cents = _CURRENCIES[sign]
    if scale:
        return f"{whole}{'.' + small if small else ''} {scale} {name}s"
    spoken = _counted(whole, name)
    return f"{spoken} and {int(small)} {cents}" if small and int(small) else spoken


def _date(found: "re.Match[str]") -> str:
    year, month, day = map(int, found.groups())
    return f"{_MONTHS[month - 1]} {day}, {year}" if 1 <= month <= len(_MONTHS) else found.group()


def _time(found: "re.Match[str]") -> str:
    hour, minute, half = int(found[1]), found[2], found[3] or ""
    if minute == "00":
        return f"{hour}{half}" if half else f"{hour} hundred" if hour > 12 else f"{hour} o'clock"
    return f"{hour} oh {minute[1]}{half}" if minute[0] == "0" else f"{hour}:{minute}{half}"


_MARKUP: tuple[tuple[str, Replacement, int], ...] = (
    (r"```.*?(?:```|$)", " ", re.DOTALL),  # code is not for the ear
    (r"!?\[([^\]]*)\]\([^)\s]*\)", r"\1", 0),  # a link is its text
    (r"\]\([^)\s]*\)", " ", 0),  # one that began in the piece before
    (r"https?://(?:www\.)?([^\s/?#)]+)[^\s)]*?(?=[.,;:!?]*(?:[\s)]|$))", r"\1", 0),  # an address is its host
    (r"</?[A-Za-z][^<>\n]{0,60}>", " ", 0),
    (r"^\s*#{1,6}\s+", "", re.MULTILINE),
    (r"^\s*[-*•+]\s+(?:\[[ xX]\]\s)?", "", re.MULTILINE),
    (r"^\s*>\s+", "", re.MULTILINE),
    (r"^(\s*\d{1,3})[.)]\s+(?=\S)", r"\1, ", re.MULTILINE),
    (r"(\d)\s*[*×]\s*(?=\d)", r"\1 times ", 0),
    (r"\*+|_{2,}|`+|~~", "", 0),
    (r"(?<!\w)_|_(?!\w)", "", 0),
    (r"\s*\|\s*", ", ", 0),
)
_WORDS: tuple[tuple[str, Replacement, int], ...] = (
    (r"(?<![\w.])(Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr)\.(?=\s+[A-Z])", lambda found: _ABBREVIATIONS[found[1]], 0),
    (r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\.(?=\s+\d)", lambda found: _ABBREVIATIONS[found[1]], 0),
    (r"(?<![\w.])(vs|approx|i\.e|e\.g|dept)\.", lambda found: _ABBREVIATIONS[found[1]], 0),
    (r"\b[Nn]os?\.\s*(?=\d)", "number ", 0),
    (r"(?<!\w)#(?=\d)", "number ", 0),
    (r"\b([CF])#", r"\1 sharp", 0),
    (r"\bw/(?=\s)", "with", 0),
    (r"\band/or\b", "and or", 0),
)
_QUANTITIES: tuple[tuple[str, Replacement, int], ...] = (
    (r"\b(\d{4})-(\d{2})-(\d{2})(?!\d)", _date, 0),
    (r"(?<=\d)T(?=\d\d:\d\d)", " at ", 0),
    (r"(?<![\d:])(\d{1,2}):(\d{2})(?::\d{2}Z?)?(\s?[AaPp]\.?[Mm]\b)?(?![\d:])", _time, 0),
    (r"\b(\d{1,2}):(\d)\b", r"\1 to \2", 0),
    (r"([$€£])\s?(\d[\d,]*)(?:\.(\d+))?(?:\s(thousand|million|billion|trillion))?", _money, 0),
    (r"\b(1\d|20)([2-9])0s\b", lambda found: f"{found[1]} {_TENS[found[2]]}", 0),
    (r"(?<![\d.])\.(?=\d)", "0.", 0),
    (r"(\d)\s*°\s*C\b", r"\1 degrees Celsius", 0),
    (r"(\d)\s*°\s*F\b", r"\1 degrees Fahrenheit", 0),
    (r"\s*°", " degrees", 0),
    (r"(?<![\w/])(\d)/(\d)(?![\w/])", lambda found: _FRACTIONS.get(found[0], f"{found[1]} over {found[2]}"), 0),
    (
        rf"(?<![\w.])({_NUMBER})\s?({'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![\w/])(?!'\w)",
        lambda found: _counted(found[1], _UNITS[found[2]]),
        0,
    ),
    (r"(\d)\s*²|(\w)\^2\b", lambda found: f"{found[1] or found[2]} squared", 0),
    (r"(\w)\^", r"\1 to the power of ", 0),
    (r"√\s*", " the square root of ", 0),
)
_SIGNS: tuple[tuple[str, Replacement, int], ...] = (
    (r"(\d)\s*[x×]\s*(?=\d)", r"\1 times ", 0),
    (r"(\d)\s*÷\s*(?=\d)|(\d)\s+/\s+(?=\d)", lambda found: f"{found[1] or found[2]} divided by ", 0),
    (r"(\d)\s*\+\s*(?=\d)", r"\1 plus ", 0),
    (r"(\d)(?:\s+[-−–]\s+|−)(?=\d)", r"\1 minus ", 0),
    (r"\b(\d{3})-(\d{4})\b", lambda found: f"{' '.join(found[1])}, {' '.join(found[2])}", 0),
    (r"(\d)\s*[–-]\s*(?=\d)", r"\1 to ", 0),
    (r"(?<!\w)[−–-](?=\d)", "minus ", 0),
    (r"\s*(?:→|⇒|->|=>)\s*", " to ", 0),
    (r"\s*(?:!=|≠)\s*", " is not equal to ", 0),
    (r"\s*(?:<=|≤)\s*", " at most ", 0),
    (r"\s*(?:>=|≥)\s*", " at least ", 0),
    (r"\s*=+\s*", " equals ", 0),
    (r"\s*<\s*(?=\d)", " less than ", 0),
    (r"\s*>\s*(?=\d)", " more than ", 0),
    (r"(?<!\w)[~≈](?=\s?\d)", "about ", 0),
    (r"([A-Za-z])/(?=[A-Za-z])", r"\1 or ", 0),
    (r"\s&\s", " and ", 0),
    (r"(?:…|\.{2,})(?=\s*\w)", ", ", 0),
    (r"…|\.{2,}", ".", 0),
    (r"\s*—\s*|\s+[–-]+\s+|\s+[–-]+$", ", ", 0),
    (r"\(\s*\)|\[|\]", " ", 0),
)
_REWRITES = tuple(
    (re.compile(pattern, flags), replacement)
    for pattern, replacement, flags in (*_MARKUP, *_WORDS, *_QUANTITIES, *_SIGNS)
)
_TIDIED = (
    (re.compile(r"\s+(?=[,.;:!?])"), ""),
    (re.compile(r"([,;:])(?:\s*[,;:])+"), r"\1"),
    (re.compile(r"[,;:]+(?=[.!?])"), ""),
)


def speakable(text: str) -> str:
    """`text` for the synthesizer; empty if nothing in it can be spoken."""
    text = unicodedata.normalize("NFC", text)
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    text = " ".join("".join(filter(_pronounceable, text)).split())
    for pattern, mark in _TIDIED:
        text = pattern.sub(mark, text)
    text = text.lstrip(" ,.;:!?)-")
    return text if any(map(str.isalnum, text)) else ""


def _pronounceable(character: str) -> bool:
    """Letters, digits, spaces and the marks that shape a sentence; neither emoji nor control characters."""
    return character.isalnum() or character.isspace() or character in ".,;:!?'’\"“”()-%+/@&"
