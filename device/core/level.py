"""How loud it is, as a meter shows it; pure."""

from dataclasses import dataclass

SILENCE_DB = -120.0

FALL_DB_PER_SECOND = 12.0
"""So fast the loudest level of late falls towards the level of now: slow enough to be read."""


@dataclass(slots=True)
class Meter:
    """The level of now, and the loudest of late, in dB of full scale."""

    level_db: float = SILENCE_DB
    loudest_db: float = SILENCE_DB

    def window(self, level_db: float, seconds: float) -> None:
        """The next stretch of sound was so loud and so long."""
        self.level_db = level_db
        self.loudest_db = max(level_db, self.loudest_db - FALL_DB_PER_SECOND * seconds)

    def reset(self) -> None:
        """Nothing is heard."""
        self.level_db = self.loudest_db = SILENCE_DB
