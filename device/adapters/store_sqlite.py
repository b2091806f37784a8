"""The ledger in SQLite: order in memory at once, on the disk soon after, together.

`append` only gives an entry its place; one writer thread commits whatever has accumulated in a single transaction
with a full sync, so a burst of entries costs one sync. Who needs to know that an entry survives a power cut waits for
`durable`. If the disk refuses, entries stay in memory and are tried again; so is the file, if it was full at the start.
"""

import asyncio
import logging
import sqlite3
import threading
import time
from bisect import bisect_right
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Self

from device.adapters.store_deletion import Deletion
from device.adapters.store_file import FILE, NoRoomError, connect, read, read_without_room
from device.adapters.store_lock import DirectoryLock, boot_id
from device.core.entries import AnyEntry, Record, encode
from device.errors import LedgerError
from device.ports import Clock

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
CLOSING_RETRY_SECONDS = 2.0
GATHER_SECONDS = 0.02
"""How long the writer lets entries gather; a turn's entries come in one burst."""


class SqliteLedger:
    """`device.ports.Ledger` in one directory, which it alone may use."""

    def __init__(
        self, path: Path, lock: DirectoryLock, clock: Clock, on_failure: Callable[[LedgerError], None]
    ) -> None:
        self.boot_id = boot_id()
        self.commits = 0
        self.followers: set[Callable[[], None]] = set()
        self._path = path
        self._lock = lock
        self._clock = clock
        self._on_failure = on_failure
        self._database: sqlite3.Connection | None = None
        """None as long as the disk was too full to open it; the writer tries again."""
        try:
            self._database = connect(path)
            self._records, self._next_id = read(self._database)
        except NoRoomError:
            self._records, self._next_id = read_without_room(path)
        self._unwritten: list[Record] = []
        self._written_id = self._next_id - 1
        self._failure: LedgerError | None = None
        self._waiters: list[tuple[int, asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._watchers: list[Callable[[LedgerError | None], None]] = []
        self._pulses: list[Future[None]] = []
        self._deletion: Deletion | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._writer = threading.Thread(target=self._write, name="ledger", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, directory: Path, clock: Clock, *, on_failure: Callable[[LedgerError], None]) -> Self:
        """Open the ledger in `directory`, which is made if need be. A damaged one is moved aside.

        `on_failure` is called on the writer's thread, once for every time that the disk begins to refuse; one that
        refuses from the start is such a time.
        Raises InUseError if another process has it, LedgerError if it cannot be opened.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise LedgerError(f"The state directory {directory} cannot be made: {error.strerror}.") from error
        lock = DirectoryLock(directory)
        try:
            return cls(directory / FILE, lock, clock, on_failure)
        except BaseException:
            lock.release()
            raise

    # --- on the loop ---------------------------------------------------------------------------------------------

    def append(self, *entries: AnyEntry, context: str = "main") -> tuple[Record, ...]:
        """Give the entries their places and wake the writer."""
        wall_seconds, boot_seconds = self._clock.wall_seconds(), self._clock.boot_seconds()
        records = tuple(
            Record(
                id=self._next_id + number,
                wall_seconds=wall_seconds,
                boot_seconds=boot_seconds,
                boot_id=self.boot_id,
                context=context,
                entry=entry,
            )
            for number, entry in enumerate(entries)
        )
        self._next_id += len(records)
        self._records.extend(records)
        with self._changed:
            self._unwritten.extend(records)
            self._changed.notify()
        for follower in tuple(self.followers):
            follower()
        return records

    def records(self, after_id: int = 0) -> tuple[Record, ...]:
        """All records with an id above `after_id`."""
        return tuple(self._records[bisect_right(self._records, after_id, key=lambda record: record.id) :])

    async def forget(self, keep: Callable[[Record], bool]) -> int:
        """Delete all records but those to `keep`, and leave no trace of them in the files. Raises LedgerError."""
        await self.durable()
        gone = {record.id for record in self._records if not keep(record)}
        with self._changed:
            if self._deletion is not None:
                raise LedgerError("Something is being deleted already: try again.")
            self._deletion = Deletion(ids=sorted(gone), done=Future())
            self._changed.notify()
            done = self._deletion.done
        await asyncio.wrap_future(done)
        self._records = [record for record in self._records if record.id not in gone]
        return len(gone)

    async def durable(self) -> None:
        """Wait until all that was appended so far is on the disk. Raises LedgerError while the disk refuses."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        with self._changed:
            if self._written_id >= self._next_id - 1:
                return
            if self._failure is not None:
                raise self._failure
            self._waiters.append((self._next_id - 1, loop, waiter))
        await waiter

    def watch(self, watcher: Callable[[LedgerError | None], None]) -> None:
        """Tell `watcher`, on the writer's thread, when the disk begins to refuse and when it no longer does.

        It is called in the order of what happened, with the ledger held, so it must return at once.
        """
        with self._changed:
            self._watchers.append(watcher)
            if self._failure is not None:
                watcher(self._failure)

    def pulse(self) -> "Future[None]":
        """Done as soon as the writer has come round to it. Raises LedgerError once it has ended."""
        done: Future[None] = Future()
        with self._changed:
            if self._closing:
                raise LedgerError("The ledger is closed.")
            self._pulses.append(done)
            self._changed.notify()
        return done

    async def close(self) -> None:
        """Write what is left and let go of the directory. Raises LedgerError if something could not be kept."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._writer.join)
        lost = len(self._unwritten)
        if self._database is not None:
            self._database.close()
        self._lock.release()
        if lost:
            raise LedgerError(
                f"The last {lost} entries of the conversation could not be kept: {self._failure or 'the disk refused'}"
            )

    # --- on the writer's thread ----------------------------------------------------------------------------------

    def _write(self) -> None:
        give_up_at = float("inf")
        while True:
            batch, closing = self._gathered()
            if closing and not batch:
                return
            if not batch and self._database is not None:
                continue
            if closing and give_up_at == float("inf"):
                give_up_at = time.monotonic() + CLOSING_RETRY_SECONDS
            if self._commit(batch):
                continue
            if time.monotonic() >= give_up_at:
                return
            with self._changed:
                self._changed.wait_for(lambda: self._closing, timeout=RETRY_SECONDS)
            if closing:
                time.sleep(RETRY_SECONDS / 4)

    def _gathered(self) -> tuple[list[Record], bool]:
        """Wait for something to do; what is to be written, and whether the ledger is being closed.

        Pulses are answered and a deletion is carried out on the way.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._unwritten or self._deletion or self._pulses or self._closing or self._database is None
            )
            if self._unwritten and not self._closing:
                self._changed.wait_for(lambda: self._closing, timeout=GATHER_SECONDS)
            batch, closing = list(self._unwritten), self._closing
            deletion, self._deletion = self._deletion, None
            pulses, self._pulses = self._pulses, []
        for pulse in pulses:
            pulse.set_result(None)
        if deletion is not None:
            deletion.carry_out(self._database)
        return batch, closing

    def _commit(self, batch: list[Record]) -> bool:
        """Write these, and open the file first if that was not possible yet; whether the disk took them."""
        try:
            if self._database is None:
                self._database = connect(self._path)
            _insert(self._database, batch)
        except (sqlite3.Error, LedgerError) as error:
            self._refused(error if isinstance(error, LedgerError) else NoRoomError(error))
            return False
        with self._changed:
            del self._unwritten[: len(batch)]
            self._written_id = batch[-1].id if batch else self._written_id
            if self._failure is not None:
                log.warning("The conversation is kept again")
                self._become(None)
            done = [waiter for waiter in self._waiters if waiter[0] <= self._written_id]
            self._waiters = [waiter for waiter in self._waiters if waiter[0] > self._written_id]
        self.commits += 1
        _answer(done, None)
        return True

    def _refused(self, failure: LedgerError) -> None:
        with self._changed:
            first = self._failure is None
            self._become(failure, tell=first)
            waiters, self._waiters = self._waiters, []
        _answer(waiters, failure)
        if first:
            self._on_failure(failure)

    def _become(self, failure: LedgerError | None, *, tell: bool = True) -> None:
        self._failure = failure
        for watcher in self._watchers if tell else ():
            watcher(failure)


def _insert(database: sqlite3.Connection, batch: list[Record]) -> None:
    """Write these in one transaction. Raises sqlite3.Error."""
    with database:
        database.executemany(
            "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)",
            [
                (one.id, one.wall_seconds, one.boot_seconds, one.boot_id, one.context, encode(one.entry))
                for one in batch
            ],
        )


def _answer(
    waiters: list[tuple[int, asyncio.AbstractEventLoop, "asyncio.Future[None]"]], failure: LedgerError | None
) -> None:
    def settle(waiter: "asyncio.Future[None]") -> None:
        if not waiter.done():
            waiter.set_result(None) if failure is None else waiter.set_exception(failure)

    for _, loop, waiter in waiters:
        try:
            loop.call_soon_threadsafe(settle, waiter)
        except RuntimeError:
            log.debug("a waiter's loop has ended")
