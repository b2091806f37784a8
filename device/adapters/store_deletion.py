"""Deleting records so that their words are in no file afterwards.

SQLite marks what is deleted as free and leaves it where it is, in the database and in the write-ahead log. Here freed
pages are overwritten, the log is written back and emptied, and the database is built anew from what is left. What a
memory card keeps of overwritten blocks beneath the file system, no program can reach.
"""

import logging
import sqlite3
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from device.errors import LedgerError

log = logging.getLogger(__name__)

READERS_MILLISECONDS = 5000
"""How long those who are reading are waited for."""


@dataclass(kw_only=True)
class Deletion:
    """Records to delete; `done` is settled when they are gone."""

    ids: list[int]
    done: "Future[None]"

    def carry_out(self, database: sqlite3.Connection | None) -> None:
        """Delete them, whether anybody still waits for that; called by the only writer, None if it has no database."""
        awaited = self.done.set_running_or_notify_cancel()
        failure = self._failure(database)
        if not awaited:
            return
        if failure is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(failure)

    def _failure(self, database: sqlite3.Connection | None) -> LedgerError | None:
        if database is None:
            return LedgerError("Nothing can be deleted while the disk is full: free some room on it first.")
        try:
            delete_for_good(database, self.ids)
        except (sqlite3.Error, OSError) as error:
            log.info("Deleting failed: %s", error)
            return LedgerError(
                f"It could not be deleted for good ({error}): end what is reading the ledger, and try again."
            )
        return None


def delete_for_good(database: sqlite3.Connection, ids: list[int]) -> None:
    """Delete the records with these ids, and every trace of them. Raises sqlite3.Error, OSError."""
    database.execute(f"PRAGMA busy_timeout = {READERS_MILLISECONDS}")
    database.execute("PRAGMA secure_delete = ON")
    with database:
        database.executemany("DELETE FROM record WHERE id = ?", [(number,) for number in ids])
    _empty_the_log(database)  # the overwritten pages now stand where the words stood
    database.execute("VACUUM")
    _empty_the_log(database)
    _, _, file = database.execute("PRAGMA database_list").fetchone()
    for damaged in Path(file).parent.glob(f"{Path(file).name}.damaged-*"):
        damaged.unlink()


def _empty_the_log(database: sqlite3.Connection) -> None:
    busy, _, _ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError("another program is reading it")
