"""Lets what was said long ago go, once a day, so that neither the card nor the memory fills over the years."""

import asyncio
import logging

from device.core.retention import outdated
from device.errors import LedgerError
from device.ports import Clock, Ledger

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400.0


async def let_go(ledger: Ledger, clock: Clock, *, keep_days: int) -> None:
    """Delete what is older than `keep_days` and not needed, now and every day, until cancelled; 0 keeps everything."""
    while keep_days:
        gone = outdated(ledger.records(), before_wall_seconds=clock.wall_seconds() - keep_days * DAY_SECONDS)
        if gone:
            try:
                count = await ledger.forget(lambda record: record.id not in gone)  # noqa: B023 - it is done by then
            except LedgerError as error:
                log.warning("What is older than %d days could not be deleted: %s", keep_days, error)
            else:
                log.info("Deleted %d records older than %d days", count, keep_days)
        await asyncio.sleep(DAY_SECONDS)
