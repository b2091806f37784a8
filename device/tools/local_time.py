"""Between Unix time and the local time on the clock."""

import datetime as dt

from device.ports import Clock

EPOCH = dt.datetime(1970, 1, 1)
"""Local times have no zone here: the clock knows how far they are from Unix time."""


def local_now(clock: Clock) -> dt.datetime:
    """The local time now."""
    return local_time(clock, clock.wall_seconds())


def local_time(clock: Clock, wall_seconds: float) -> dt.datetime:
    """The local time at a Unix time."""
    return EPOCH + dt.timedelta(seconds=wall_seconds + clock.utc_offset_seconds(wall_seconds))


def wall_seconds_of(clock: Clock, time: dt.datetime) -> float:
    """The Unix time of a local time; in the hour that comes twice, one of the two."""
    as_utc = (time - EPOCH).total_seconds()
    guess = as_utc - clock.utc_offset_seconds(as_utc)
    return as_utc - clock.utc_offset_seconds(guess)
