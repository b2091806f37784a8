"""Cuts the model's streamed speech into pieces to synthesize.

The first piece is short, so that the voice starts early; later ones are sentences. A piece never ends within a word, a
number, an abbreviation or a link. Every piece keeps the exact stretch of the model's words that it came from
(`source`): all sources together are all that was fed, so what was heard of a piece leads back to the model's words.
"""

import re
from dataclasses import dataclass

from device.core.speakable import speakable

FIRST_PIECE_WORDS = 4
"""The first piece may end at a comma or a conjunction once it has so many words."""

FIRST_PIECE_MOST_WORDS = 9
"""The first piece ends between any two words once it has so many."""

PIECE_MOST_WORDS = 24
"""A later piece ends at a comma once it is half as long, and between any two words once it has so many."""

SENTENCE_END = re.compile(r"""[.!?…]+["')\]*_]*(?=\s)|\n+(?=\S)""")
CLAUSE_END = re.compile(r"""[,;:]["')\]*_]*(?=\s)|\s[–—-]+(?=\s)""")
CONJUNCTION = re.compile(r"\s(?=(?:and|but|or|so|because|which|while|where|when|with)\s)", re.IGNORECASE)
SPACE = re.compile(r"(?<=\S)(?=\s)")

ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof st sr jr vs etc e.g i.e a.m p.m no vol fig approx dept est inc ltd co jan feb mar apr jun jul
    aug sep sept oct nov dec mon tue wed thu fri sat sun u.s u.k u.n""".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece to speak: `text` as it is spoken, `source` as the model wrote it, spaces and marks included."""

    text: str
    source: str


class Segmenter:
    """Feed it speech as it streams; every call returns the pieces that are now certain."""

    def __init__(self) -> None:
        self._pending = ""
        self._first = True

    def feed(self, text: str) -> list[Piece]:
        """The model's next words."""
        self._pending += text
        pieces = []
        while (cut := self._cut()) is not None:
            pieces += self._take(cut)
        return pieces

    def close(self) -> list[Piece]:
        """No more words will come."""
        return self._take(len(self._pending)) if self._pending else []

    def _take(self, cut: int) -> list[Piece]:
        source, self._pending = self._pending[:cut], self._pending[cut:]
        piece = Piece(text=speakable(source), source=source)
        if piece.text:
            self._first = False
        return [piece]

    def _cut(self) -> int | None:
        """Where the next piece ends, None if that cannot be known yet."""
        text = self._pending
        limit = FIRST_PIECE_MOST_WORDS if self._first else PIECE_MOST_WORDS
        ends = [found.end() for found in SENTENCE_END.finditer(text) if _ends_sentence(text, found)]
        enough = FIRST_PIECE_WORDS if self._first else PIECE_MOST_WORDS // 2
        ends += [found.end() for found in CLAUSE_END.finditer(text) if _words_before(text, found.end()) >= enough]
        if self._first:
            ends += [found.end() for found in CONJUNCTION.finditer(text) if _words_before(text, found.end()) >= enough]
        ends += [found.end() for found in SPACE.finditer(text) if _words_before(text, found.end()) >= limit][:1]
        return min(ends, default=None)


def heard_source(piece: Piece, chars: int) -> str:
    """The part of the piece's source that the first `chars` characters of its text stand for, in whole words.

    Text and source have the same words unless marks or symbols were rewritten; then the part is in proportion.
    """
    if chars >= len(piece.text):
        return piece.source
    spoken, words = len(piece.text[:chars].split()), len(piece.text.split())
    written = [found.end() for found in re.finditer(r"\S+", piece.source)]
    count = spoken if words == len(written) else spoken * len(written) // max(words, 1)
    return piece.source[: written[count - 1]] if count else ""


def _words_before(text: str, end: int) -> int:
    return sum(any(map(str.isalnum, word)) for word in text[:end].split())


def _ends_sentence(text: str, found: "re.Match[str]") -> bool:
    """Whether a sentence ends here, rather than an abbreviation, an initial or the number of a list's item."""
    if "\n" in found.group():
        return bool(text[: found.start()].strip())
    if not found.group().startswith("."):
        return True
    words = text[: found.start()].split()
    if not words:
        return False
    last = words[-1].lstrip("(\"'*_").lower()
    if last in ABBREVIATIONS or (len(last) == 1 and last.isalpha() and last != "i"):
        return False
    line = text[: found.start()].rsplit("\n", 1)[-1].strip()
    return not (last.isdigit() and line == last)
