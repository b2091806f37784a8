"""The wake words in a transcript: a recognizer that does not know the name writes it in many ways; pure.

Rule: where the wake word was surely heard, what looks most like it near the beginning is taken away with all before it;
if nothing does, the words that had been recognized when it was heard; else what stands before the first stop. Where it
was not heard, only what can hardly be anything else is taken away.
"""

import re
from difflib import SequenceMatcher
from itertools import takewhile

from device.core.utterances import WORD, words

MOST_WORDS = 4
"""The wake words may be written as so many: "can you jar of this"."""

MOST_BEFORE = 3
"""So many words may stand before them."""

LIKE, SURELY_LIKE = 0.55, 0.8

_STOP = re.compile(r"[,.!?;:](?:\s|$)")


def without_wake_words(text: str, phrase: str, *, heard: bool = False, lead: str = "") -> str:
    """`text` from behind the wake words on; all of it if they are not there.

    `heard`: they were, by their sound, and what was recognized by then is the `lead`.
    """
    found = list(WORD.finditer(text))
    end = _likest(text, found, phrase, heard=heard)
    if heard and not end:
        end = _after_lead(found, lead) or _after_stop(text, found)
    if not end:
        return text
    rest = text[end:].lstrip(" ,.!?;:-–—…")
    return rest[:1].upper() + rest[1:]


def _likest(text: str, found: list[re.Match[str]], phrase: str, *, heard: bool) -> int:
    """Where the stretch of words ends that is most like the phrase; 0 if none is like it."""
    wanted = _letters(phrase)
    best, end = LIKE if heard else SURELY_LIKE, 0
    for first in range(min(MOST_BEFORE + 1 if heard else 1, len(found))):
        for last in range(first, min(first + MOST_WORDS, len(found))):
            written = _letters(text[found[first].start() : found[last].end()])
            likeness = SequenceMatcher(None, written, wanted, autojunk=False).ratio()
            if likeness > best:
                best, end = likeness, found[last].end()
    return end


def _after_lead(found: list[re.Match[str]], lead: str) -> int:
    said = [match.group().casefold().replace("’", "'") for match in found[:MOST_WORDS]]
    same = list(takewhile(lambda pair: pair[0] == pair[1], zip(said, words(lead), strict=False)))
    return found[len(same) - 1].end() if same else 0


def _after_stop(text: str, found: list[re.Match[str]]) -> int:
    stop = _STOP.search(text)
    return stop.end() if stop and sum(match.end() <= stop.start() for match in found) <= MOST_WORDS else 0


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.casefold()))
