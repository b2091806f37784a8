"""Which of several things somebody means, judged by the words that their names share with what was said."""

import re
from collections.abc import Callable, Sequence

from device.core.utterances import words

_COMMON = frozenset(
    """a all an and any are at both every everything for from in is it me my of off on one our out please that the this
    to with""".split()
)
"""Words that tell nothing about what is meant."""
_EXCEPT = re.compile(
    r"\W*\b(?:except(?:ing)?(?: for)?|excluding|but(?: not| for)?|besides|(?:apart|aside) from|other than)\b",
    re.IGNORECASE,
)
_JOINTS = re.compile(r",|\b(?:and|or|nor)\b", re.IGNORECASE)


def content_words(text: str) -> frozenset[str]:
    """The words of `text` that tell something, plurals as singulars."""
    return frozenset(word.removesuffix("s") if len(word) > 3 else word for word in words(text)) - _COMMON


def likest(said: str, names: Sequence[str]) -> list[int]:
    """The places of the names that share the most words with `said`; empty if none shares any."""
    wanted = content_words(said)
    shared = [len(wanted & content_words(name)) for name in names]
    most = max(shared, default=0)
    return [place for place, count in enumerate(shared) if count == most] if most else []


def means_all(said: str) -> bool:
    """Whether somebody means all of them: "everything", "all my alarms"."""
    return not {"all", "everything", "both"}.isdisjoint(words(said))


def split_exception(said: str) -> tuple[str, str]:
    """What somebody means, and what of that is left out: "all timers" and "the tea" of "all timers but the tea"."""
    meant, *kept = _EXCEPT.split(said, maxsplit=1)
    return meant.strip(), kept[0].strip() if kept else ""


def joined(said: str) -> list[str]:
    """The things that are said in one: "the tea" and "the cake" of "the tea and the cake"."""
    return [thing.strip() for thing in _JOINTS.split(said) if content_words(thing)]


def each_named(said: str, find: Callable[[str], Sequence[int]]) -> set[int]:
    """The places that `find` has for the things in `said` ("the tea and the cake"); none at all if one has none.

    Whoever leaves a thing out that nobody knows may have been misheard, and what is left out must not be lost.
    """
    found = [find(thing) for thing in joined(said)]
    return {place for places in found for place in places} if all(found) else set()


def say_list(things: Sequence[str]) -> str:
    """Things as one says them: "milk, eggs and bread"."""
    return " and ".join(part for part in (", ".join(things[:-1]), *things[-1:]) if part)
