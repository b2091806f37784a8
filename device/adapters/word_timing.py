"""Which phonemes belong to which word, pure.

espeak-ng writes a sentence's phonemes with spaces between words, but not one to one: "42" becomes two words, "of the"
becomes one. Where the counts differ, the sentence is aligned with its words phonemized one by one.
"""

import re
from collections.abc import Callable, Sequence

WORD = re.compile(r"\S+")


def word_ends_in_text(text: str) -> list[int]:
    """The end of every word of `text` that has a letter or a digit, as a count of characters."""
    return [found.end() for found in WORD.finditer(text) if any(map(str.isalnum, found.group()))]


def group_ends(phonemes: str) -> list[int]:
    """The end of every group of phonemes between spaces, as a count of characters."""
    return [found.end() for found in WORD.finditer(phonemes) if any(map(str.isalnum, found.group()))]


def word_ends_in_phonemes(words: Sequence[str], phonemes: str, phonemize: Callable[[str], str]) -> list[int]:
    """Where each of `words` ends in `phonemes`: as many numbers as words, never falling, the last at the end.

    `phonemize` gives the phonemes of one word alone.
    """
    ends = group_ends(phonemes)
    if len(ends) == len(words):
        return ends
    alone = [phonemize(word) for word in words]
    counts = [max(len(group_ends(sound)), 1) for sound in alone]
    if sum(counts) == len(ends):
        return [ends[sum(counts[: number + 1]) - 1] for number in range(len(words))]
    return _aligned_ends(alone, phonemes)


def _aligned_ends(alone: Sequence[str], phonemes: str) -> list[int]:
    """By the alignment of least edit distance between the words' own phonemes and the sentence's."""
    separate = "".join(alone)
    columns = len(phonemes) + 1
    costs = [list(range(columns))]
    for row, phoneme in enumerate(separate, 1):
        above = costs[-1]
        line = [row]
        for column in range(1, columns):
            change = above[column - 1] + (phoneme != phonemes[column - 1])
            line.append(min(change, above[column] + 1, line[-1] + 1))
        costs.append(line)
    ends_at = {0: 0}
    row, column = len(separate), len(phonemes)
    while row > 0:
        ends_at.setdefault(row, column)
        if column > 0 and costs[row][column] == costs[row - 1][column - 1] + (
            separate[row - 1] != phonemes[column - 1]
        ):
            row, column = row - 1, column - 1
        elif column > 0 and costs[row][column] == costs[row][column - 1] + 1:
            column -= 1
        else:
            row -= 1
    ends, at = [], 0
    for sound in alone:
        at += len(sound)
        ends.append(ends_at[at])
    if ends:
        ends[-1] = len(phonemes)
    return ends
