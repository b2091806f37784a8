"""Whose the cells of the KV cache are: the dialogue's part is kept for it, the tasks share the rest.

The rule it owns: nothing that is not in the foreground is begun unless all that it may come to hold fits besides the
dialogue's part; and where the foreground lacks cells all the same (a task may outlive the dialogue's hold on cells
that they shared), tasks lose theirs.
"""

from collections.abc import Collection

from device.adapters.llm_cache import SequenceCache
from device.adapters.llm_scheduler import Scheduler
from device.errors import GenerationError
from device.ports import Urgency


class Cells:
    """The dialogue's `context_tokens` cells, and `task_tokens` for every other sequence together."""

    def __init__(self, cache: SequenceCache, scheduler: Scheduler, *, context_tokens: int, task_tokens: int) -> None:
        self._cache = cache
        self._scheduler = scheduler
        self.context_tokens = context_tokens
        self.task_tokens = task_tokens

    def longest(self, sequence: int) -> int:
        """How many tokens the sequence may come to hold; a task has what it shares with the dialogue, and its own."""
        return self.context_tokens + (self.task_tokens if self.is_task(sequence) else 0)

    def is_task(self, sequence: int) -> bool:
        """Whether the sequence is not in the foreground."""
        return self._scheduler.urgency(sequence) is not Urgency.FOREGROUND

    def admit(self, *, growth: int, promised: int) -> None:
        """A task wants `growth` cells more; others were `promised` some. Raises GenerationError if that is too much."""
        tasks, dialogue = self._parted()
        free = self.task_tokens - promised - self._cache.cells_beside(tasks, dialogue)
        if growth > free:
            raise GenerationError(
                f"The task needs {growth} tokens of memory besides the conversation's, but {max(free, 0)} of "
                f"{self.task_tokens} are free; wait for other tasks, or set more tasks.context_tokens."
            )

    def victim(self, tokens: int, *, working: Collection[int]) -> int | None:
        """The task whose cells a batch of `tokens` tokens in the foreground needs; None if cells are not what it lacks.

        First one that nobody waits for, then the largest.
        """
        if self._cache.used_cells() + tokens <= self.context_tokens + self.task_tokens:
            return None
        tasks, dialogue = self._parted()
        sizes = {task: self._cache.cells_beside([task], dialogue) for task in tasks}
        candidates = (task for task, size in sizes.items() if size)
        return max(candidates, key=lambda task: (task not in working, sizes[task]), default=None)

    def _parted(self) -> tuple[list[int], list[int]]:
        """The sequences that are tasks, and those that are not."""
        tasks = [sequence for sequence in self._cache.sequences if self.is_task(sequence)]
        return tasks, [sequence for sequence in self._cache.sequences if sequence not in tasks]
