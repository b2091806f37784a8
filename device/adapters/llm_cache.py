"""Which tokens the KV cache holds for each sequence.

The rule it owns: the record and llama.cpp's memory never disagree. A prompt is matched against the record, what
follows the common prefix is removed from both, and a token enters the record only after it was computed.
"""

from collections.abc import Sequence
from itertools import count
from typing import Protocol


class Memory(Protocol):
    """The part of llama.cpp's memory that this needs."""

    def remove(self, sequence: int, start: int) -> bool:
        """Forget the sequence's cells from position `start`; False if the model cannot forget a part."""
        ...

    def copy(self, parent: int, child: int) -> None:
        """Share all the parent's cells with the child, which must be empty."""
        ...


class SequenceCache:
    """The tokens of every sequence, and how to make them others."""

    def __init__(self, memory: Memory, *, sequences: int) -> None:
        self._memory = memory
        self._tokens: list[list[int]] = [[] for _ in range(sequences)]
        # Every computed position has a number of its own, which a fork copies: so shared cells are counted once.
        self._cells: list[list[int]] = [[] for _ in range(sequences)]
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

    def reuse(self, sequence: int, prompt: Sequence[int], *, leave: int) -> int:
        """Cut the sequence to the prefix it has in common with `prompt`; returns that prefix's length.

        At least `leave` tokens of the prompt are left to compute, so that its last token yields logits.
        """
        held = self._tokens[sequence]
        limit = min(len(held), max(len(prompt) - leave, 0))
        common = next((i for i in range(limit) if held[i] != prompt[i]), limit)
        return common if self.cut(sequence, common) else 0

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
