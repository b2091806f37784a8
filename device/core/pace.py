"""How often something may happen: at an even pace, with a reserve for a burst; pure.

It is the rule of a leaky bucket (ITU-T I.371's generic cell rate algorithm): one number is all that is remembered.
"""


class Pace:
    """Who wants to go on is told how long to wait; those who ask in a row wait for one another."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._interval_seconds = 1.0 / per_second
        self._reserve_seconds = burst / per_second
        self._due_seconds = float("-inf")

    def wait_seconds(self, now_seconds: float) -> float:
        """Take the next place, and say in how many seconds it is; 0 for at once."""
        self._due_seconds = max(self._due_seconds, now_seconds - self._reserve_seconds) + self._interval_seconds
        return max(self._due_seconds - now_seconds, 0.0)
