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
    "$": ("dollar", "cent", "cents"),
    "€": ("euro", "cent", "cents"),
    "£": ("pound", "penny", "pence"),
    "¥": ("yen", "sen", "sen"),
}
_SCALES = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "b": "billion", "B": "billion",
    "bn": "billion", "T": "trillion", "tn": "trillion",
}  # fmt: skip
_UNITS = {
    "km/h": "kilometer per hour", "kph": "kilometer per hour", "mph": "mile per hour", "m/s": "meter per second",
    "km": "kilometer", "cm": "centimeter", "mm": "millimeter", "m": "meter", "mi": "mile", "kg": "kilogram",
    "g": "gram", "mg": "milligram", "ml": "milliliter", "L": "liter", "l": "liter", "lb": "pound", "oz": "ounce",
    "kWh": "kilowatt hour", "kW": "kilowatt", "W": "watt", "V": "volt", "Hz": "hertz", "kHz": "kilohertz",
    "hPa": "hectopascal", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte",
    "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute", "mins": "minute", "sec": "second", "ms": "millisecond",
    "s": "second",
}  # fmt: skip
_PLURALS = {"hertz": "hertz", "kilohertz": "kilohertz", "yen": "yen"}
_FRACTIONS = {
    "1/2": "one half", "1/3": "one third", "2/3": "two thirds", "1/4": "one quarter", "3/4": "three quarters",
    "1/8": "one eighth", "3/8": "three eighths", "5/8": "five eighths", "7/8": "seven eighths",
}  # fmt: skip
_ABBREVIATIONS = {
    "Dr": "Doctor", "Mr": "Mister", "Mrs": "Missus", "Ms": "Miss", "Prof": "Professor", "St": "Saint", "Jr": "Junior",
    "Sr": "Senior", "vs": "versus", "approx": "approximately", "i.e": "that is", "e.g": "for example",
    "dept": "department",
} | {month[:3]: month for month in _MONTHS if month != "May"} | {"Sept": "September"}  # fmt: skip

_WHOLE = r"\d+(?:,\d+)*"
_NUMBER = rf"{_WHOLE}(?:\.\d+)?"
_AMOUNT = rf"(?:{_NUMBER}\s)?\d/\d|{_NUMBER}"
_SIGN = f"[{''.join(_CURRENCIES)}]"
_SCALE = rf"(?:\s(thousand|million|billion|trillion)|({'|'.join(sorted(_SCALES, key=len, reverse=True))}))\b"
_HALF_DAY = r"\s?[AaPp]\.?[Mm]\b\.?"
_IN_STREET = (
    r"(?!\s+(?:\d+(?:st|nd|rd|th)|"
    r"(?:[A-Z][\w.]*\s+){0,2}(?:St|Street|Ave|Avenue|Blvd|Boulevard|Rd|Road|Ln|Lane|Pl|Place|Ct|Court))\b)"
)
"""What must not follow a unit of one letter: in "10 W 34th St" it is a part of an address."""
_UNIT = (
    "|".join(sorted((unit for unit in _UNITS if len(unit) > 1), key=len, reverse=True))
    + f"|(?:{'|'.join(unit for unit in _UNITS if len(unit) == 1)}){_IN_STREET}"
)
_DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
_PERIOD = rf"(?:{_DAY}|{'|'.join(f'{month}|{month[:3]}' for month in _MONTHS)})"
_DECADE = r"['’‘]?[2-9]0s\b"
_DECADES = rf"(?<![\w.,]){_DECADE}(?:(?:\s?[-–/&]\s?|,?\s(?:and|or|to)\s|,\s){_DECADE})*"
_LASTING = re.compile(
    r"(?:^|[:=(~≈]|\d\s?(?:h|m|min)|\b(?:hours?|minutes?|in|for|after|every|within|than|of|about|around|another|only|just|next"
    r"|under|over|at|by|wait|took|takes?|last(?:s|ed)?))\s*$",
    re.IGNORECASE,
)
_NO_NOUN = re.compile(
    r"\s*(?:$|[^\w\s]|(?:and|or|then|before|after|to|until|on|of|at|in|per|if|while|when|with|from|each|between|so|for"
    r"|I|it|you|we|the|your)\b)"
)
_LASTS = re.compile(
    r"[\s-](?:timer|timeout|limit|delay|interval|countdown|alarm|break|rest|pause|left|remaining|more|ago|later|long)\b"
)


def _counted(number: str, thing: str) -> str:
    """As in "1 mile per hour", "1/2 mile per hour", "5 miles per hour"."""
    if number == "1" or ("/" in number and " " not in number):
        return f"{number} {thing}"
    head, *rest = thing.split(" ", 1)
    if rest and not rest[0].startswith("per "):
        return f"{number} {thing}s"
    return " ".join([number, _PLURALS.get(head, f"{head}s"), *rest])


def _money(sign: str, whole: str, small: str, scale: str) -> str:
    """An amount; `small` are the digits after the point, of which two are cents and one is tens of them."""
    name, cent, cents = _CURRENCIES[sign]
    if scale or len(small) > 2:
        number = f"{whole}.{small}" if small else whole
        return " ".join(filter(None, (number, _SCALES.get(scale, scale), _PLURALS.get(name, f"{name}s"))))
    many = int(small.ljust(2, "0")) if small else 0
    spoken = f"{many} {cent if many == 1 else cents}"
    if many and not int(whole.replace(",", "")):
        return spoken
    return f"{_counted(whole, name)} and {spoken}" if many else _counted(whole, name)


def _money_after_sign(found: "re.Match[str]") -> str:
    sign, whole, small, word, letter = found.groups("")
    return _money(sign, whole, small, word or letter)


def _money_before_sign(found: "re.Match[str]") -> str:
    whole, small, smaller, word, letter, sign = found.groups("")
    return _money(sign, whole, small or smaller, word or letter)


def _fraction(found: "re.Match[str]") -> str:
    whole, above, below = found.groups()
    name = _FRACTIONS.get(f"{above}/{below}")
    if whole and name:
        return f"{whole} and {name.replace('one ', 'a ')}"
    return f"{whole + ' ' if whole else ''}{name or f'{above} over {below}'}"


def _decades(found: "re.Match[str]") -> str:
    """What "70s" says: a decade, or degrees by the ten, unless what stands around it speaks of a time that passes."""
    after = found.string[found.end() :]
    lasts = _LASTS.match(after) or (_LASTING.search(found.string[: found.start()]) and _NO_NOUN.match(after))
    if lasts and not re.search("['’‘]", found[0]):
        return found[0]
    return re.sub(r"['’‘]?([2-9])0s", lambda one: _TENS[one[1]], found[0])


def _digits(found: "re.Match[str]") -> str:
    """A telephone number or the like, digit by digit, with a pause after each group."""
    groups = re.findall(r"\d+", found[0])
    date = len(groups) == 3 and len(groups[2]) == 4 and all(len(group) <= 2 for group in groups[:2])
    spoken = [group if date or len(group) < 3 else " ".join(group) for group in groups]
    return ("plus " if "+" in found[0] else "") + ", ".join(spoken)


def _short_number(found: "re.Match[str]") -> str:
    """What "555-0199" says; two round numbers that look like one are a range."""
    if found[1].endswith("0") and found[2].endswith("00"):
        return f"{found[1]} to {found[2]}"
    return _digits(found)


def _date(found: "re.Match[str]") -> str:
    year, month, day = map(int, found.groups())
    return f"{_MONTHS[month - 1]} {day}, {year}" if 1 <= month <= len(_MONTHS) else found.group()


def _time(found: "re.Match[str]") -> str:
    hour, minute, half = int(found[1]), found[2], found[3] or ""
    if minute == "00":
        return f"{hour}{half}" if half else f"{hour} hundred" if hour > 12 else f"{hour} o'clock"
    return f"{hour} oh {minute[1]}{half}" if minute[0] == "0" else f"{hour}:{minute}{half}"


_WRITTEN: tuple[tuple[str, Replacement, int], ...] = (
    (r"[‐‑]", "-", 0),
    (r"‒", "–", 0),
    (r"―", "—", 0),
    (r"(\d?)([¼-¾⅐-⅞])", lambda found: f"{found[1]} {unicodedata.normalize('NFKD', found[2])}".lstrip(), 0),
    (r"⁄", "/", 0),
)
"""Signs that are written in several ways, in one."""
_MARKUP: tuple[tuple[str, Replacement, int], ...] = (
    (r"```.*?(?:```|$)", " ", re.DOTALL),  # code is not for the ear
    (r"!?\[([^\]]*)\]\([^)\s]*\)", r"\1", 0),  # a link is its text
    (r"\]\([^)\s]*\)", " ", 0),  # one that began in the piece before
    (r"https?://(?:www\.)?([^\s/?#)]+)[^\s)]*?(?=[.,;:!?]*(?:[\s)]|$))", r"\1", 0),  # an address is its host
    (r"</?[A-Za-z][^<>\n]{0,60}>", " ", 0),
    (r"^\s*#{1,6}\s+", "", re.MULTILINE),
    (r"^\s*[-*•·+]\s+(?:\[[ xX]\]\s)?", "", re.MULTILINE),
    (r"^\s*>\s+", "", re.MULTILINE),
    (r"^(\s*\d{1,3})[.)]\s+(?=\S)", r"\1, ", re.MULTILINE),
    (r"(\d)\s*\*\*\s*(?=\d)", r"\1^", 0),
    (r"(\d)\s*\*\s*(?=\d)", r"\1 times ", 0),
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
    (r"(?<![\w.+-])\+\d{1,3}(?:[-. ]?\(?\d{2,5}\)?){2,5}(?![\w-])", _digits, 0),
    (r"(?<![\w.-])(?:\d[-. ])?\(?\d{3}\)?[-. ]\s?\d{3}[-. ]\d{4}(?![\w-])", _digits, 0),
    (r"(?<![\w.,:-])\d+(?:-\d+){2,}(?![\w:-])", _digits, 0),
    (r"(?<![\w.,$€£¥-])(\d{3})-(\d{4})(?![\w-])", _short_number, 0),
    (rf"(\d(?:{_HALF_DAY})?)\s*[–—-]\s*(?=\d{{1,2}}(?::\d\d|{_HALF_DAY}))", r"\1 to ", 0),
    (rf"(:\d\d(?:{_HALF_DAY})?|\d{_HALF_DAY})\s*[–—-]\s*(?=\d)", r"\1 to ", 0),
    (rf"\b({_PERIOD}\.?)\s*[–-]\s*(?={_PERIOD}\b)", r"\1 to ", 0),
    (r"(?<![\d:])(\d{1,2}):(\d{2})(?::\d{2}Z?)?(\s?[AaPp]\.?[Mm]\b)?(?![\d:])", _time, 0),
    (r"\b(\d{1,2}):(\d)\b", r"\1 to \2", 0),
    (rf"({_SIGN})\s?({_NUMBER})\s?[–-]\s?(?=\d)", r"\2 to \1", 0),
    (rf"(\d)\s?[–-]\s?(?={_SIGN}\s?\d)", r"\1 to ", 0),
    (
        rf"(?<![\w.,$€£¥])({_WHOLE}?)(?:\.(\d+)|,(\d\d))?(?:{_SCALE})?\s?({_SIGN})(?!\s?\d)",
        _money_before_sign,
        0,
    ),
    (rf"({_SIGN})\s?({_WHOLE})(?:\.(\d+))?(?:{_SCALE})?", _money_after_sign, 0),
    (r"(\d)\s?¢", r"\1 cents", 0),
    (r"\b(1\d|20)([2-9])0s\b", lambda found: f"{found[1]} {_TENS[found[2]]}", 0),
    (_DECADES, _decades, 0),
    (r"(?<![\d.])\.(?=\d)", "0.", 0),
    (r"(\d)\s*°\s*C\b", r"\1 degrees Celsius", 0),
    (r"(\d)\s*°\s*F\b", r"\1 degrees Fahrenheit", 0),
    (r"\s*°", " degrees", 0),
    (
        rf"(?<![\w./])({_AMOUNT})\s?({_UNIT})(?![\w/])(?!'\w)",
        lambda found: _counted(found[1], _UNITS[found[2]]),
        0,
    ),
    (r"(?<![\w/.,])(?:(\d+)\s)?(\d)/(\d)(?![\w/])", _fraction, 0),
    (r"(\d)\s*²|(\w)\^2\b", lambda found: f"{found[1] or found[2]} squared", 0),
    (r"(\w)\^", r"\1 to the power of ", 0),
    (r"√\s*", " the square root of ", 0),
)
_SIGNS: tuple[tuple[str, Replacement, int], ...] = (
    (r"(\d)\s*x\s*(?=\d)", r"\1 times ", 0),
    (r"\s*[×⋅]\s*|(?:(?<=\d)|(?<=\b[A-Za-z]))\s*·\s*(?=\d|[A-Za-z]\b)", " times ", 0),
    (r"\s+·\s+", ", ", 0),
    (r"\s*÷\s*|(?<=\d)\s+/\s+(?=\d)", " divided by ", 0),
    (r"\s*±\s*", " plus or minus ", 0),
    (r"(\d)\s*\+\s*(?=\d)", r"\1 plus ", 0),
    (r"(\d)(?:\s+[-−–]\s+|−)(?=\d)", r"\1 minus ", 0),
    (r"([\d%])\s*[–-]\s*(?=\d)|(?<=[\w%)])–(?=\w)", r"\1 to ", 0),
    (r"(?<=\w)-{2,}(?=\w)", ", ", 0),
    (r"(?<!\w)[−–-](?=\d)", "minus ", 0),
    (r"\s*(?:→|⇒|->|=>)\s*", " to ", 0),
    (r"\s*(?:!=|≠)\s*", " is not equal to ", 0),
    (r"\s*(?:<=|≤)\s*", " at most ", 0),
    (r"\s*(?:>=|≥)\s*", " at least ", 0),
    (r"\s*=+\s*", " equals ", 0),
    (r"(?<=[a-z])\s+>\s+(?=[A-Z][a-z])", ", ", 0),  # the way through menus, as in "Settings > Network"
    (r"\s<\s", " less than ", 0),
    (r"\s>\s", " greater than ", 0),
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
    for pattern, replacement, flags in (*_WRITTEN, *_MARKUP, *_WORDS, *_QUANTITIES, *_SIGNS)
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
    text = " ".join("".join(map(_kept, text)).split())
    for pattern, mark in _TIDIED:
        text = pattern.sub(mark, text)
    text = text.lstrip(" ,.;:!?)-")
    return text if any(map(str.isalnum, text)) else ""


def _kept(character: str) -> str:
    """Letters, digits, spaces and the marks that shape a sentence; neither emoji nor control characters.

    What is left out leaves a space, so that its neighbours stay two words; but nothing where it only changes or joins
    them, as an accent or a soft hyphen does.
    """
    if character.isalnum() or character.isspace() or character in ".,;:!?'’\"“”()-%+/@&":
        return character
    category = unicodedata.category(character)
    return "" if category.startswith("M") or category == "Cf" else " "
