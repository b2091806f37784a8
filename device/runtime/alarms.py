"""Timers that outlive the process: what is pending stands in the ledger, here is only the waiting.

Rules:
* Within one run a timer counts on the boot-time clock, so that a wall clock that is set meanwhile neither hurries nor
  delays it.
* An alarm for a time of day follows the wall clock, and so does a timer from an earlier run, for want of another clock.
* What was missed while the device was off rings at once, but not before the wall clock is right: many boards have none
  of their own and start with an old time, until a time server tells them the true one.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from device.core.entries import AlarmCancelled, AlarmRang, AlarmSet, AnyEntry
from device.errors import ToolError
from device.ports import Clock, Ledger
from device.runtime.values import kept
from device.toolkit import PendingAlarm

Sleep = Callable[[float], Awaitable[None]]

LONGEST_SLEEP_SECONDS = 3600.0
"""The boot-time clock counts suspend, asyncio's does not: look again at least this often."""

CLOCK_LOOK_SECONDS = 20.0
"""A wall clock that was set is noticed within this, while something waits for it."""


class _Book(Protocol):
    ledger: Ledger

    def append(self, *entries: AnyEntry) -> object: ...

    def next_alarm_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An alarm that waits; without `due_boot_seconds` it follows the wall clock."""

    alarm: PendingAlarm
    due_boot_seconds: float | None = None


class AlarmService:
    """`device.toolkit.Alarms`."""

    def __init__(
        self,
        book: _Book,
        clock: Clock,
        *,
        on_rang: Callable[[tuple[str, ...]], None],
        pending: Iterable[AlarmSet],
        last_wall_seconds: float = 0.0,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`pending`: the alarms that the ledger says were set and neither rang nor were cancelled.

        `last_wall_seconds` is the time of the last run's last record: before it the wall clock cannot be right.
        """
        self._book = book
        self._clock = clock
        self._on_rang = on_rang
        self._last_wall_seconds = last_wall_seconds
        self._sleep = sleep
        self._changed = asyncio.Event()
        self._waiting = {entry.alarm_id: _Waiting(_pending(entry)) for entry in pending}

    async def set(self, duration_seconds: float, label: str, *, reminder: bool = False) -> PendingAlarm:
        """Set a timer; it is on the disk when this returns."""
        entry = AlarmSet(
            alarm_id=self._book.next_alarm_id(),
            due_wall_seconds=self._clock.wall_seconds() + duration_seconds,
            label=label,
            duration_seconds=duration_seconds,
            reminder=reminder,
        )
        return await self._set(entry, self._clock.boot_seconds() + duration_seconds)

    async def set_at(self, wall_seconds: float, label: str, *, reminder: bool = False) -> PendingAlarm:
        """Set an alarm for a time of day; it is on the disk when this returns. Raises ToolError."""
        if not self._clock_may_be_right():
            raise ToolError("The clock has not been set since the device was switched on; only a timer can be set now.")
        entry = AlarmSet(
            alarm_id=self._book.next_alarm_id(),
            due_wall_seconds=wall_seconds,
            label=label,
            reminder=reminder,
            utc_offset_seconds=self._clock.utc_offset_seconds(wall_seconds),
        )
        return await self._set(entry, None)

    async def _set(self, entry: AlarmSet, due_boot_seconds: float | None) -> PendingAlarm:
        self._book.append(entry)
        alarm = _pending(entry)
        self._waiting[alarm.alarm_id] = _Waiting(alarm, due_boot_seconds)
        self._changed.set()
        await kept(self._book.ledger)
        return alarm

    async def cancel(self, alarm_id: str) -> bool:
        """Take an alarm back."""
        if self._waiting.pop(alarm_id, None) is None:
            return False
        self._book.append(AlarmCancelled(alarm_id=alarm_id))
        self._changed.set()
        await kept(self._book.ledger)
        return True

    def pending(self) -> tuple[PendingAlarm, ...]:
        """All alarms that have not rung, soonest first; when a timer is due is told by the wall clock as it is now."""
        now_wall = self._clock.wall_seconds()
        alarms = [
            waiting.alarm
            if waiting.due_boot_seconds is None
            else replace(waiting.alarm, due_wall_seconds=now_wall + self._left_seconds(waiting))
            for waiting in self._waiting.values()
        ]
        return tuple(sorted(alarms, key=lambda alarm: alarm.due_wall_seconds))

    def look(self) -> None:
        """Look at the clock now, because it may have been set."""
        self._changed.set()

    async def run(self) -> None:
        """Ring what comes due, until cancelled."""
        while True:
            self._changed.clear()
            self._ring_due()
            if not self._waiting:
                await self._changed.wait()
                continue
            await _either(self._sleep(self._wait_seconds()), self._changed.wait())

    def _wait_seconds(self) -> float:
        waiting = self._waiting.values()
        follows_wall = any(one.due_boot_seconds is None for one in waiting)
        longest = CLOCK_LOOK_SECONDS if follows_wall else LONGEST_SLEEP_SECONDS
        return min(max(min(map(self._left_seconds, waiting)), 0.0), longest)

    def _ring_due(self) -> None:
        left_seconds = {key: self._left_seconds(waiting) for key, waiting in self._waiting.items()}
        due = [key for key, left in left_seconds.items() if left <= 0]
        for alarm_id in due:
            del self._waiting[alarm_id]
            self._book.append(AlarmRang(alarm_id=alarm_id, late_seconds=round(-left_seconds[alarm_id], 1)))
        if due:
            self._on_rang(tuple(due))

    def _left_seconds(self, waiting: _Waiting) -> float:
        """How long until it is due, below zero if it is late; for ever while the clock that it follows is wrong."""
        if waiting.due_boot_seconds is not None:
            return waiting.due_boot_seconds - self._clock.boot_seconds()
        if not self._clock_may_be_right():
            return math.inf
        return waiting.alarm.due_wall_seconds - self._clock.wall_seconds()

    def _clock_may_be_right(self) -> bool:
        return self._clock.wall_seconds() >= self._last_wall_seconds


def _pending(entry: AlarmSet) -> PendingAlarm:
    return PendingAlarm(
        alarm_id=entry.alarm_id,
        label=entry.label,
        due_wall_seconds=entry.due_wall_seconds,
        duration_seconds=entry.duration_seconds,
        reminder=entry.reminder,
    )


async def _either(*waits: Awaitable[object]) -> None:
    """Wait for the first of several."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
