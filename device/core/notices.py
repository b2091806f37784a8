"""What the agent is to say when an alarm rings, in words for the model."""

import datetime as dt

from device.core.durations import say_duration, say_length
from device.core.entries import AlarmSet
from device.core.times import say_time

LATE_SECONDS = 60
"""An alarm that is less late than this is told as if it were on time."""

_EPOCH = dt.datetime(1970, 1, 1)


def notice_text(alarm: AlarmSet, late_seconds: float = 0.0) -> str:
    """That `alarm` rings, `late_seconds` after it was due."""
    late = f"{say_duration(late_seconds)} ago" if late_seconds >= LATE_SECONDS else ""
    named = f" for {alarm.label}" if alarm.label else ""
    if alarm.reminder:
        return f"reminder: {alarm.label}" + (f", due {late}" if late else "")
    if alarm.duration_seconds:
        return f"the {say_length(alarm.duration_seconds)} timer{named} is over" + (f", {late}" if late else "")
    time = say_time(_EPOCH + dt.timedelta(seconds=alarm.due_wall_seconds + alarm.utc_offset_seconds))
    if late:
        return f"the alarm{named} was due at {time}, {late}"
    return f"it is {time}: alarm{named}"
