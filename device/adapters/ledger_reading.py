"""Reading the ledger's file beside the agent that writes it, or without one; nothing is ever changed.

The rule it owns: records are read in short pages, each a transaction of its own, so that a reader never keeps the
agent from deleting for good what it was asked to forget.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from device.adapters.store_sqlite import FILE, VERSION
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
    if not path.is_file():
        raise LedgerError(f"There is no conversation in {directory} yet: talk to the agent first (`device run`).")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            if database.execute("PRAGMA user_version").fetchone()[0] > VERSION:
                raise LedgerError(f"The ledger {path} was written by a newer version of device: upgrade first.")
            rows = database.execute(query, (after_id, limit)).fetchall()
    except sqlite3.Error as error:
        raise LedgerError(f"The ledger {path} cannot be read ({error}): check its rights, or the disk.") from error
    keys = _COLUMNS.split(", ")
    return [{**dict(zip(keys, row, strict=True)), "entry": msgspec.json.decode(row[-1])} for row in rows]
