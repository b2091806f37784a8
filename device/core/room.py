"""How loud the room is, by what is heard of it; pure. Levels in dB of full scale, one for each stretch of equal length.

`Floor` is the least that is heard for a while, for those who are told of no voice. `Quiet` is the mean of what holds
none, for those who are.
"""

from dataclasses import dataclass

QUIET_PROBABILITY = 0.2
"""What is less likely to be speech than this is the room."""

QUIET_SHARE = 0.05
"""How much of the mean is a new window's at least: of 32 ms windows, half of a change is known after half a second."""


@dataclass(slots=True)
class Floor:
    """The least of late: followed downwards at once, upwards by no more than `rise_db` a stretch."""

    rise_db: float
    level_db: float | None = None

    def heard(self, level_db: float) -> float:
        """The next stretch was so loud; the floor with it."""
        self.level_db = level_db if self.level_db is None else min(level_db, self.level_db + self.rise_db)
        return self.level_db


@dataclass(slots=True)
class Quiet:
    """The mean of the windows in which nobody speaks, the later ones counting more."""

    level_db: float | None = None
    windows: int = 0
    """How many it has heard."""

    def heard(self, level_db: float, probability: float = 0.0) -> None:
        """The next window was so loud, and speech with this probability."""
        if probability >= QUIET_PROBABILITY:
            return
        self.windows += 1
        before_db = 0.0 if self.level_db is None else self.level_db
        self.level_db = before_db + max(1.0 / self.windows, QUIET_SHARE) * (level_db - before_db)
