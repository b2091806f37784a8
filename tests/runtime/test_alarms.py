"""Alarms and the two clocks: the one that never jumps and the one on the wall."""

import asyncio

import pytest

from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.ledger import MemoryLedger
from device.core.context import Conversation
from device.core.entries import AlarmRang, AlarmSet
from device.errors import ToolError
from device.runtime.alarms import CLOCK_LOOK_SECONDS, LONGEST_SLEEP_SECONDS, AlarmService

HOUR = 3600.0


class Book:
    """A ledger and its replay, as the dialogue keeps them."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.conversation = Conversation.replay(ledger.records())

    def append(self, *entries):
        for record in self.ledger.append(*entries):
            self.conversation.apply(record)

    def next_alarm_id(self):
        return self.conversation.next_alarm_id()


class Run:
    """One run of the device: an alarm service whose sleeps a test ends."""

    def __init__(self, clock, ledger, **more):
        self.clock, self.rang, self.slept = clock, [], []
        self.book = Book(ledger)
        self.waker = asyncio.Event()
        self.alarms = AlarmService(
            self.book, clock, on_rang=self.rang.extend, pending=self.book.conversation.pending_alarms(),
            sleep=self.sleep, **more,
        )  # fmt: skip

    async def sleep(self, seconds):
        self.slept.append(seconds)
        await self.waker.wait()

    async def look(self, *, after=0.0):
        self.clock.advance(after)
        self.alarms.look()
        await self.settle()

    async def settle(self):
        for _ in range(10):
            await asyncio.sleep(0)

    async def __aenter__(self):
        self.task = asyncio.ensure_future(self.alarms.run())
        await self.settle()
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def ledger(clock):
    return MemoryLedger(clock)


async def test_a_timer_does_not_follow_a_clock_that_is_set(clock, ledger):
    async with Run(clock, ledger) as run:
        alarm = await run.alarms.set(600, "tea")
        clock.set_wall(clock.wall_seconds() + 5 * HOUR)
        await run.look()
        assert run.rang == []
        assert run.alarms.pending()[0].due_wall_seconds == clock.wall_seconds() + 600
        clock.set_wall(clock.wall_seconds() - 100 * HOUR)
        await run.look(after=599)
        assert run.rang == []
        await run.look(after=1)
        assert run.rang == [alarm.alarm_id]


async def test_an_alarm_for_a_time_of_day_follows_the_clock(clock, ledger):
    async with Run(clock, ledger) as run:
        due = clock.wall_seconds() + 8 * HOUR
        alarm = await run.alarms.set_at(due, "work")
        clock.set_wall(due - HOUR)
        await run.look()
        assert run.rang == []
        clock.set_wall(due - 3 * HOUR)
        await run.look(after=HOUR)
        assert run.rang == []
        await run.look(after=2 * HOUR)
        assert run.rang == [alarm.alarm_id]
        assert run.book.ledger.records()[-1].entry == AlarmRang(alarm_id=alarm.alarm_id, late_seconds=0.0)


async def test_a_clock_that_was_set_is_noticed_soon_while_an_alarm_waits_for_it(clock, ledger):
    async with Run(clock, ledger) as run:
        await run.alarms.set(10 * HOUR, "")
        await run.settle()
        assert run.slept[-1] == LONGEST_SLEEP_SECONDS
        await run.alarms.set_at(clock.wall_seconds() + 10 * HOUR, "")
        await run.settle()
        assert run.slept[-1] == CLOCK_LOOK_SECONDS


async def test_what_was_missed_is_told_on_start_and_how_late_it_is(clock, ledger):
    ledger.append(AlarmSet(alarm_id="t1", due_wall_seconds=clock.wall_seconds() + HOUR, label="work"))
    clock.advance(3 * HOUR)
    async with Run(clock, ledger, last_wall_seconds=clock.wall_seconds() - 3 * HOUR) as run:
        assert run.rang == ["t1"]
        assert ledger.records()[-1].entry.late_seconds == 2 * HOUR


async def test_what_was_missed_waits_until_the_clock_is_right(clock, ledger):
    stopped = clock.wall_seconds()
    ledger.append(
        AlarmSet(alarm_id="t1", due_wall_seconds=stopped + HOUR, label="work"),
        AlarmSet(alarm_id="t2", due_wall_seconds=stopped + 9 * HOUR, duration_seconds=10 * HOUR),
    )
    clock.set_wall(0.0)
    async with Run(clock, ledger, last_wall_seconds=stopped) as run:
        assert run.rang == []
        assert run.slept[-1] == CLOCK_LOOK_SECONDS
        with pytest.raises(ToolError, match="clock has not been set"):
            await run.alarms.set_at(7 * HOUR, "")
        timer = await run.alarms.set(60, "")
        await run.look(after=60)
        assert run.rang == [timer.alarm_id]
        clock.set_wall(stopped + 4 * HOUR)
        await run.look()
        assert run.rang == [timer.alarm_id, "t1"]
        assert ledger.records()[-1].entry.late_seconds == 3 * HOUR
        await run.look(after=5 * HOUR)
        assert run.rang[-1] == "t2"


async def test_what_is_set_survives_a_restart_with_its_kind_and_its_local_time(ledger):
    clock = FakeClock(utc_offset_seconds=2 * HOUR)
    async with Run(clock, ledger) as run:
        await run.alarms.set_at(clock.wall_seconds() + HOUR, "call mum", reminder=True)
        await run.alarms.set(60, "tea")
    async with Run(clock, ledger) as run:
        timer, reminder = run.alarms.pending()
        assert (timer.label, timer.reminder, timer.duration_seconds) == ("tea", False, 60)
        assert (reminder.label, reminder.reminder, reminder.duration_seconds) == ("call mum", True, 0)
        assert await run.alarms.cancel(reminder.alarm_id)
        assert not await run.alarms.cancel(reminder.alarm_id)
        assert run.book.conversation.pending_alarms()[0].utc_offset_seconds == 0
