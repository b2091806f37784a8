"""Stretches of prompt, and how they become token ids.

The rule it owns: only trusted text may become a control token. Trusted stretches that meet are encoded as one text, so
that they tokenize as in a template rendered in one go; data is encoded by itself, so that nothing forms across its
borders. A renderer therefore lets data begin after a line break or a control token and end with one: there every
pre-tokenizer splits anyway, and both ways of encoding agree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Protocol

_REMEMBERED = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of prompt. One with `tokens` stands for those ids as they are, whatever its text."""

    text: str
    trusted: bool
    tokens: tuple[int, ...] = ()


class Encoder(Protocol):
    """What turns text into token ids; `device.ports.LanguageModel` does."""

    def encode(self, text: str, *, special: bool) -> list[int]:
        """Token ids of `text`; `special` lets the texts of control tokens become those tokens."""
        ...


def trusted(text: str) -> Span:
    """The program's own words, control tokens included."""
    return Span(text=text, trusted=True)


def data(text: str) -> Span:
    """Somebody else's words, already made harmless (`device.core.prompt.untrusted`)."""
    return Span(text=text, trusted=False)


def ids(tokens: Sequence[int]) -> Span:
    """Tokens as the model itself wrote them."""
    return Span(text="", trusted=True, tokens=tuple(tokens))


def encode(spans: Iterable[Span], encoder: Encoder) -> list[int]:
    """The token ids of `spans`."""
    tokens: list[int] = []
    for (is_trusted, has_tokens), run in groupby(spans, key=lambda span: (span.trusted, bool(span.tokens))):
        if has_tokens:
            tokens += (token for span in run for token in span.tokens)
        elif is_trusted:
            tokens += encoder.encode("".join(span.text for span in run), special=True)
        else:
            for span in run:
                tokens += encoder.encode(span.text, special=False)
    return tokens


class Remembered:
    """An encoder that keeps what it encoded of the program's own words: every prompt begins with thousands of them."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._own_words = lru_cache(_REMEMBERED)(lambda text: tuple(encoder.encode(text, special=True)))

    def encode(self, text: str, *, special: bool) -> list[int]:
        """As the encoder that it stands for."""
        return list(self._own_words(text)) if special else self._encoder.encode(text, special=False)
