"""How a sentence reaches the model: as typed, as recognizers write it, with hesitation, politeness and slips."""

import re
from random import Random

from device.core.repairs import repaired

_POLITE = ("Please {}", "{} please", "Could you {}", "Can you {}", "Would you mind, {}", "Hey, {}", "Okay, {}")
_COMMANDS = frozenset(
    """add announce arrange ask bake back boil broadcast call check clean continue cook count create cut find give go
    heat keep look make note open order pay print put read run save scan send set show sound start switch take tell test
    tune turn unlock vent wake warm cancel delete drop end talk speak work activate assign block quiz point snap
    play""".split()
)
"""Sentences that begin with one of these may be asked for, or asked not to be done."""
_HESITATIONS = ("Um, {}", "Uh {}", "So, {}", "Well, {}")
_HOMOPHONES = {
    "two": "too", "for": "four", "their": "there", "right": "write", "four": "for", "to": "two", "hour": "our",
    "by": "buy", "week": "weak", "hear": "here", "know": "no", "see": "sea", "one": "won",
}  # fmt: skip
_FINAL = re.compile(r"[.?!]+$")


def is_command(sentence: str) -> bool:
    """Whether it begins with a verb that commands."""
    return sentence.split(" ", 1)[0].casefold().strip(",.") in _COMMANDS


def uncapitalized(sentence: str) -> str:
    """To go on with in the middle of a sentence; "I" and abbreviations stay."""
    first = sentence.split(" ", 1)[0]
    return sentence if first in ("I", "I'm", "I've", "I'd") or not first[1:].islower() else _lower_first(sentence)


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def as_heard(sentence: str, random: Random) -> str:
    """The sentence in one of its possible forms."""
    said = sentence[:1].upper() + sentence[1:]
    if is_command(said) and random.random() < 1 / 4:
        said = random.choice(_POLITE).format(_FINAL.sub("", uncapitalized(said))) + random.choice((".", "?", ""))
        said = said[:1].upper() + said[1:]
    if random.random() < 0.08:
        said = random.choice(_HESITATIONS).format(uncapitalized(said))
    if random.random() < 0.05:
        said = misheard(said, random)
    form = random.random()
    if form < 0.35:
        return re.sub(r"[.?!,;:](?=\s|$)", "", said).lower()
    if form < 0.43:
        return said.upper()
    return _FINAL.sub(".", said) if form < 0.5 else said


def misheard(sentence: str, random: Random) -> str:
    """One word in it is taken for another that sounds alike, unless the numbers in it would then be others."""
    words = sentence.split(" ")
    places = [at for at, word in enumerate(words) if word.lower() in _HOMOPHONES]
    if not places:
        return sentence
    at = random.choice(places)
    words[at] = _HOMOPHONES[words[at].lower()]
    wrong = " ".join(words)
    return wrong if _numbers(wrong) == _numbers(sentence) else sentence


def _numbers(sentence: str) -> list[str]:
    return re.findall(r"\d+", repaired(sentence))
