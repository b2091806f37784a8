"""Applies a `device.core.prompt.choice.Leaning` to logits, at the places of a reply where it speaks.

The rule it owns: a leaning changes which way a reply goes, never what is possible. At the first token the mass of all
tokens that open a call is weighed against that of all others, because a call opens with one token and speech with any
of thousands; elsewhere the best tokens are looked at, each by what it would write.
"""

import re

import numpy as np

from device.adapters.llm_sampling import Ids, Logits
from device.adapters.llm_vocabulary import Vocabulary
from device.core.prompt.choice import Leaning, is_begun, passage

_NAME_BEGUN = re.compile(r'\{\s*"name"\s*:\s*"([^"]*)\Z')
_CALLED = re.compile(r'\{\s*"name"\s*:\s*"([^"]*)"')
_VALUE_BEGUN = re.compile(r'[:\[,]\s*"((?:[^"\\]|\\.)*)\Z')
_KEY = re.compile(r'"([^"]+)"\s*:\s*[\["]')
_CHOICE_BEGUN = re.compile(r'"([^"]+)"\s*:\s*"([^"\\]*)\Z')
_UNWRITTEN = 30.0
"""Against all tokens but those that a text is usually written with. A grammar would also take it letter by letter: a
model whose own word is refused would begin with whatever letters some text has in common with it.
"""
_FOR_LEAVING = 3
"""So much more speaks against going on with another wish than against words of the model's own."""
_LOOK = 48
"""So many of the best tokens are looked at."""


class Lean:
    """The leaning of one reply."""

    def __init__(self, leaning: Leaning, vocabulary: Vocabulary, *, certain: bool) -> None:
        """`certain` is for a reply without temperature, where the best token stands for its whole side."""
        self._leaning = leaning
        self._vocabulary = vocabulary
        self._certain = certain
        self._bytes = b""
        self._form = _Form()

    def applied(self, logits: Logits) -> Logits:
        """The logits of the next token with the leaning in them; the given ones stay as they are."""
        if not self._bytes:
            return self._at_the_opening(logits)
        if not self._form.calls:
            return logits
        written = self._bytes.decode("utf-8", "ignore")
        leaning = logits.copy()
        if choices := self._choices(written):
            leaning -= _UNWRITTEN
            ids: Ids = np.array(list({self._next(rest): None for rest in choices}), dtype=np.intp)
            leaning[ids] += _UNWRITTEN
        else:
            look = min(_LOOK, len(logits))
            ids = np.argpartition(logits, -look)[-look:]
        leaning[ids] += np.fromiter(self._weights(written, ids), dtype=np.float32, count=len(ids))
        return leaning

    def accept(self, token: int) -> None:
        """The token was taken."""
        piece = self._vocabulary.piece(token)
        self._bytes += piece
        self._form.read(piece.decode("utf-8", "ignore"))

    def _at_the_opening(self, logits: Logits) -> Logits:
        opens = np.zeros(len(logits), dtype=np.bool_)
        opens[list(self._vocabulary.call_openers)] = True
        shift = self._leaning.opening
        if self._certain:
            shift += _mass_above_best(logits[opens]) - _mass_above_best(logits[~opens])
        return np.where(opens, logits + np.float32(shift), logits)

    def _choices(self, written: str) -> list[str]:
        """What the texts that are possible here go on with, where they are few: a tool's name, one of a few values."""
        if not self._form.in_text:
            return []
        if name := _NAME_BEGUN.search(written):
            begun, texts = name.group(1), [tool for tool, _ in self._leaning.names]
        elif (value := _CHOICE_BEGUN.search(written)) and (called := _CALLED.findall(written)):
            begun, texts = value.group(2), list(self._leaning.choices.get((called[-1], value.group(1)), ()))
        else:
            return []
        return [] if begun in texts else [text[len(begun) :] for text in texts if text.startswith(begun)]

    def _next(self, rest: str) -> int:
        """The token that a model would go on with to write `rest`."""
        return self._vocabulary.encode(rest, special=False)[0]

    def _weights(self, written: str, ids: Ids) -> list[float]:
        """What the leaning adds to each token."""
        pieces = [self._vocabulary.piece(int(token)).decode("utf-8", "ignore") for token in ids]
        if self._form.in_text and (name := _NAME_BEGUN.search(written)):
            names = [(f'{tool}"', weight) for tool, weight in self._leaning.names_after(written[: name.start()])]
            return [_towards(name.group(1) + piece, names) if piece else 0.0 for piece in pieces]
        value, calls = _VALUE_BEGUN.search(written), list(_CALLED.finditer(written))
        if self._form.in_text and value and calls:
            tool = calls[-1].group(1)
            said = self._leaning.said_to(tool, written[: calls[-1].start()])
            begun = passage(value.group(1), said)
            keys = _KEY.findall(written)
            weight = self._leaning.for_said_in(tool, keys[-1] if keys else "")
            shown = [piece if value.group(1) else piece.lstrip() for piece in pieces]
            return [weight * _towards_said(said, begun, piece, self._leaning.said) for piece in shown]
        return [self._leaning.more_after(written) if self._form.goes_on_with(piece) else 0.0 for piece in pieces]


class _Form:
    """Where in the form of a reply its text has come: how deep in braces, inside quotation marks, how many calls."""

    def __init__(self) -> None:
        self.calls = 0
        """How many calls have begun."""
        self.in_text = False
        self._depth = 0
        self._escaped = False

    def read(self, text: str) -> None:
        """Take the next characters."""
        for character in text:
            if self.in_text:
                self.in_text = self._escaped or character != '"'
                self._escaped = character == "\\" and not self._escaped
            elif character == '"':
                self.in_text = self._depth > 0
            elif character == "{":
                self.calls += not self._depth
                self._depth += 1
            elif character == "}":
                self._depth -= 1

    def goes_on_with(self, piece: str) -> bool:
        """Whether `piece` writes something after the end of the last call, which makes room for another."""
        depth = self._depth
        for index, character in enumerate(piece):
            if not depth:
                return bool(piece[index:])
            depth += (character == "{") - (character == "}")
        return False


def _towards(written: str, names: list[tuple[str, float]]) -> float:
    """The weight of the best tool that `written` leads to or has named."""
    return max((weight for name, weight in names if name.startswith(written) or written.startswith(name)), default=0.0)


def _towards_said(said: str, begun: str, piece: str, all_said: str) -> int:
    """For a token that begins a passage of what was said, or goes on within one of its words; against one that leaves
    the passage `begun`, most of all to what else was said. Where it ends the model decides.
    """
    added = piece.partition('"')[0]
    if not added.strip():
        return 0
    if not is_begun(begun + added, said):
        return -(_FOR_LEAVING if is_begun(begun + added, all_said) else 1) if begun else 0
    return 0 if begun and (added[0].isspace() or not begun[-1].isalnum()) else 1


def _mass_above_best(logits: Logits) -> float:
    """By how much the log of the summed probabilities is above the best one."""
    if not len(logits):
        return 0.0
    return float(np.log(np.exp(logits - logits.max(), dtype=np.float64).sum()))
