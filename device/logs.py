"""Logging: one event a line to standard error, or with its fields to the journal when systemd started the program.

The journal's protocol is systemd's "Native Journal Protocol": one datagram of fields, each "NAME=value" and a newline,
or the name, a newline, the value's length as eight bytes and the value where it has newlines of its own.
"""

import logging
import os
import socket
import struct
import sys
from collections.abc import Mapping
from pathlib import Path

JOURNAL = Path("/run/systemd/journal/socket")
JOURNAL_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
MOST_CHARACTERS = 16_000
"""Of one message in the journal; a datagram cannot be of any size."""


def log_failure(failure: Exception) -> None:
    """Log an error that is one sentence already."""
    logging.getLogger("device").error("%s", failure)


def printable(text: str) -> str:
    """Text from outside must not draw on the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


class _Line(logging.Formatter):
    """One printable line."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__("%(message)s" if journal else "%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        kept = printable(super().format(record))
        if not self._journal:
            return kept
        return f"<{JOURNAL_PRIORITIES.get(record.levelno, 5)}>" + kept.replace("\n", " ⏎ ")


class JournalHandler(logging.Handler):
    """Sends each event to the journal with its priority, and where in the program it came from, as fields."""

    def __init__(self, address: Path) -> None:
        """Raises OSError if there is no journal."""
        super().__init__()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
        try:
            self._socket.connect(os.fspath(address))
        except OSError:
            self._socket.close()
            raise
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Send one event; what the journal has no room for is lost."""
        try:
            self._socket.send(encoded(self._fields(record)))
        except BlockingIOError:
            pass
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        """Let go of the journal."""
        self._socket.close()
        super().close()

    def _fields(self, record: logging.LogRecord) -> dict[str, str]:
        return {
            "MESSAGE": printable(self.format(record))[:MOST_CHARACTERS],
            "PRIORITY": str(JOURNAL_PRIORITIES.get(record.levelno, 5)),
            "SYSLOG_IDENTIFIER": "device",
            "LOGGER": record.name,
            "THREAD_NAME": record.threadName or "",
            "CODE_FILE": record.pathname,
            "CODE_LINE": str(record.lineno),
            "CODE_FUNC": record.funcName or "",
        }


def encoded(fields: Mapping[str, str]) -> bytes:
    """Fields as the journal wants them."""
    parts = []
    for name, text in fields.items():
        value = text.encode("utf-8", "replace")
        if b"\n" in value:
            parts.append(name.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n")
        else:
            parts.append(name.encode() + b"=" + value + b"\n")
    return b"".join(parts)


def start(level: str) -> None:
    """Log from `level` on: to the journal if standard error leads there, else to standard error."""
    logging.basicConfig(level=level.upper(), handlers=[_handler()], force=True)


def use_level(level: str) -> None:
    """Log from another level on."""
    logging.getLogger().setLevel(level.upper())


def _handler() -> logging.Handler:
    journal = _leads_to_journal()
    if journal:
        try:
            return JournalHandler(JOURNAL)
        except OSError:
            pass  # it is read from standard error, then
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line(journal=journal))
    return handler


def _leads_to_journal() -> bool:
    """Whether standard error is the stream that systemd made for it; a child's may be another (systemd.exec(5))."""
    try:
        stderr = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{stderr.st_dev}:{stderr.st_ino}"
