"""Timers that outlive the process: what is pending stands in the ledger, here is only the waiting.

Within one run a timer counts on the boot-time clock, so that a wall clock that is set meanwhile neither hurries nor
delays it; one from an earlier run is due by the wall clock. An alarm missed while the device was off rings at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from device.core.entries import AlarmCancelled, AlarmRang, AlarmSet, AnyEntry
from device.ports import Clock, Ledger
from device.toolkit import PendingAlarm

Sleep = Callable[[float], Awaitable[None]]

LONGEST_SLEEP_SECONDS = 3600.0
"""The boot-time clock counts suspend, asyncio's does not: look again at least this often."""


class _Book(Protocol):
    ledger: Ledger

    def append(self, *entries: AnyEntry) -> object: ...

    def next_alarm_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Waiting:
    alarm: PendingAlarm
    due_boot_seconds: float


class AlarmService:
    """`device.toolkit.Alarms`."""

    def __init__(
        self,
        book: _Book,
        clock: Clock,
        *,
        on_rang: Callable[[tuple[str, ...]], None],
        pending: Iterable[AlarmSet],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`pending`: the alarms that the ledger says were set and neither rang nor were cancelled."""
        self._book = book
        self._clock = clock
        self._on_rang = on_rang
        self._sleep = sleep
        self._changed = asyncio.Event()
        now_boot, now_wall = clock.boot_seconds(), clock.wall_seconds()
        self._waiting = {
            entry.alarm_id: _Waiting(_pending(entry), now_boot + entry.due_wall_seconds - now_wall) for entry in pending
        }

    async def set(self, duration_seconds: float, label: str) -> PendingAlarm:
        """Set a timer; it is on the disk when this returns."""
        return await self._set(self._clock.wall_seconds() + duration_seconds, label, duration_seconds)

    async def set_at(self, wall_seconds: float, label: str) -> PendingAlarm:
        """Set an alarm for a time of day; it is on the disk when this returns."""
        return await self._set(wall_seconds, label, 0.0)

    async def _set(self, due_wall_seconds: float, label: str, duration_seconds: float) -> PendingAlarm:
        entry = AlarmSet(
            alarm_id=self._book.next_alarm_id(),
            due_wall_seconds=due_wall_seconds,
            label=label,
            duration_seconds=duration_seconds,
        )
        due_boot_seconds = self._clock.boot_seconds() + due_wall_seconds - self._clock.wall_seconds()
        self._book.append(entry)
        alarm = _pending(entry)
        self._waiting[alarm.alarm_id] = _Waiting(alarm, due_boot_seconds)
        self._changed.set()
        await self._book.ledger.durable()
        return alarm

    async def cancel(self, alarm_id: str) -> bool:
        """Take an alarm back."""
        if self._waiting.pop(alarm_id, None) is None:
            return False
        self._book.append(AlarmCancelled(alarm_id=alarm_id))
        self._changed.set()
        await self._book.ledger.durable()
        return True

    def pending(self) -> tuple[PendingAlarm, ...]:
        """All alarms that have not rung, soonest first."""
        by_time = sorted(self._waiting.values(), key=lambda waiting: waiting.due_boot_seconds)
        return tuple(waiting.alarm for waiting in by_time)

    def look(self) -> None:
        """Look at the clock now, because it may have been set."""
        self._changed.set()

    async def run(self) -> None:
        """Ring what comes due, until cancelled."""
        while True:
            self._changed.clear()
            self._ring_due()
            next_due = min((waiting.due_boot_seconds for waiting in self._waiting.values()), default=None)
            if next_due is None:
                await self._changed.wait()
                continue
            wait_seconds = min(max(next_due - self._clock.boot_seconds(), 0.0), LONGEST_SLEEP_SECONDS)
            await _either(self._sleep(wait_seconds), self._changed.wait())

    def _ring_due(self) -> None:
        now = self._clock.boot_seconds()
        due = [(key, waiting) for key, waiting in self._waiting.items() if waiting.due_boot_seconds <= now]
        for alarm_id, waiting in due:
            del self._waiting[alarm_id]
            self._book.append(AlarmRang(alarm_id=alarm_id, late_seconds=round(now - waiting.due_boot_seconds, 1)))
        if due:
            self._on_rang(tuple(alarm_id for alarm_id, _ in due))


def _pending(entry: AlarmSet) -> PendingAlarm:
    return PendingAlarm(
        alarm_id=entry.alarm_id,
        label=entry.label,
        due_wall_seconds=entry.due_wall_seconds,
        duration_seconds=entry.duration_seconds,
    )


async def _either(*waits: Awaitable[object]) -> None:
    """Wait for the first of several."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
