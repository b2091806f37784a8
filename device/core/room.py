"""How loud the room is, by what is heard of it; pure. Levels in dB of full scale, one for each stretch of equal length.

`Floor` is the least that is heard for a while, for those who are told of no voice. `Quiet` is the mean of what holds
none, for those who are. `Background` is what goes on without a rest, as other people's talk does, and how much that
sounds like a voice.
"""

from collections import deque
from dataclasses import dataclass, field

NOTHING_DB = -95.0
"""No room is so quiet: a card that is muted, or only starts, sends zeros, which tell nothing of the room."""

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


WITHOUT_REST_WINDOWS = 470
"""Nobody speaks for so long, 15 seconds, without a rest: what does is the background."""

REST_WINDOWS = 20
"""A rest takes two thirds of a second."""

BACKGROUND_DB = 12.0
"""The background reaches so far above its least; voices are most uneven."""

LOUDEST_BACKGROUND_DB = -45.0
"""What is louder is near: somebody who talks to the agent for long, or sings to it, is never the background."""

HEARD_WINDOWS = 30
LIKENESS_SHARE = 0.02
"""How much of the likeness a new window is at least."""


@dataclass(slots=True)
class Background:
    """What the room sounds like; feed it every window in which the agent itself is not heard."""

    likeness: float = 0.0
    """How likely the voice detector takes the background for a voice, on the average."""
    _windows: int = 0
    _latest: deque[float] = field(default_factory=lambda: deque(maxlen=REST_WINDOWS))
    _means: deque[float] = field(default_factory=lambda: deque(maxlen=WITHOUT_REST_WINDOWS))

    @property
    def known(self) -> bool:
        """Whether enough of it was heard to tell."""
        return self._windows >= HEARD_WINDOWS

    def holds(self, level_db: float) -> bool:
        """Whether a window of this level may be no more than background."""
        return bool(self._means) and level_db < min(min(self._means) + BACKGROUND_DB, LOUDEST_BACKGROUND_DB)

    def heard(self, level_db: float, probability: float) -> None:
        """The next window was so loud, and speech with this probability."""
        self._latest.append(level_db)
        self._means.append(sum(self._latest) / len(self._latest))
        if self.holds(level_db):
            self._windows += 1
            self.likeness += max(LIKENESS_SHARE, 1.0 / self._windows) * (probability - self.likeness)
