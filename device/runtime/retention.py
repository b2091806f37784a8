"""Lets what was said long ago go, once a day, so that neither the card nor the memory fills over the years."""

import asyncio
import contextlib
import logging

from device.core.retention import outdated
from device.errors import LedgerError
from device.ports import Clock, Ledger

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400.0


class Retention:
    """Deletes what is older than `keep_days` and not needed, now and every day; 0 keeps everything."""

    def __init__(self, ledger: Ledger, clock: Clock, *, keep_days: int) -> None:
        self._ledger = ledger
        self._clock = clock
        self._keep_days = keep_days
        self._changed = asyncio.Event()

    @property
    def keep_days(self) -> int:
        """For how long it is kept; another number counts at once."""
        return self._keep_days

    @keep_days.setter
    def keep_days(self, days: int) -> None:
        self._keep_days = days
        self._changed.set()

    async def run(self) -> None:
        """Do so until cancelled."""
        while True:
            self._changed.clear()
            if self._keep_days:
                await self._let_go(self._keep_days)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), DAY_SECONDS if self._keep_days else None)

    async def _let_go(self, days: int) -> None:
        before = self._clock.wall_seconds() - days * DAY_SECONDS
        gone = outdated(self._ledger.records(), before_wall_seconds=before)
        if not gone:
            return
        try:
            count = await self._ledger.forget(lambda record: record.id not in gone)
        except LedgerError as error:
            log.warning("What is older than %d days could not be deleted: %s", days, error)
        else:
            log.info("Deleted %d records older than %d days", count, days)
