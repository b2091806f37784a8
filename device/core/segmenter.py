"""Cuts the model's streamed speech into pieces to synthesize.

The first piece is short, so that the voice starts early; the second is somewhat longer, so that it is ready before the
first has been heard; later ones are sentences. A piece never ends within a word, a number, an abbreviation or a link.

Every piece keeps the exact stretch of the model's words that it came from (`source`): all sources together are all
that was fed, so what was heard of a piece leads back to the model's words (`heard_source`). Text is looked at one
character after the other, hence the pieces do not depend on how the stream was split.
"""

import re
from dataclasses import dataclass

from device.core.sentence_ends import ends_clause, ends_clause_for_certain, ends_sentence, may_part
from device.core.speakable import speakable

MOST_CHARACTERS = 400
"""No piece's source is longer: what has no boundary for so long is not prose."""

FENCE = "```"

_CONJUNCTIONS = frozenset("and but or so because which while although though unless if when where who then".split())
_PHRASE_STARTERS = _CONJUNCTIONS | frozenset("with for in at from after before during until".split())
_PREDICATES = frozenset("is are was were has have had can could will would means".split())
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece to speak: `text` as it is spoken, `source` as the model wrote it, spaces and marks included.

    `text` is empty where there is nothing to say, as in program code.
    """

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class _Limits:
    """How many words a piece needs before it may end at a clause's mark, before a word that opens a phrase, and
    between any two words. Before a predicate it needs one word more than before a phrase.
    """

    clause_words: int
    phrase_words: int
    most_words: int
    starters: frozenset[str] = _CONJUNCTIONS
    predicates: frozenset[str] = frozenset()

    def may_end_before(self, word: str, words: int) -> bool:
        """Whether `word` opens what may be a piece of its own after so many words."""
        word = word.lower()
        return words >= self.phrase_words + (word in self.predicates) and word in self.starters | self.predicates


_LIMITS = (_Limits(1, 2, 5, _PHRASE_STARTERS, _PREDICATES), _Limits(4, 6, 14), _Limits(12, 16, 24))
"""For the first piece, the second, and all that follow."""

_SLACK_WORDS = 4
"""A piece that has reached its most words may go on by so many to a better place."""


class Segmenter:
    """Feed it speech as it streams; every call returns the pieces that are now certain."""

    def __init__(self) -> None:
        self._pending = ""
        self._in_code = False
        self._spoken_pieces = 0

    def feed(self, text: str) -> list[Piece]:
        """The model's next characters, any number of them."""
        pieces = []
        for character in text:
            self._pending += character
            if (cut := self._cut()) is not None:
                pieces.append(self._take(cut))
        return pieces

    def close(self) -> list[Piece]:
        """What is left, because no more words will come or nothing should wait for them (a tool is called, say).

        The segmenter may be fed again afterwards.
        """
        return [self._take(len(self._pending))] if self._pending else []

    def _take(self, cut: int) -> Piece:
        source, self._pending = self._pending[:cut], self._pending[cut:]
        text = "" if self._in_code else speakable(source)
        if source.count(FENCE) % 2:
            self._in_code = not self._in_code
        if text:
            self._spoken_pieces += 1
        return Piece(text=text, source=source)

    def _cut(self) -> int | None:
        """Where the piece ends now that one more character is known, None if it does not end yet."""
        text = self._pending
        if self._in_code:
            return len(text) if text.endswith(("\n", FENCE)) else _overlong(text)
        if text[-1] == "\n":
            return len(text) if text.strip() else None
        if text.count(FENCE) % 2:
            return _overlong(text)
        if text[-1].isalnum() and text[-2:-1].isalnum():
            return _overlong(text)
        limits = _LIMITS[min(self._spoken_pieces, len(_LIMITS) - 1)]
        return (
            _after_mark(text, limits, first=self._spoken_pieces == 0) or _before_word(text, limits) or _overlong(text)
        )


def heard_source(piece: Piece, chars: int) -> str:
    """The part of the piece's source that the first `chars` characters of its text stand for, in whole words."""
    spoken = piece.text.split()
    heard_words = _whole_words(piece.text, chars)
    if spoken and heard_words == len(spoken):
        return piece.source
    end, known_words = 0, 0
    for found in _WORD.finditer(piece.source):
        words = speakable(piece.source[: found.end()]).split()
        if known_words < len(words) <= heard_words and _same(words, spoken):
            end, known_words = found.end(), len(words)
    return piece.source[:end]


def _whole_words(text: str, chars: int) -> int:
    """How many words end within the first `chars` characters; marks behind a word make no sound."""
    heard = 0
    for number, found in enumerate(_WORD.finditer(text), 1):
        last = max((at for at, character in enumerate(found.group(), 1) if character.isalnum()), default=None)
        if last is None:
            continue
        if found.start() + last > chars:
            return heard
        heard = number
    return len(text.split())


def _same(words: list[str], spoken: list[str]) -> bool:
    """Whether `words` are the first of `spoken`, whatever mark the last one ends in."""
    return all(
        word == other or word.rstrip(".,;:!?") == other.rstrip(".,;:!?")
        for word, other in zip(words, spoken, strict=False)
    )


def _after_mark(text: str, limits: _Limits, *, first: bool) -> int | None:
    """The end behind a mark that closes a sentence or a clause."""
    words = _count_words(text)
    if not words:
        return None
    if first and words >= limits.clause_words and ends_clause_for_certain(text):
        return len(text)
    before = text[:-1].rstrip()
    spaces = len(text) - 1 - len(before)
    if text[-1].isspace():
        if spaces:
            return None
        ends = ends_sentence(before, follower="") or (words >= limits.clause_words and ends_clause(before))
    else:
        ends = spaces > 0 and ends_sentence(before, follower=text[-1])
    return len(before) if ends else None


def _before_word(text: str, limits: _Limits) -> int | None:
    """The end before a word that opens a phrase, or before any word once the piece is long."""
    if text[-1].isalnum():
        if not text[-2:-1].isspace():
            return None
        before = text[:-1].rstrip()
        words = _count_words(before)
        if not words:
            return None
        enough = limits.most_words if may_part(before, text[-1]) else limits.most_words + _SLACK_WORDS
        return len(before) if words >= enough else None
    if not text[-1].isspace() or text[-2:-1].isspace():
        return None
    before, _, word = text[:-1].rpartition(" ")
    before = before.rstrip()
    return len(before) if before[-1:].isalnum() and limits.may_end_before(word, _count_words(before)) else None


def _overlong(text: str) -> int | None:
    if len(text) < MOST_CHARACTERS:
        return None
    space = max(text.rfind(" "), text.rfind("\n"))
    return space if text[:space].strip() and space > 0 else len(text)


def _count_words(text: str) -> int:
    return sum(any(map(str.isalnum, word)) for word in text.split())
