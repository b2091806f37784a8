"""A ledger that lives as long as its process."""

from collections.abc import Callable
from concurrent.futures import Future

from device.core.entries import AnyEntry, Record
from device.errors import LedgerError
from device.ports import Clock


class MemoryLedger:
    """`device.ports.Ledger` without a disk: everything is durable at once."""

    boot_id = "fake-boot"

    def __init__(self, clock: Clock, records: tuple[Record, ...] = ()) -> None:
        self.followers: set[Callable[[], None]] = set()
        self._clock = clock
        self._records = list(records)
        self._last_id = records[-1].id if records else 0
        self._watchers: list[Callable[[LedgerError | None], None]] = []

    def append(self, *entries: AnyEntry, context: str = "main") -> tuple[Record, ...]:
        """Give the entries their places."""
        last_id = self._last_id
        added = tuple(
            Record(
                id=last_id + number + 1,
                wall_seconds=self._clock.wall_seconds(),
                boot_seconds=self._clock.boot_seconds(),
                boot_id=self.boot_id,
                context=context,
                entry=entry,
            )
            for number, entry in enumerate(entries)
        )
        self._records += added
        self._last_id += len(added)
        for follower in tuple(self.followers):
            follower()
        return added

    def records(self, after_id: int = 0) -> tuple[Record, ...]:
        """All records with an id above `after_id`."""
        return tuple(record for record in self._records if record.id > after_id)

    async def forget(self, keep: Callable[[Record], bool]) -> int:
        """Keep only some records."""
        before = len(self._records)
        self._records = [record for record in self._records if keep(record)]
        return before - len(self._records)

    async def durable(self) -> None:
        """It is."""

    def watch(self, watcher: Callable[[LedgerError | None], None]) -> None:
        """It is told what `refuse` says."""
        self._watchers.append(watcher)

    def refuse(self, failure: LedgerError | None) -> None:
        """Do as if the disk refused, or no longer did."""
        for watcher in self._watchers:
            watcher(failure)

    def pulse(self) -> "Future[None]":
        """Done: it has no thread."""
        done: Future[None] = Future()
        done.set_result(None)
        return done

    async def close(self) -> None:
        """Nothing is left to write."""
