"""Logging: one line an event to standard error, where a terminal or the journal reads it."""

import logging
import os
import sys

JOURNAL_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class _Line(logging.Formatter):
    """One printable line: text from outside must not draw on the terminal."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__("%(message)s" if journal else "%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        kept = "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)
        if not self._journal:
            return kept
        return f"<{JOURNAL_PRIORITIES.get(record.levelno, 5)}>" + kept.replace("\n", " ⏎ ")


def start(level: str) -> None:
    """Log from `level` on to standard error; under systemd in the journal's own form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line(journal="JOURNAL_STREAM" in os.environ))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
