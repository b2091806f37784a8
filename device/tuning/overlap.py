"""Keeps what is measured with out of what is learnt from.

An utterance is refused if it is one of the measured ones, up to case, punctuation and how numbers are written, or
shares five words in a row with one.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from device.core.repairs import repaired

SHARED_WORDS = 5
_WORD = re.compile(r"[\w']+")


def words_of(sentence: str) -> tuple[str, ...]:
    """The words, without case and punctuation, numbers in digits."""
    return tuple(_WORD.findall(repaired(sentence.casefold())))


def runs(words: Sequence[str], length: int = SHARED_WORDS) -> Iterator[tuple[str, ...]]:
    """Every `length` words in a row."""
    return (tuple(words[at : at + length]) for at in range(len(words) - length + 1))


class Measured:
    """The utterances that nothing may be learnt from."""

    def __init__(self, utterances: Iterable[str] = ()) -> None:
        all_words = [words_of(one) for one in utterances]
        self.count = len(all_words)
        self._whole = frozenset(all_words)
        self._runs = frozenset(run for words in all_words for run in runs(words))
        self.refused: set[tuple[str, ...]] = set()
        """What was asked about and is not to be used, for the report."""

    def __call__(self, utterance: str) -> bool:
        """Whether it is one of them or too much like one."""
        words = words_of(utterance)
        found = words in self._whole or any(run in self._runs for run in runs(words))
        if found:
            self.refused.add(words)
        return found


def utterances_in(paths: Iterable[Path]) -> list[str]:
    """The utterances of lists of requests, as `device bench tools` reads them, or of mere sentences.

    Raises OSError, ValueError.
    """
    rows = [row for path in paths for row in json.loads(path.read_text(encoding="utf-8"))]
    return [row["utterance"] if isinstance(row, dict) else row if isinstance(row, str) else row[0] for row in rows]
