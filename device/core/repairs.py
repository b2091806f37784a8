"""What a speaker means who corrects themselves in mid-sentence: "for six, no wait, make that eight minutes".

The rule it owns: a sentence is mended only where it says that it is being mended ("no wait", "I mean", "make that"), or
where two numbers stand around a bare "no"; what was taken back goes, what came instead takes its place. What was meant
for several numbers ("for 3 and 7 minutes") is written behind each.
"""

import re

from device.core.numbers import in_digits
from device.core.said import durations_in
from device.core.units import find_unit

_FILLER = re.compile(r"(?:^|(?<=\s))(?:u+h+m*|u+m+|e+rm*)\b[,.]*\s*", re.IGNORECASE)
_BREAK = re.compile(
    r"[,.;…\s-]+(?:(?:oh|ah)[,\s]+)?"
    r"(?:(?:no|nope|sorry|wait|actually)[,.\s]+(?:(?:no|sorry|wait|actually|hold on)[,.\s]+)*"
    r"(?:make (?:that|it)|i mean|i meant|rather|better)"
    r"|no[,.\s]+wait|wait[,.\s]+no|i mean|or rather|scratch that|make that)\b[,.\s]*(?=\S)",
    re.IGNORECASE,
)
_NUMBER = r"\d+(?:[.:]\d+)?"
_SHARED_UNIT = re.compile(
    rf"(?:(?<=for )|(?<=of )|(?<=timers )|(?<=timer ))({_NUMBER}(?:, {_NUMBER})*),? (?:and|or) {_NUMBER} "
    rf"(days?|hours?|minutes?|seconds?)\b(?! (?:later|before|after|ago))",
    re.IGNORECASE,
)
_SHARED_HALF = re.compile(
    rf"(?<![\d.:])({_NUMBER}(?:, {_NUMBER})*),? (?:and|or) {_NUMBER} ?([ap]\.?m\b\.?)", re.IGNORECASE
)
"""Half of the day."""
_BEHIND = r"(?: ?[ap]\.?m\b\.?| [^\W\d_]+)"
"""The word behind a number."""
_BARE_NO = re.compile(rf"(?<![\d.:]){_NUMBER}({_BEHIND})?[,.]? no[,.]? ({_NUMBER})(?:({_BEHIND})|\b)", re.IGNORECASE)
_DAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|tonight)\b"
_KINDS = (_NUMBER, _DAY)
_LINK = r"(?:(?:at|to|for|on|in|the|by) )?"
_OTHER_UNITS = frozenset("am pm a.m. p.m. a.m p.m percent degree degrees".split())
_DOUBTFUL = ("make that", "i mean")
"""These are no correction where they belong to what was said before: "what I mean", "remind me to make that call"."""
_GOVERNING = re.compile(r"\b(?:that|what|do|does|did|to|know|you|i|if|saying|says|it)$", re.IGNORECASE)
_COUNTED = re.compile(rf"{_LINK}(?:{_NUMBER}|{_DAY}|an? |half )", re.IGNORECASE)
_MOST_WORDS = 4
"""A longer correction is a sentence of its own."""


def repaired(text: str) -> str:
    """`text` without hesitation, numbers in digits, every correction in the place of what it corrects, and a unit
    that several numbers share behind each.
    """
    said, at = _BARE_NO.sub(_without_no, _FILLER.sub("", in_digits(text)).strip()), 1
    while found := _BREAK.search(said, at):
        before, instead = said[: found.start()], said[found.end() :].strip()
        if _is_part(found.group(), before, instead):
            at = found.end()
            continue
        mended = _by_duration(before, instead) or _by_kind(before, instead) or _by_words(before, instead)
        if not 0 < len(mended) < len(said):
            break
        said, at = mended, 1
    return _SHARED_HALF.sub(_each_with_unit, _SHARED_UNIT.sub(_each_with_unit, said)) or text


def _each_with_unit(found: re.Match[str]) -> str:
    """The unit behind each number of "3 and 7 minutes"."""
    return re.sub(r"\d+(?:\.\d+)?", rf"\g<0> {found[2]}", found[1]) + found[0][len(found[1]) :]


def _without_no(found: re.Match[str]) -> str:
    """The second of two numbers around a "no", with the unit of the first if it has none."""
    old, number, new = found[1] or "", found[2], found[3] or ""
    return f"{number}{new}" if _brings_own(new, old) else f"{number}{old}{new}"


def _brings_own(new: str, old: str) -> bool:
    """Whether the word behind a new number takes the place of the one behind the old."""
    return bool(new) and (not old or new.casefold() == old.casefold() or (_is_unit(new) and _is_unit(old)))


def _is_unit(word: str) -> bool:
    word = word.strip().casefold()
    return word in _OTHER_UNITS or find_unit(word) is not None


def _is_part(phrase: str, before: str, instead: str) -> bool:
    """Whether a "make that" or an "I mean" by itself corrects nothing."""
    words = phrase.strip(" ,.;…-").casefold()
    if words not in _DOUBTFUL:
        return False
    return bool(_GOVERNING.search(before)) or (words == "make that" and not _COUNTED.match(instead))


def _by_duration(before: str, instead: str) -> str:
    """The last duration of `before` replaced, if `instead` begins with one."""
    old, new = durations_in(before), durations_in(instead)
    if not old or not new or not (begun := re.match(f"{_LINK}{re.escape(new[0][0])}", instead, re.IGNORECASE)):
        return ""
    head, _, tail = before.rpartition(old[-1][0])
    return f"{head}{new[0][0]}{tail}{instead[begun.end() :]}"


def _by_kind(before: str, instead: str) -> str:
    """The last number or day of `before` replaced, if `instead` begins with one; a unit behind it is said once."""
    for kind in _KINDS:
        new = re.match(rf"{_LINK}({kind})((?:{_BEHIND})?)", instead, re.IGNORECASE)
        old = re.search(rf"(?<![\d.:])(?:{kind})(?!.*{kind})((?:{_BEHIND})?)", before, re.IGNORECASE)
        if new and old:
            unit = new[2] if _brings_own(new[2], old[1]) else ""
            rest = instead[new.end(2 if unit else 1) :]
            return f"{before[: old.start()]}{new[1]}{unit or old[1]}{before[old.end() :]}{rest}"
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
