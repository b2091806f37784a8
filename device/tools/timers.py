"""Timers, which ring by themselves and survive a restart."""

from device.core.durations import parse_duration, say_duration
from device.toolkit import PendingAlarm, ToolContext, ToolError, tool

LONGEST_SECONDS = 366 * 86_400.0
MOST_TIMERS = 64


@tool()
async def set_timer(context: ToolContext, duration: str, label: str = "") -> str:
    """Set a timer that rings after a duration.

    Args:
        duration: how long, as the user said it: a number and its unit
        label: what the timer is for, if the user said so

    """
    seconds = parse_duration(duration)
    if seconds is None:
        raise ToolError(f'"{duration[:40]}" is not a duration; ask the user how long.')
    if not 1 <= seconds <= LONGEST_SECONDS:
        raise ToolError("A timer can run for one second at least and for one year at most.")
    if len(context.alarms.pending()) >= MOST_TIMERS:
        raise ToolError("There are too many timers already; cancel one first.")
    await context.alarms.set(seconds, label.strip()[:80])
    return f"The timer{_called(label)} is set and rings in {say_duration(seconds)}."


@tool()
async def list_timers(context: ToolContext) -> str:
    """List the timers that are running and how long each still has."""
    pending = context.alarms.pending()
    if not pending:
        return "No timer is running."
    now = context.clock.wall_seconds()
    return "; ".join(
        f"a {say_duration(alarm.duration_seconds)} timer{_called(alarm.label)} has "
        f"{say_duration(max(alarm.due_wall_seconds - now, 0))} left"
        for alarm in pending
    )


@tool()
async def cancel_timer(context: ToolContext, which: str = "") -> str:
    """Cancel a running timer.

    Args:
        which: the timer's label or its duration, empty if there is only one

    """
    found = _chosen(context.alarms.pending(), which.strip().lower())
    if not await context.alarms.cancel(found.alarm_id):
        raise ToolError("That timer has just rung.")
    return f"The {say_duration(found.duration_seconds)} timer{_called(found.label)} is cancelled."


def _chosen(pending: tuple[PendingAlarm, ...], which: str) -> PendingAlarm:
    if not pending:
        raise ToolError("No timer is running.")
    seconds = parse_duration(which) if which else None
    matching = [
        alarm
        for alarm in pending
        if which
        and (alarm.label.lower() in which or which in alarm.label.lower() or alarm.duration_seconds == seconds)
        and (alarm.label or alarm.duration_seconds == seconds)
    ]
    if matching:
        return matching[0]
    if len(pending) == 1:
        return pending[0]
    running = " and ".join(
        f"the {say_duration(alarm.duration_seconds)} timer{_called(alarm.label)}" for alarm in pending
    )
    raise ToolError(f"Several timers are running: {running}; ask the user which one.")


def _called(label: str) -> str:
    return f" for {label.strip()[:80]}" if label.strip() else ""
