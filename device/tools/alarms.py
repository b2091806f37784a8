"""Alarms and reminders: they come at a time of day, follow the clock and survive a restart."""

import re

from device.core.durations import parse_duration, say_duration
from device.core.times import parse_time, say_day, say_time
from device.toolkit import PendingAlarm, ToolContext, ToolError, tool
from device.tools.alarm_words import LABEL_CHARACTERS, called, checked_duration, make_sure_of_room, short
from device.tools.local_time import local_now, local_time, wall_seconds_of

_RECURRING = re.compile(r"\b(?:every(?: single)?(?: day)?|each(?: day)?|daily|on weekdays|weekdays)\b", re.IGNORECASE)
_LEADING = re.compile(r"^(?:please )?(?:remind )?(?:me )?(?:that |to |about )?", re.IGNORECASE)


@tool(sentence=True)
async def set_alarm(context: ToolContext, time: str, label: str = "") -> str:
    """Set an alarm for a time of day.

    Args:
        time: when, as the user said it
        label: what the alarm is for, if the user said so

    """
    alarm = await _set(context, time, short(label), reminder=False)
    return f"The alarm{called(label)} is set for {_when(context, alarm)}{_once(time)}."


@tool(sentence=True)
async def remind(context: ToolContext, what: str, when: str) -> str:
    """Remind the user of something later.

    Args:
        what: what to remind of
        when: a time of day or a duration, as the user said it

    """
    task = " ".join(_LEADING.sub("", what.strip()).split())[:LABEL_CHARACTERS].strip()
    if not task:
        raise ToolError("There is nothing to remind of; ask the user what.")
    alarm = await _set(context, when, task, reminder=True)
    return f"The reminder is set for {_when(context, alarm)}{_once(when)}: {task}."


async def _set(context: ToolContext, when: str, label: str, *, reminder: bool) -> PendingAlarm:
    """Set it for a time of day, or else after a duration. Raises ToolError."""
    make_sure_of_room(context)
    now = local_now(context.clock)
    when = _RECURRING.sub(" ", when)
    time = parse_time(when, now)
    if time is not None:
        if time <= now:
            raise ToolError(f"{say_time(time)} {say_day(time, now)} is over already; ask the user when.")
        return await context.alarms.set_at(wall_seconds_of(context.clock, time), label, reminder=reminder)
    seconds = parse_duration(when)
    if seconds is None:
        raise ToolError(f'"{when[:40]}" is not a time; ask the user when.')
    return await context.alarms.set(checked_duration(seconds), label, reminder=reminder)


def _once(when: str) -> str:
    """Nobody is to wait for a second time in vain."""
    return ", and only that once" if _RECURRING.search(when) else ""


def _when(context: ToolContext, alarm: PendingAlarm) -> str:
    if alarm.duration_seconds:
        return f"{say_duration(alarm.duration_seconds)} from now"
    time = local_time(context.clock, alarm.due_wall_seconds)
    return f"{say_time(time)} {say_day(time, local_now(context.clock))}"
