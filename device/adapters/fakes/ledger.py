"""A ledger that lives as long as its process."""

from device.core.entries import AnyEntry, Record
from device.ports import Clock


class MemoryLedger:
    """`device.ports.Ledger` without a disk: everything is durable at once."""

    boot_id = "fake-boot"

    def __init__(self, clock: Clock, records: tuple[Record, ...] = ()) -> None:
        self._clock = clock
        self._records = list(records)

    def append(self, *entries: AnyEntry, context: str = "main") -> tuple[Record, ...]:
        """Give the entries their places."""
        added = tuple(
            Record(
                id=len(self._records) + number + 1,
                wall_seconds=self._clock.wall_seconds(),
                boot_seconds=self._clock.boot_seconds(),
                boot_id=self.boot_id,
                context=context,
                entry=entry,
            )
            for number, entry in enumerate(entries)
        )
        self._records += added
        return added

    def records(self, after_id: int = 0) -> tuple[Record, ...]:
        """All records with an id above `after_id`."""
        return tuple(self._records[after_id:])

    async def durable(self) -> None:
        """It is."""

    async def close(self) -> None:
        """Nothing is left to write."""
