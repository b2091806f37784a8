"""What a speaker means who corrects themselves in mid-sentence: "for six, no wait, make that eight minutes".

The rule it owns: a sentence is mended only where it says that it is being mended ("no wait", "I mean", "make that"), or
where two numbers stand around a bare "no"; what was taken back goes, what came instead takes its place.
"""

import re

from device.core.numbers import in_digits

_FILLER = re.compile(r"(?:^|(?<=\s))(?:u+h+m*|u+m+|e+rm*)\b[,.]*\s*", re.IGNORECASE)
_BREAK = re.compile(
    r"[,.;…\s-]+(?:(?:oh|ah)[,\s]+)?"
    r"(?:(?:no|nope|sorry|wait|actually)[,.\s]+(?:(?:no|sorry|wait|actually|hold on)[,.\s]+)*"
    r"(?:make (?:that|it)|i mean|i meant|rather|better)"
    r"|no[,.\s]+wait|wait[,.\s]+no|i mean|or rather|scratch that|make that)\b[,.\s]*(?=\S)",
    re.IGNORECASE,
)
_NUMBER = r"\d+(?:[.:]\d+)?"
_BARE_NO = re.compile(rf"(?<![\d.:]){_NUMBER}( [^\W\d_]+)?[,.]? no[,.]? ({_NUMBER})\b", re.IGNORECASE)
_DAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|tonight)\b"
_KINDS = (_NUMBER, _DAY)
_MOST_WORDS = 4
"""A longer correction is a sentence of its own."""


def repaired(text: str) -> str:
    """`text` without hesitation, numbers in digits, and every correction in the place of what it corrects."""
    said = _BARE_NO.sub(r"\2\1", _FILLER.sub("", in_digits(text)).strip())
    while found := _BREAK.search(said, 1):
        before, instead = said[: found.start()], said[found.end() :].strip()
        mended = _by_kind(before, instead) or _by_words(before, instead)
        if not 0 < len(mended) < len(said):
            break
        said = mended
    return said or text


def _by_kind(before: str, instead: str) -> str:
    """The last number or day of `before` replaced, if `instead` begins with one; a unit behind it is said once."""
    for kind in _KINDS:
        new = re.match(rf"(?:(?:at|to|for|on|in|the|by) )?({kind})((?: [^\W\d_]+)?)", instead, re.IGNORECASE)
        old = re.search(rf"(?<![\d.:])(?:{kind})(?!.*{kind})((?: [^\W\d_]+)?)", before, re.IGNORECASE)
        if new and old:
            unit = new.group(2) if new.group(2) == old.group(1) or not old.group(1) else ""
            rest = instead[new.end(2 if unit else 1) :]
            return f"{before[: old.start()]}{new.group(1)}{unit or old.group(1)}{before[old.end() :]}{rest}"
    return ""


def _by_words(before: str, instead: str) -> str:
    """The end of `before` replaced: from where it began like `instead`, or as many words as that has."""
    words, others = before.split(), instead.split()
    if not words or not 0 < len(others) <= _MOST_WORDS:
        return ""
    folded = [word.casefold() for word in words]
    again = folded[1:].count(others[0].casefold())
    at = len(words) - 1 - folded[::-1].index(others[0].casefold()) if again else max(len(words) - len(others), 1)
    return " ".join([*words[:at], *others])
