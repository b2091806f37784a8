"""Chooses the next token from the model's logits.

The rule it owns: with a grammar the token is chosen first, and only that one is checked; the vocabulary is masked
only when it is rejected. For a draw at a temperature this yields the masked distribution exactly: a rejected draw is
replaced by a draw from what is allowed.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from device.errors import GenerationError
from device.ports import Sampling

Logits = NDArray[np.float32]
Ids = NDArray[np.intp]

_WINDOW = 16.0
"""Logits this many temperatures below the best (a ten-millionth of its probability) are never drawn."""
_FIRST_LOOK = 64
"""After a rejection the best tokens are checked before the whole vocabulary is."""


def log_likelihood(logits: Logits, tokens: Collection[int]) -> float:
    """The logarithm of how likely it is that one of `tokens` comes next."""
    chosen = logits[np.fromiter(tokens, np.intp, len(tokens))]
    return _log_sum(chosen) - _log_sum(logits)


def _log_sum(logits: Logits) -> float:
    best = float(logits.max(initial=-np.inf))
    return best + float(np.log(np.exp(logits - best).sum(dtype=np.float64))) if np.isfinite(best) else -np.inf


class Constraint(Protocol):
    """What a grammar says of the next token."""

    def allowed(self, ids: Ids) -> NDArray[np.bool_]:
        """For each token, whether it may come next."""
        ...

    def accept(self, token: int) -> bool:
        """An allowed token came; returns whether the text is complete and nothing may follow it."""
        ...


class Bias(Protocol):
    """What is added to the logits at some places of a reply."""

    def applied(self, logits: Logits) -> Logits:
        """The logits of the next token with the bias in them; the given ones stay as they are."""
        ...

    def accept(self, token: int) -> None:
        """The token was taken."""
        ...


class Course(Protocol):
    """What a reply must go on with at some places, whatever the logits are."""

    def accept(self, token: int) -> None:
        """The token was taken."""
        ...

    def tokens(self) -> Sequence[int]:
        """What must follow now; empty where there is a choice."""
        ...


class TokenChooser:
    """Chooses the tokens of one reply."""

    def __init__(
        self,
        sampling: Sampling,
        constraint: Constraint | None = None,
        bias: Bias | None = None,
        course: Course | None = None,
    ) -> None:
        self._temperature = sampling.temperature
        self._top_p = sampling.top_p
        self._constraint = constraint
        self._bias = bias
        self._course = course
        self._random = np.random.default_rng(sampling.seed)

    def choose(self, logits: Logits) -> int:
        """The next token. Raises GenerationError if the logits are no numbers or the grammar allows nothing."""
        best = int(np.argmax(logits))  # the first NaN, if there is one
        if not np.isfinite(logits[best]):
            raise GenerationError("The language model computed no usable numbers; its file may be damaged.")
        if self._bias is not None:
            logits = self._bias.applied(logits)
            best = int(np.argmax(logits))
        token = best if self._temperature <= 0 else self._draw(logits, self._window(logits, best))
        if self._constraint is None or self._allows(self._constraint, token):
            return token
        return self._choose_allowed(logits, self._constraint)

    def take(self, token: int) -> tuple[list[int], bool]:
        """The chosen token was taken: returns it with all that must follow, and whether the reply must end then."""
        taken, ended = [token], self._accept(token)
        for forced in () if self._course is None else self._course.tokens():
            if ended or (self._constraint is not None and not self._allows(self._constraint, forced)):
                break
            taken.append(forced)
            ended = self._accept(forced)
        return taken, ended

    def _accept(self, token: int) -> bool:
        for follower in (self._bias, self._course):
            if follower is not None:
                follower.accept(token)
        return self._constraint is not None and self._constraint.accept(token)

    @staticmethod
    def _allows(constraint: Constraint, token: int) -> bool:
        return bool(constraint.allowed(np.array([token], dtype=np.intp))[0])

    def _choose_allowed(self, logits: Logits, constraint: Constraint) -> int:
        look = min(_FIRST_LOOK, len(logits))
        ids = np.argpartition(logits, -look)[-look:]
        ids = ids[constraint.allowed(ids)]
        if not len(ids):
            ids = np.arange(len(logits))
            ids = ids[constraint.allowed(ids)]
        if not len(ids):
            raise GenerationError("The grammar allows no token that the language model has.")
        best = int(ids[np.argmax(logits[ids])])
        if self._temperature <= 0:
            return best
        window = self._window(logits, best)
        return self._draw(logits, window[constraint.allowed(window)])

    def _window(self, logits: Logits, best: int) -> Ids:
        return np.flatnonzero(logits >= logits[best] - _WINDOW * self._temperature)

    def _draw(self, logits: Logits, ids: Ids) -> int:
        """Top-p: draw among the most probable tokens that together reach `top_p`."""
        scaled = logits[ids].astype(np.float64) / self._temperature
        order = np.argsort(-scaled, kind="stable")
        cumulative = np.cumsum(np.exp(scaled[order] - scaled[order[0]]))
        kept = min(int(np.searchsorted(cumulative, self._top_p * cumulative[-1])), len(ids) - 1)
        drawn = np.searchsorted(cumulative, self._random.random() * cumulative[kept], side="right")
        return int(ids[order[min(int(drawn), kept)]])
