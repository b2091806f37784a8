"""Which of several things somebody means, judged by the words that their names share with what was said."""

from collections.abc import Sequence

from device.core.utterances import words

_COMMON = frozenset(
    """a all an and any are at both every everything for from in is it me my of off on one our out please that the this
    to with""".split()
)
"""Words that tell nothing about what is meant."""


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


def say_list(things: Sequence[str]) -> str:
    """Things as one says them: "milk, eggs and bread"."""
    return " and ".join(part for part in (", ".join(things[:-1]), *things[-1:]) if part)
