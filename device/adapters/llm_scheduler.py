"""Decides which sequences the language model steps next, and how far: pure, no llama.cpp, no clock, no thread.

The rule it owns: one step is one batch, and a batch holds sequences of one urgency only, the most urgent that has
work. So a foreground token waits for at most the step that is under way, however long a background prompt is,
because a prompt is computed in chunks no larger than a batch. (A background sequence that joined a foreground batch
would double its step on two cores.)

Within an urgency every sequence that is generating gets its new tokens in every batch, as a rule one; the rest of the
batch goes to prompts, first come, first served.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from device.ports import Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A sequence's part of a batch: its next `tokens` tokens."""

    sequence: int
    tokens: int


class Scheduler:
    """The sequences that have tokens to compute, and whose turn it is."""

    def __init__(self, *, batch_tokens: int) -> None:
        """`batch_tokens` bounds a batch; it must be at least the number of sequences."""
        self._batch_tokens = batch_tokens
        self._waiting: dict[int, int] = {}  # sequence → tokens to compute, in the order of their start
        self._generating: set[int] = set()
        self._urgency: dict[int, Urgency] = {}
        self._held_from: int = len(Urgency)

    def set_urgency(self, sequence: int, urgency: Urgency) -> None:
        """From the next batch on; foreground unless set."""
        self._urgency[sequence] = urgency

    def urgency(self, sequence: int) -> Urgency:
        """Whose turn the sequence's tokens have."""
        return self._urgency.get(sequence, Urgency.FOREGROUND)

    def hold(self, urgency: Urgency | None) -> None:
        """Step nothing of this urgency or below it until called with another; None lets everything run."""
        self._held_from = len(Urgency) if urgency is None else urgency

    def start(self, sequence: int, tokens: int) -> None:
        """The sequence has a prompt of which `tokens` are to be computed."""
        if sequence in self._waiting:
            raise ValueError(f"sequence {sequence} is already scheduled")
        self._waiting[sequence] = tokens

    def generated(self, sequence: int, tokens: int = 1) -> None:
        """The sequence's prompt is computed, and it has new tokens, which are to be computed next: one, or several
        where its form left no choice.
        """
        self._waiting[sequence] += tokens
        self._generating.add(sequence)

    def computed(self, share: Share) -> None:
        """A share of the last batch was computed."""
        self._waiting[share.sequence] -= share.tokens

    def stop(self, sequence: int) -> None:
        """The sequence has nothing more to do; harmless if it was not scheduled."""
        self._waiting.pop(sequence, None)
        self._generating.discard(sequence)

    def next_batch(self) -> tuple[Share, ...]:
        """The shares of the next batch; empty when nothing may run."""
        runnable = [s for s, tokens in self._waiting.items() if tokens and self.urgency(s) < self._held_from]
        if not runnable:
            return ()
        first = min(self.urgency(s) for s in runnable)
        return tuple(self._shares([s for s in runnable if self.urgency(s) == first]))

    def _shares(self, sequences: list[int]) -> Iterator[Share]:
        room = self._batch_tokens
        for sequence in sorted(sequences, key=lambda s: s not in self._generating):
            tokens = min(self._waiting[sequence], room)
            if not tokens:
                return
            room -= tokens
            yield Share(sequence=sequence, tokens=tokens)
