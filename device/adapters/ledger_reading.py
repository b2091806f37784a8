"""Reading the ledger's file beside the agent that writes it, or without one; nothing is ever changed.

The rule it owns: records are read in short pages, each a transaction of its own, so that a reader never keeps the
agent from deleting for good what it was asked to forget.

Who may read the files but not write beside them, such as a member of the service's group, cannot make the index that
SQLite keeps beside a write-ahead log. Beside a running agent it is there. Where the agent has ended, the file alone is
all there is; where it was killed, the file and its log are read as a copy.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from device.adapters.store_file import FILE, VERSION
from device.errors import LedgerError

PAGE_RECORDS = 500
_COLUMNS = "id, wall_seconds, boot_seconds, boot_id, context, entry"
_IN_ORDER = f"SELECT {_COLUMNS} FROM record WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608 - a constant
_LAST_FIRST = f"SELECT {_COLUMNS} FROM record WHERE id > ? ORDER BY id DESC LIMIT ?"  # noqa: S608 - a constant

RawRecord = dict[str, Any]
"""A record as JSON has it; its entry may be of a kind that only another version knows."""


def records(directory: Path, *, after_id: int = 0) -> Iterator[RawRecord]:
    """All records above an id, in order. Raises LedgerError if there is no ledger, or one that cannot be read."""
    while page := _page(directory, _IN_ORDER, after_id):
        yield from page
        after_id = page[-1]["id"]


def last_records(directory: Path, number: int) -> list[RawRecord]:
    """The last `number` records, in order. Raises LedgerError."""
    return _page(directory, _LAST_FIRST, 0, number)[::-1]


def _page(directory: Path, query: str, after_id: int, limit: int = PAGE_RECORDS) -> list[RawRecord]:
    path = directory / FILE
    try:
        if not path.is_file():
            raise LedgerError(f"There is no conversation in {directory} yet: talk to the agent first (`device run`).")
        rows = _rows_without_writing(path, query, (after_id, limit))
    except PermissionError as error:
        raise LedgerError(f"You may not read {path}: use sudo, or join the group that may (device).") from error
    except (sqlite3.Error, OSError) as error:
        raise LedgerError(f"The ledger {path} cannot be read ({error}): check its rights, or the disk.") from error
    keys = _COLUMNS.split(", ")
    return [{**dict(zip(keys, row, strict=True)), "entry": msgspec.json.decode(row[-1])} for row in rows]


def _rows_without_writing(path: Path, query: str, values: tuple[int, ...]) -> list[tuple[Any, ...]]:
    """Read as anybody may who can read the files. Raises LedgerError, sqlite3.Error, OSError."""
    log = path.with_name(f"{path.name}-wal")
    try:
        return _rows(path, "mode=ro", query, values)
    except sqlite3.OperationalError:
        if not log.exists():
            rows = _rows(path, "immutable=1", query, values)
            # An agent that has begun meanwhile may have changed what was being read.
            return _rows(path, "mode=ro", query, values) if log.exists() else rows
        if path.with_name(f"{path.name}-shm").exists():
            raise
    with tempfile.TemporaryDirectory(prefix="device-ledger-") as directory:
        copy = Path(directory) / path.name
        shutil.copyfile(path, copy)
        shutil.copyfile(log, copy.with_name(log.name))
        return _rows(copy, "mode=rw", query, values)


def _rows(path: Path, how: str, query: str, values: tuple[int, ...]) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as database:
        if database.execute("PRAGMA user_version").fetchone()[0] > VERSION:
            raise LedgerError(f"The ledger {path} was written by a newer version of device: upgrade first.")
        return database.execute(query, values).fetchall()
