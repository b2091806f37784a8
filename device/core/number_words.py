"""Numbers as people say them: "two hundred and five", "one point five", "three and a half", "a dozen", "half".

The rule it owns: what is a number by itself and how many words it takes. An article alone is none: whoever counts
("a minute") decides that for themselves.
"""

import math
import re
from collections.abc import Sequence

ARTICLES = frozenset({"a", "an"})

SMALL = {
    word: value
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
}
TENS = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_COUNTS = {"dozen": 12, "couple": 2}
_MULTIPLES = _SCALES | _COUNTS | {"hundred": 100}
_PARTS = {
    word: 1 / value
    for value, words in {2: "half halve", 3: "third", 4: "quarter fourth", 5: "fifth", 8: "eighth", 10: "tenth"}.items()
    for word in words.split()
}
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[a-z]+")

_Read = tuple[float, int] | None
"""A value and how many words it takes."""


def parse_number(text: str) -> float | None:
    """The number that the whole of `text` is, in digits or in words; None if it is none."""
    said = text.strip().lower().replace("−", "-")
    sign = 1.0
    for word in ("-", "minus ", "negative "):
        if said.startswith(word):
            said, sign = said.removeprefix(word), -1.0
            break
    words = _TOKEN.findall(said)
    found = read_number(words)
    if found is None or found[1] != len(words) or _TOKEN.sub("", said).strip(" -"):
        return None
    return sign * found[0]


def read_number(words: Sequence[str]) -> tuple[float, int] | None:
    """The number that `words` (lower-case, hyphens apart) begin with, and how many of them it takes."""
    found = _share(words) or _whole(words)
    if found is None or not math.isfinite(found[0]):
        return None
    value, length = _with_share(*_with_decimals(*found, words), words)
    return _multiplied(value, length, words)


def with_digits(text: str) -> str:
    """`text` in lower case with every number that is spelt in it written in digits."""
    said = text.lower()
    found = list(_TOKEN.finditer(said))
    written, at, copied = "", 0, 0
    while at < len(found):
        run = _run(said, found, at)
        read = read_number(run)
        if read is None or (read[1] == 1 and run[0][0].isdigit()):
            at += 1
            continue
        written += said[copied : found[at].start()] + f"{read[0]:.15g}"
        at += read[1]
        copied = found[at - 1].end()
    return written + said[copied:]


def _run(said: str, found: Sequence[re.Match[str]], at: int) -> list[str]:
    """The words from `at` on that nothing but spaces and hyphens parts; more than a number can take are left out."""
    run = [found[at].group()]
    for before, after in zip(found[at : at + 30], found[at + 1 : at + 31], strict=False):
        joint = said[before.end() : after.start()]
        is_hyphen = joint == "-" and before.group().isalpha() and after.group().isalpha()
        if not (joint.isspace() or is_hyphen):
            break
        run.append(after.group())
    return run


def say_number(value: float) -> str:
    """A measured number for the ear: three digits that count, whole numbers from a thousand on."""
    if not value:
        return "0"
    decimals = max(2 - math.floor(math.log10(abs(value))), 0)
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:.0f}"


# --- the parts of a number ---------------------------------------------------------------------------------------


def _share(words: Sequence[str]) -> _Read:
    """A part of one: "half", "a quarter", "two thirds". A lone "third" counts nothing: it is a place in an order."""
    if not words:
        return None
    skipped = int(words[0] in ARTICLES)
    if words[skipped : skipped + 1] and (skipped or words[0] in ("half", "quarter")):
        part = _PARTS.get(words[skipped])
        if part is not None:
            return part, skipped + 1
    # Digits are what the words before a fraction become where numbers are written so: "3 quarters".
    counted = (int(words[0]), 1) if re.fullmatch(r"[1-9]\d?", words[0]) else _below_hundred(words)
    if counted is None or len(words) <= counted[1]:
        return None
    count, length = counted
    word = words[length]
    part = _PARTS.get(word if count == 1 else word.removesuffix("s") if word.endswith("s") else "")
    return None if part is None else (count * part, length + 1)


def _whole(words: Sequence[str]) -> _Read:
    if not words:
        return None
    if _DIGITS.fullmatch(words[0]):
        return _in_digits(words[0]), 1
    if words[0] in ARTICLES and len(words) > 1 and words[1] in _MULTIPLES:
        return _cardinal(["one", *words[1:]]) if words[1] not in _COUNTS else (_COUNTS[words[1]], 2)
    if words[0] == "point" and _decimals(words[1:])[0]:
        return 0.0, 0
    return _cardinal(words)


def _in_digits(word: str) -> float:
    """A comma before three digits parts thousands, any other is a decimal point."""
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", word).replace(",", ".")
    return float(plain) if plain.count(".") <= 1 else math.inf


def _cardinal(words: Sequence[str]) -> _Read:
    """A number in words: groups below a thousand, each with its scale, the scales falling."""
    total, length, smallest = 0, 0, math.inf
    while True:
        skipped = int(length > 0 and words[length : length + 1] == ["and"])
        group = _below_thousand(words[length + skipped :])
        if group is None:
            break
        value, used = group
        at = length + skipped + used
        scale = _SCALES.get(words[at], 1) if at < len(words) else 1
        if scale >= smallest:
            break
        total, length, smallest = total + value * scale, at + (scale > 1), scale
        if scale == 1:
            break
    return (float(total), length) if length else None


def _below_thousand(words: Sequence[str]) -> tuple[int, int] | None:
    found = _below_hundred(words)
    if found is None or words[found[1] : found[1] + 1] != ["hundred"] or not found[0]:
        return found
    value, length = found[0] * 100, found[1] + 1
    skipped = int(words[length : length + 1] == ["and"])
    rest = _below_hundred(words[length + skipped :])
    if rest is None or not rest[0] or words[length + skipped + rest[1] :][:1] == ["hundred"]:
        return value, length
    return value + rest[0], length + skipped + rest[1]


def _below_hundred(words: Sequence[str]) -> tuple[int, int] | None:
    if not words:
        return None
    if words[0] in SMALL:
        return SMALL[words[0]], 1
    if words[0] not in TENS:
        return None
    ones = SMALL.get(words[1], 0) if len(words) > 1 else 0
    return (TENS[words[0]] + ones, 2) if 1 <= ones <= 9 else (TENS[words[0]], 1)


# --- what may follow it ------------------------------------------------------------------------------------------


def _with_decimals(value: float, length: int, words: Sequence[str]) -> tuple[float, int]:
    if words[length : length + 1] != ["point"] or value != int(value) or abs(value) >= 1e15:
        return value, length
    digits, used = _decimals(words[length + 1 :])
    return (float(f"{value:.0f}.{digits}"), length + 1 + used) if digits else (value, length)


def _decimals(words: Sequence[str]) -> tuple[str, int]:
    """The digits after the point, each by itself ("one four") or as one number ("fourteen")."""
    if words and words[0].isdecimal():
        return words[0], 1
    digits = ""
    for word in words:
        value = 0 if word == "oh" else SMALL.get(word, 10)
        if value > 9:
            break
        digits += str(value)
    if digits:
        return digits, len(digits)
    found = _below_hundred(words)
    return (str(found[0]), found[1]) if found else ("", 0)


def _multiplied(value: float, length: int, words: Sequence[str]) -> tuple[float, int]:
    """Its multiple: "2.5 million", "two dozen", "half a dozen". Whole numbers in words have taken their scales."""
    skipped = int(value < 1 and words[length : length + 1] in (["a"], ["an"]))
    word = words[length + skipped] if len(words) > length + skipped else ""
    takes_scale = value != int(value) or words[0][0].isdigit()
    if word != "dozen" and not (takes_scale and word in _MULTIPLES):
        return value, length
    return value * _MULTIPLES[word], length + skipped + 1


def _with_share(value: float, length: int, words: Sequence[str]) -> tuple[float, int]:
    """The number and a part of one: "three and a half"."""
    if words[length : length + 1] != ["and"] or value != int(value):
        return value, length
    share = _share(words[length + 1 :])
    return (value, length) if share is None or share[0] >= 1 else (value + share[0], length + 1 + share[1])
