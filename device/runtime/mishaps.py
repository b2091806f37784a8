"""What went wrong lately: the warnings and errors of the program's own log, counted, the last ones kept."""

import logging
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

KEPT = 20
MOST_CHARACTERS = 300
LOG = "device"
"""The logger above all of the program's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """A warning or an error, and when it was logged (Unix time)."""

    wall_seconds: float
    level: str
    text: str


class Mishaps(logging.Handler):
    """Keeps what is logged as a warning or worse; from any thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._kept: deque[Mishap] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()
        """How many there were of each level, in lower case."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        level = "warning" if record.levelno < logging.ERROR else "error"
        self.counts[level] += 1
        text = " ".join(record.getMessage().split())[:MOST_CHARACTERS]
        self._kept.append(Mishap(wall_seconds=record.created, level=level, text=text))

    def last(self) -> Mishap | None:
        """The last error; None if there was none that is kept."""
        return next((mishap for mishap in reversed(tuple(self._kept)) if mishap.level == "error"), None)

    def forget(self) -> None:
        """Forget the words of all."""
        self._kept.clear()


@contextmanager
def kept_mishaps() -> Iterator[Mishaps]:
    """Keep them from here on."""
    mishaps, logger = Mishaps(), logging.getLogger(LOG)
    logger.addHandler(mishaps)
    try:
        yield mishaps
    finally:
        logger.removeHandler(mishaps)
