"""The numbers, durations, measures and choices that a sentence holds.

The rule it owns: what counts as said. A number belongs to the word behind it, a choice was made when its words fell.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any

from device.core.durations import parse_duration
from device.core.number_words import parse_number
from device.core.numbers import in_digits
from device.core.prompt.stems import stem, stems_of, words_of
from device.core.times import NamedTime, named_time
from device.core.units import find_unit

_NUMBER = re.compile(r"(?<![\d.,:])\d+(?:\.\d+)?(?![\d:]|[.,]\d)")
_MEASURE = re.compile(r"(?<![\d.,:])(\d+(?:\.\d+)?) ?([^\W\d_]+|%|°)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MULTIPLIED = re.compile(
    r"(?<![\d.,:])\d+(?:\.\d+)? (?:thirds?|quarters?|fourths?|fifths?|eighths?|tenths?|thousand|million|billion)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\S+")
_UNITS_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_UNIT = re.compile(rf"(?<![a-z])({'|'.join(_UNITS_SECONDS)})s?(?![a-z])|(?<=_)(min|sec|hrs?)(?![a-z])", re.IGNORECASE)
_SHORT_UNITS = {"min": 60, "sec": 1, "hr": 3600, "hrs": 3600}
_OFF = frozenset("off disable disabled deactivate deactivated".split())
_ON = frozenset("on enable enabled activate activated".split())
_DENIED = re.compile(r"\b(?:no|not|without) [^\W_]+", re.IGNORECASE)
_WITHOUT = frozenset("no not without don't".split())
_NAMED = re.compile(r"(?<![\d.])(-?\d+)(?:%| percent)? ?(?:is|=|means|for|:) ?([a-z]+(?: [a-z]+)?)", re.IGNORECASE)
_HALF = frozenset("half halfway".split())
_REPORTED = re.compile(r"\b(?:that|saying(?: that)?|says?(?: that)?|telling \w+(?: that)?) (.+)$", re.IGNORECASE)
_GREETING = re.compile(r"\bgood (?:morning|afternoon|evening|night)\b", re.IGNORECASE)
_NO_NOUN = r"(?=\W*$|[,.;!?]| (?:and|at|because|by|for|i|in|of|on|or|please|so|then|to|with)\b)"
_TIMELY = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|tonight|morning|afternoon|evening|night|noon|midday|"
    r"midnight|past|minutes? (?:to|before)|o['’ ]?clock|\d{1,2}[:.]\d\d|\d{1,2} ?[ap]\.? ?m|"
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*|"
    rf"at \d{{1,2}}{_NO_NOUN}|\d{{1,2}}(?:st|nd|rd|th){_NO_NOUN})\b",
    re.IGNORECASE,
)
"""Signs of a time. An hour after "at" and a day in digits are none before a noun: "at 7 percent", "the 3rd song"."""
_BEFORE_TIME = re.compile(r"(?:(?:a|about|around|at|by|for|in the|in|on) )+", re.IGNORECASE)
_UNENDED = re.compile(r"(?<![ap]\.m)[.!?;] | (?:a|about|around|at|by|for|in|next|of|on|the|this)$", re.IGNORECASE)
"""What two sentences are parted by, and what no time ends with."""
_ANY_MOMENT = dt.datetime(2026, 5, 6, 12)
"""Whether something is a time depends on no moment."""
_UNCOUNTED = re.compile(r"(?: more| from now|(?:['’]s?)? time| (?:about|and|for|in|of|the))+$", re.IGNORECASE)
"""What may stand at a duration's end and counts nothing."""
_MOST_WORDS = 8
"""The longest duration: "three hours twenty five minutes and ten seconds"."""


_COUNTED = re.compile(r"\d\S* \w+ $")
"""A number and what it counts, at the end of a text."""


def durations_in(text: str) -> list[tuple[str, float]]:
    """The durations in `text`, as they are said and in seconds; the minute of "fifty beats a minute" is none."""
    words = list(_WORD.finditer(text))
    found, at = [], 0
    while at < len(words):
        read = _duration_at(text, words[at : at + _MOST_WORDS])
        if read is None:
            at += 1
            continue
        phrase, seconds, used = read
        rate = words_of(phrase)[0] in ("a", "an") and _COUNTED.search(in_digits(text[: words[at].start()]))
        found += [] if rate else [(phrase, seconds)]
        at += used
    return found


def _duration_at(text: str, words: Sequence[re.Match[str]]) -> tuple[str, float, int] | None:
    """The longest duration that `words` begin with, without the words around it that count nothing ("about", "from
    now"), its seconds, and how many words were read.
    """

    def phrase(first: int, end: int) -> str:
        return text[words[first].start() : words[end - 1].end()].strip(" .,;!?") if first < end else ""

    for used in range(len(words), 0, -1):
        seconds = parse_duration(phrase(0, used))
        if seconds is None or ":" in phrase(0, used):
            continue
        if parse_duration(phrase(1, used)) == seconds:
            return None  # it begins with the next word
        return _UNCOUNTED.sub("", phrase(0, used)), seconds, used
    return None


def numbers_in(text: str) -> list[float]:
    """The numbers in `text`, spelt ones included; a time of day is none."""
    return [float(number) for number in _NUMBER.findall(_plain(text))]


def _plain(text: str) -> str:
    """`text` with each number in digits alone: "1,500" is 1500, "2.5 million" 2500000, "3 quarters" 0.75."""
    return _MULTIPLIED.sub(_multiplied, _THOUSANDS.sub("", in_digits(text)))


def _multiplied(found: re.Match[str]) -> str:
    number = parse_number(found.group())
    return found.group() if number is None else f"{number:.15g}"


def unit_seconds(described: str) -> int:
    """The unit of time that a number counts, in seconds; 0 if it counts something else or the text names several."""
    units = set(_units(described))
    return units.pop() if len(units) == 1 else 0


def _units(described: str) -> Iterator[int]:
    for found in _UNIT.finditer(re.sub(r"_|(?<=[a-z])(?=[A-Z])", " _", described)):
        long, short = found.groups()
        yield _UNITS_SECONDS[long.lower()] if long else _SHORT_UNITS[short.lower()]


def times_in(text: str) -> list[tuple[str, NamedTime]]:
    """The times that a text names, each whole ("tomorrow at 7 pm", "friday morning") and as it is read."""
    text = _GREETING.sub(" ", in_digits(text))
    signs = [sign.span() for sign in _TIMELY.finditer(text)]
    words = list(_WORD.finditer(text)) if signs else []
    found, at = [], 0
    while at < len(words):
        read = _time_at(text, words[at : at + _MOST_WORDS], signs)
        found += [read[0]] if read else []
        at += read[1] if read else 1
    return found


def _time_at(
    text: str, words: Sequence[re.Match[str]], signs: Sequence[tuple[int, int]]
) -> tuple[tuple[str, NamedTime], int] | None:
    """The longest time that `words` begin with and that holds a sign, and how many words were read."""
    start = words[0].start()
    for used in range(len(words), 0, -1):
        end = words[used - 1].end()
        whole = text[start:end].strip(" ,;!?")
        if _UNENDED.search(whole) or not any(start <= first and last <= end for first, last in signs):
            continue
        phrase = _BEFORE_TIME.sub("", whole, count=1) if _BEFORE_TIME.match(whole) else whole
        phrase = phrase if re.search(r"\b[ap]\.m\.$", phrase, re.IGNORECASE) else phrase.rstrip(".")
        if (named := read_at_any_moment(phrase)) is None:
            continue
        bare = phrase.removeprefix("the ")
        return (bare if read_at_any_moment(bare) == named else phrase, named), used
    return None


def read_at_any_moment(text: str) -> NamedTime | None:
    """What `text` names of a time, to be compared with what another text names; None if it is none."""
    return named_time(text, _ANY_MOMENT)


def reported_in(text: str) -> str:
    """What somebody is to be told: the clause after "that" or "saying" up to the end; nothing if there is none."""
    found = _REPORTED.search(text)
    return found.group(1).strip(" .,!?") if found else ""


def measure_in(text: str, name: str) -> float | None:
    """The number before the unit that an argument's name ends with (distance_km), if just one is there."""
    words = words_of(name)
    if len(words) < 2 or (sought := find_unit(words[-1])) is None:
        return None
    found = {float(number) for number, unit in _MEASURE.findall(_plain(text)) if find_unit(unit) == sought}
    return found.pop() if len(found) == 1 else None


def named_number(text: str, described: str) -> float | None:
    """The number that a description has for what was said: 0 in "0 is closed" for "close"; 50 of a hundred for half."""
    stems = stems_of(text)
    found = {float(number) for number, words in _NAMED.findall(described) if stems_of(words) & stems}
    if not found and "percent" in words_of(described) and _HALF & set(words_of(text)):
        return 50.0
    return found.pop() if len(found) == 1 else None


def switch_in(text: str, name: str) -> bool | None:
    """On or off, as one of the two was said: "off", "disable", the argument's own name or its opposite."""
    words, names = words_of(text), {word for word in stems_of(name) if len(word) > 2}
    off = _OFF.intersection(words) or any(stem(word) in {f"un{name}" for name in names} for word in words)
    on = _ON.intersection(words) or any(stem(word) in names for word in words)
    return None if bool(off) == bool(on) else bool(on)


def asked_for(text: str, name: str) -> bool | None:
    """Whether something with all the words of an argument's name is wanted, or is to be left out; None if neither."""
    words = words_of(text)
    sought, stems = stems_of(name), [stem(word) for word in words]
    if not sought or not sought <= set(stems):
        return None
    first = min(stems.index(one) for one in sought)
    return not _WITHOUT.intersection(words[max(first - 2, 0) : first])


def choice_in(text: str, choices: Sequence[Any], chosen: Any = None) -> Any:
    """The one of `choices` whose words were said; `chosen` if none was, or several; only whole ones replace nothing."""
    words = set(words_of(_DENIED.sub(" ", text)))
    if "off" in choices and words & _OFF:
        return "off"
    stems = {stem(word) for word in words}
    shares = {choice: _share(choice, words, stems) for choice in choices if isinstance(choice, str)}
    best = max(shares.values(), default=0.0)
    winners = [choice for choice, share in shares.items() if share == best]
    own = shares.get(chosen, 0.0)
    decided = best == 1.0 or (chosen is not None and own == 0.0)
    return winners[0] if best > own and len(winners) == 1 and decided else chosen


def _share(choice: str, words: set[str], stems: set[str]) -> float:
    """How much of a choice was said; small words say nothing, but for "on" and "off"."""
    sought = stems_of(choice)
    if sought:
        return len(sought & stems) / len(sought)
    return float(choice in ("on", "off") and choice in words)
