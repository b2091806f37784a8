"""Whether a sentence says a wish: judged by rule, so that it is known how well a model plays a user; pure."""

from device.core.prompt.stems import stem, words_of
from device.core.said import numbers_in
from device.eval.users.wishes import Wish

MOST_WORDS = 30
"""Of a sentence that somebody says."""

_ASSISTANT_LIKE = ("sure", "of course", "certainly", "i can ", "i will ", "i'll ", "here ", "as an ", "you can ")
"""How a model begins that has forgotten which part it plays."""


def says(line: str, wish: Wish) -> bool:
    """Whether `line` holds the wish's numbers and no others, the last of them last, and all the words that it needs."""
    said = line.strip()
    words = words_of(said)
    if not 1 < len(words) <= MOST_WORDS or "\n" in said or said.lower().startswith(_ASSISTANT_LIKE):
        return False
    numbers, sought = numbers_in(said), numbers_in(wish.said)
    if set(numbers) != set(sought) or (sought and numbers[-1] != sought[-1]):
        return False
    stems = {stem(word) for word in words}
    return all(stems.intersection(map(stem, map(str.lower, need))) for need in wish.needs)
