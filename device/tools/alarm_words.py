"""What timers, alarms and reminders have in common: their names for the ear, and their bounds."""

import re

from device.core.durations import say_length
from device.core.times import say_time
from device.ports import Clock
from device.toolkit import PendingAlarm, ToolContext, ToolError
from device.tools.local_time import local_time

MOST_PENDING = 64
LABEL_CHARACTERS = 80
LONGEST_SECONDS = 366 * 86_400.0


def checked_duration(seconds: float) -> float:
    """`seconds` if one can wait for that long. Raises ToolError."""
    if not 1 <= seconds <= LONGEST_SECONDS:
        raise ToolError("A timer can run for one second at least and for one year at most.")
    return seconds


def make_sure_of_room(context: ToolContext) -> None:
    """Raise ToolError if there is no room for one more."""
    if len(context.alarms.pending()) >= MOST_PENDING:
        raise ToolError("There are too many timers and alarms already; cancel one first.")


_NO_LABEL = re.compile(
    r"^(?:(?:for|called|named|to|the|a|an|my|set|please)\s+)+|^(?:for|timer|alarm|reminder|wake me(?: up)?)$"
    r"|\s+(?:timer|alarm|reminder)$",
    re.IGNORECASE,
)
"""What names the thing and not what it is for: "for the pasta", "pasta timer"."""


def short(label: str) -> str:
    """A label on one line, as long as one wants to hear it, without the words that will stand around it."""
    text = " ".join(label.split())
    while (rest := _NO_LABEL.sub("", text).strip()) != text:
        text = rest
    return text[:LABEL_CHARACTERS].strip()


def named(alarm: PendingAlarm, clock: Clock) -> str:
    """What it is called: "10 minute timer for tea", "7:00 AM alarm", "reminder to call mum"."""
    if alarm.reminder:
        return f"reminder to {alarm.label}"
    what = f"{say_length(alarm.duration_seconds)} timer"
    if not alarm.duration_seconds:
        what = f"{say_time(local_time(clock, alarm.due_wall_seconds))} alarm"
    return what + called(alarm.label)


def called(label: str) -> str:
    """What it is for, to be put behind its kind."""
    return f" for {short(label)}" if short(label) else ""
