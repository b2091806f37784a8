"""The ledger's file: opened to be written, or, on a disk that takes nothing more, read as it stands.

SQLite needs room to open a file that has a write-ahead log: it keeps an index beside it. Where there is none, the index
is kept in memory by whoever has the file for itself, which the holder of the directory's lock does.
"""

import logging
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import msgspec

from device.core.entries import Record, decode
from device.errors import LedgerError

log = logging.getLogger(__name__)

FILE = "ledger.sqlite3"
VERSION = 1

_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE record (
    id INTEGER PRIMARY KEY, wall_seconds REAL NOT NULL, boot_seconds REAL NOT NULL, boot_id TEXT NOT NULL,
    context TEXT NOT NULL, entry BLOB NOT NULL
) STRICT;
PRAGMA user_version = {VERSION};
COMMIT;
"""
"""In one transaction: a table without its version, as a cut in between would leave, could never be opened again."""


class NoRoomError(LedgerError):
    """The disk takes nothing more; it may again, so the same is to be tried later."""

    def __init__(self, error: sqlite3.Error) -> None:
        super().__init__(f"The conversation cannot be kept now ({error}); free some room on the disk.")


def connect(path: Path) -> sqlite3.Connection:
    """Open the file to be written, made if need be; a damaged one is moved aside. Raises NoRoomError, LedgerError."""
    try:
        return _opened(path)
    except sqlite3.OperationalError as error:
        raise _unopened(path, error) from error
    except sqlite3.DatabaseError as error:
        if not path.exists():
            raise _unopened(path, error) from error
        _move_aside(path, error)
    try:
        return _opened(path)
    except sqlite3.DatabaseError as error:
        raise _unopened(path, error) from error


def read(database: sqlite3.Connection) -> tuple[list[Record], int]:
    """All records that this version can read, and the next id."""
    records = []
    last_id = 0
    columns = "id, wall_seconds, boot_seconds, boot_id, context, entry"
    for number, wall_seconds, boot_seconds, boot, context, entry in database.execute(
        f"SELECT {columns} FROM record ORDER BY id"  # noqa: S608 - a constant
    ):
        last_id = number
        try:
            decoded = decode(entry)
        except msgspec.MsgspecError:
            log.info("Record %d is of a kind that this version does not know; it is kept and passed over", number)
            continue
        records.append(
            Record(
                id=number,
                wall_seconds=wall_seconds,
                boot_seconds=boot_seconds,
                boot_id=boot,
                context=context,
                entry=decoded,
            )
        )
    return records, last_id + 1


def read_without_room(path: Path) -> tuple[list[Record], int]:
    """As `read`, of a file whose disk takes nothing more; none if there is no file yet. Raises LedgerError."""
    if not path.exists():
        return [], 1
    try:
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            return read(database) if _version(database, path) else ([], 1)
    except sqlite3.DatabaseError as error:
        raise LedgerError(
            f"The ledger {path} can be neither written nor read ({error}): free some room on the disk, or check it."
        ) from error


def _opened(path: Path) -> sqlite3.Connection:
    """Raises sqlite3.DatabaseError, LedgerError."""
    database = sqlite3.connect(path, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        if _version(database, path) == 0:
            database.executescript(_SCHEMA)
        # A write that changes nothing, so that a disk that takes none is known at once, and before something is said.
        database.execute(f"PRAGMA user_version = {VERSION}")
        if database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("its pages do not fit together")
    except BaseException:
        database.close()
        raise
    return database


def _version(database: sqlite3.Connection, path: Path) -> int:
    """The file's version, 0 for a new one. Raises LedgerError if this program is too old for it."""
    version = int(database.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise LedgerError(f"The ledger {path} was written by a newer version of device: upgrade, or move it away.")
    return version


def _unopened(path: Path, error: sqlite3.Error) -> LedgerError:
    """What it means that the file cannot be opened: no room, or no right."""
    kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    can_be_made = kind == sqlite3.SQLITE_CANTOPEN and os.access(path.parent, os.W_OK)
    if kind in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR) or can_be_made:
        return NoRoomError(error)
    return LedgerError(f"The ledger {path} cannot be opened ({error}): check the directory's rights.")


def _move_aside(path: Path, error: sqlite3.Error) -> None:
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    log.error("The ledger %s is damaged (%s); it is kept as %s and a new one begun", path, error, aside.name)
    for suffix in ("", "-wal", "-shm"):
        damaged = path.with_name(path.name + suffix)
        if damaged.exists():
            damaged.rename(aside.with_name(aside.name + suffix))
