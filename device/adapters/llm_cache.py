"""Which tokens the KV cache holds for each sequence.

The rule it owns: the record and llama.cpp's memory never disagree. A prompt is matched against the record, what
follows the common prefix is removed from both, and a token enters the record only after it was computed.

    held:    fixed | old turns | later turns          old turns left the prompt: they are cut out of the middle,
    prompt:  fixed | later turns | new turn           and the later ones move up instead of being computed again
"""

from collections.abc import Collection, Sequence
from itertools import chain, count
from typing import Protocol


class Memory(Protocol):
    """The part of llama.cpp's memory that this needs."""

    def remove(self, sequence: int, start: int) -> bool:
        """Forget the sequence's cells from position `start`; False if the model cannot forget a part."""
        ...

    def shift(self, sequence: int, start: int, end: int) -> bool:
        """Forget the cells from position `start` to `end` and move those behind up; False if the model cannot.

        No other sequence may share the cells that move.
        """
        ...

    def copy(self, parent: int, child: int) -> None:
        """Share all the parent's cells with the child, which must be empty."""
        ...


class SequenceCache:
    """The tokens of every sequence, and how to make them others."""

    def __init__(self, memory: Memory, *, sequences: int, shortest_move: int = 32) -> None:
        """Fewer than `shortest_move` tokens are sooner computed again than moved, and may be alike by chance."""
        self.sequences = range(sequences)
        self._memory = memory
        self._shortest_move = shortest_move
        self._tokens: list[list[int]] = [[] for _ in self.sequences]
        # Every computed position has a number of its own, which a fork copies: so shared cells are counted once.
        self._cells: list[list[int]] = [[] for _ in self.sequences]
        self._new_cell = count()

    def tokens(self, sequence: int) -> Sequence[int]:
        """What the cache holds for the sequence."""
        return self._tokens[sequence]

    def length(self, sequence: int) -> int:
        """How many tokens that is: the position of the sequence's next one."""
        return len(self._tokens[sequence])

    def used_cells(self) -> int:
        """Cells in use by all sequences together."""
        return len(set().union(*self._cells))

    def cells_beside(self, sequences: Collection[int], others: Collection[int]) -> int:
        """Cells that `sequences` hold and none of `others` does."""
        return len(set().union(*(self._cells[s] for s in sequences)).difference(*(self._cells[o] for o in others)))

    def reuse(self, sequence: int, prompt: Sequence[int], *, leave: int) -> int:
        """Bring the sequence to what it has in common with the beginning of `prompt`; returns that one's length.

        At least `leave` tokens of the prompt are left to compute, so that its last token yields logits.
        """
        held = self._tokens[sequence]
        wanted = list(prompt[: max(len(prompt) - leave, 0)])
        common = _common(held, 0, wanted, 0)
        end = _best_move(held, wanted, common, shortest=self._shortest_move)
        if end is not None and self._shift(sequence, common, end):
            common += _common(held, common, wanted, common)
        return common if self.cut(sequence, common) else 0

    def _shift(self, sequence: int, start: int, end: int) -> bool:
        others = (cells for other, cells in enumerate(self._cells) if other != sequence)
        if not set(self._cells[sequence][end:]).isdisjoint(chain.from_iterable(others)):
            return False
        if not self._memory.shift(sequence, start, end):
            return False
        del self._tokens[sequence][start:end]
        del self._cells[sequence][start:end]
        return True

    def cut(self, sequence: int, length: int) -> bool:
        """Forget all but the first `length` tokens; False if the model could only forget all."""
        if self._memory.remove(sequence, length):
            del self._tokens[sequence][length:]
            del self._cells[sequence][length:]
            return True
        self.clear(sequence)
        return length == 0

    def clear(self, sequence: int) -> None:
        """Forget all of the sequence; that never fails."""
        self._memory.remove(sequence, 0)
        self._tokens[sequence].clear()
        self._cells[sequence].clear()

    def computed(self, sequence: int, tokens: Sequence[int]) -> None:
        """These tokens were computed behind the others."""
        self._tokens[sequence].extend(tokens)
        self._cells[sequence].extend(next(self._new_cell) for _ in tokens)

    def fork(self, parent: int, child: int) -> None:
        """Make the child's tokens the parent's, sharing the cells."""
        if parent == child:
            return
        self.clear(child)
        self._memory.copy(parent, child)
        self._tokens[child] = list(self._tokens[parent])
        self._cells[child] = list(self._cells[parent])


def _common(held: Sequence[int], start: int, wanted: Sequence[int], begin: int) -> int:
    """How many tokens are the same in `held` from `start` on and in `wanted` from `begin` on."""
    longest = min(len(held) - start, len(wanted) - begin)
    return next((i for i in range(longest) if held[start + i] != wanted[begin + i]), longest)


def _best_move(held: Sequence[int], wanted: Sequence[int], start: int, *, shortest: int) -> int | None:
    """From where most of the tokens held behind `start` are those wanted at `start`, if enough are."""
    opening = wanted[start : start + shortest]
    if len(opening) < shortest:
        return None
    candidates = (end for end in range(start + 1, len(held)) if held[end : end + shortest] == opening)
    return max(candidates, key=lambda end: _common(held, end, wanted, start), default=None)
