"""Between Unix time and the local time on the clock."""

import datetime as dt

from device.ports import Clock

EPOCH = dt.datetime(1970, 1, 1)
"""Local times have no zone here: the clock knows how far they are from Unix time."""

_DAY_SECONDS = 86_400.0


def local_now(clock: Clock) -> dt.datetime:
    """The local time now."""
    return local_time(clock, clock.wall_seconds())


def local_time(clock: Clock, wall_seconds: float) -> dt.datetime:
    """The local time at a Unix time."""
    return EPOCH + dt.timedelta(seconds=wall_seconds + clock.utc_offset_seconds(wall_seconds))


def wall_seconds_of(clock: Clock, time: dt.datetime) -> float:
    """The Unix time of a local time, on the nights, too, when the clocks change.

    One that comes twice is the first of the two that is still to come, one that is left out comes as much later as
    the clocks are put forward.
    """
    as_utc = (time - EPOCH).total_seconds()
    # No zone is a whole day from Unix time: the one offset is that before a change that is near, the other that after.
    around = (as_utc - _DAY_SECONDS, as_utc + _DAY_SECONDS)
    before, after = (as_utc - clock.utc_offset_seconds(moment) for moment in around)
    found = [moment for moment in (before, after) if local_time(clock, moment) == time] or [before]
    return next((moment for moment in found if moment > clock.wall_seconds()), found[-1])
