"""How many threads a step may use while other programs want the cores as well.

llama.cpp's threads wait for each other, spinning, several times in every layer: one that has lost its core to another
program stops them all, and the step takes many times as long as with a thread fewer (two cores and two busy programs:
92 ms at best and seconds at worst, against 33). Whoever computes with them sees it in its own processor time, which is
then less than the time that went by. So a crowded step takes away a thread, and from time to time one is given back.
"""

from dataclasses import dataclass

CROWDED_SHARE = 0.8
"""A step whose own thread had a core for less of its time than this was crowded (measured: 0.96 alone, 0.62 beside
one busy program)."""

LEAST_STEP_SECONDS = 0.004
"""Shorter steps say nothing."""

CROWDED_STEPS = 2
"""So many of them in a row take a thread away: one may have been anybody's short work."""

FIRST_WAIT_SECONDS, MOST_WAIT_SECONDS = 1.0, 8.0
"""So long after that a thread more is tried again; twice as long each time that it was in vain."""


@dataclass(slots=True)
class Crowding:
    """What was seen of the other programs; times are of one monotonic clock, in seconds."""

    most_threads: int | None = None
    """No step may use more than these; None if nothing is known against it."""
    _crowded_steps: int = 0
    _wait_seconds: float = FIRST_WAIT_SECONDS
    _again_at_seconds: float = 0.0

    def threads(self, wanted: int, now_seconds: float) -> int:
        """How many of the wanted threads the next step uses."""
        if self.most_threads is not None and now_seconds >= self._again_at_seconds:
            self.most_threads += 1
            self._again_at_seconds = now_seconds + self._wait_seconds
            if self.most_threads >= wanted:
                self.most_threads = None
        return wanted if self.most_threads is None else min(wanted, self.most_threads)

    def stepped(self, threads: int, *, took_seconds: float, busy_seconds: float, now_seconds: float) -> None:
        """A step with so many threads took so long, for `busy_seconds` of which its own thread had a core."""
        if threads == 1 or took_seconds < LEAST_STEP_SECONDS:
            return
        if busy_seconds >= CROWDED_SHARE * took_seconds:
            self._crowded_steps = 0
            if now_seconds >= self._again_at_seconds:
                self._wait_seconds = FIRST_WAIT_SECONDS
            return
        self._crowded_steps += 1
        if self._crowded_steps >= CROWDED_STEPS:
            self._crowded_steps = 0
            self.most_threads = threads - 1
            self._again_at_seconds = now_seconds + self._wait_seconds
            self._wait_seconds = min(2 * self._wait_seconds, MOST_WAIT_SECONDS)
