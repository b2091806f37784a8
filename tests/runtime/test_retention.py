"""Old records go at the start and every day after, in virtual time."""

import asyncio

from device.adapters.fakes.ledger import MemoryLedger
from device.core.entries import ConversationStarted, UserSaid
from device.errors import LedgerError
from device.runtime.retention import DAY_SECONDS, Retention
from tests.virtual_time import VirtualClock, in_virtual_time


def remembering(clock: VirtualClock) -> MemoryLedger:
    ledger = MemoryLedger(clock)
    ledger.append(UserSaid(text="long ago"), ConversationStarted())
    return ledger


@in_virtual_time
async def test_what_has_been_kept_for_long_enough_goes_on_the_day_it_may():
    clock = VirtualClock()
    ledger = remembering(clock)
    keeping = asyncio.create_task(Retention(ledger, clock, keep_days=3).run())
    await asyncio.sleep(2.5 * DAY_SECONDS)
    assert len(ledger.records()) == 2
    await asyncio.sleep(2 * DAY_SECONDS)
    assert [record.entry for record in ledger.records()] == [ConversationStarted()]
    keeping.cancel()


@in_virtual_time
async def test_a_disk_that_refuses_is_tried_again_the_next_day(caplog, monkeypatch):
    clock = VirtualClock()
    ledger = remembering(clock)
    forget = ledger.forget

    async def refuse(keep):
        raise LedgerError("The conversation cannot be deleted now.")

    monkeypatch.setattr(ledger, "forget", refuse)
    keeping = asyncio.create_task(Retention(ledger, clock, keep_days=1).run())
    await asyncio.sleep(2.5 * DAY_SECONDS)
    assert "could not be deleted" in caplog.text
    monkeypatch.setattr(ledger, "forget", forget)
    await asyncio.sleep(DAY_SECONDS)
    assert len(ledger.records()) == 1
    keeping.cancel()


@in_virtual_time
async def test_for_ever_is_for_ever():
    clock = VirtualClock()
    ledger = remembering(clock)
    retention = Retention(ledger, clock, keep_days=0)
    keeping = asyncio.create_task(retention.run())
    await asyncio.sleep(5 * DAY_SECONDS)
    assert len(ledger.records()) == 2
    keeping.cancel()


@in_virtual_time
async def test_another_number_of_days_counts_at_once():
    clock = VirtualClock()
    ledger = remembering(clock)
    retention = Retention(ledger, clock, keep_days=0)
    keeping = asyncio.create_task(retention.run())
    await asyncio.sleep(5 * DAY_SECONDS)
    retention.keep_days = 3
    await asyncio.sleep(1)
    assert len(ledger.records()) == 1
    keeping.cancel()
