"""Alarms that never ring."""

from device.ports import Clock
from device.toolkit import PendingAlarm


class SilentAlarms:
    """`device.toolkit.Alarms` that only remembers what was set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._alarms: dict[str, PendingAlarm] = {}
        self._number = 0

    async def set(self, duration_seconds: float, label: str, *, reminder: bool = False) -> PendingAlarm:
        """Remember a timer."""
        return self._add(self._clock.wall_seconds() + duration_seconds, duration_seconds, label, reminder=reminder)

    async def set_at(self, wall_seconds: float, label: str, *, reminder: bool = False) -> PendingAlarm:
        """Remember an alarm."""
        return self._add(wall_seconds, 0.0, label, reminder=reminder)

    async def cancel(self, alarm_id: str) -> bool:
        """Forget one."""
        return self._alarms.pop(alarm_id, None) is not None

    def pending(self) -> tuple[PendingAlarm, ...]:
        """All that was set and not cancelled, soonest first."""
        return tuple(sorted(self._alarms.values(), key=lambda alarm: alarm.due_wall_seconds))

    def _add(self, due_wall_seconds: float, duration_seconds: float, label: str, *, reminder: bool) -> PendingAlarm:
        self._number += 1
        alarm = PendingAlarm(
            alarm_id=f"t{self._number}",
            label=label,
            due_wall_seconds=due_wall_seconds,
            duration_seconds=duration_seconds,
            reminder=reminder,
        )
        self._alarms[alarm.alarm_id] = alarm
        return alarm
