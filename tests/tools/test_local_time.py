"""Local times, on the nights when the clocks change above all."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.adapters.fakes.clock import FakeClock
from device.tools.local_time import EPOCH, local_now, local_time, wall_seconds_of
from tests.tools.surroundings import call, tool_context

HOUR = 3600.0


def unix(day: dt.date, hour: float) -> float:
    return (dt.datetime.combine(day, dt.time()) - EPOCH).total_seconds() + hour * HOUR


SPRING = unix(dt.date(2026, 3, 8), 7)
"""In New York it is two, and then three."""
AUTUMN = unix(dt.date(2026, 11, 1), 6)
"""In New York it is two, and then one again."""


class NewYork(FakeClock):
    """A clock in New York in 2026."""

    def utc_offset_seconds(self, wall_seconds):
        return -4 * HOUR if SPRING <= wall_seconds < AUTUMN else -5 * HOUR


@pytest.mark.parametrize(
    ("now", "said", "due", "told"),
    [
        (AUTUMN + 50 * 60, "1:55 am", AUTUMN + 55 * 60, "1:55 AM today"),
        (AUTUMN - 10 * 60, "1:55 am", AUTUMN - 5 * 60, "1:55 AM today"),
        (AUTUMN - 3 * HOUR, "1:55 am", AUTUMN - 5 * 60, "1:55 AM tomorrow"),
        (AUTUMN - 3 * HOUR, "2:30 am", AUTUMN + 1.5 * HOUR, "2:30 AM tomorrow"),
        (SPRING - 10 * 60, "2:30 am", SPRING + HOUR / 2, "3:30 AM today"),
        (SPRING - 5 * HOUR, "2:30 am", SPRING + HOUR / 2, "3:30 AM tomorrow"),
        (SPRING - 5 * HOUR, "1:30 am", SPRING - HOUR / 2, "1:30 AM tomorrow"),
        (SPRING - 5 * HOUR, "3:00 am", SPRING, "3:00 AM tomorrow"),
    ],
)
async def test_an_alarm_for_the_night_when_the_clocks_change_is_to_come(now, said, due, told):
    context = tool_context(clock=NewYork(wall_seconds=now))
    assert await call(context, "set_alarm", time=said) == f"The alarm is set for {told}."
    assert context.alarms.pending()[0].due_wall_seconds == due


@given(st.sampled_from([SPRING, AUTUMN]), st.integers(-3000, 3000), st.integers(1, 1500))
def test_every_time_to_come_is_after_now_and_is_that_time(change, now_minutes, minutes_ahead):
    clock = NewYork(wall_seconds=change + 60 * now_minutes)
    time = local_now(clock) + dt.timedelta(minutes=minutes_ahead)
    found = wall_seconds_of(clock, time)
    assert found > clock.wall_seconds()
    is_left_out = time.date() == dt.date(2026, 3, 8) and time.hour == 2
    assert local_time(clock, found) == time + dt.timedelta(hours=is_left_out)


@given(st.integers(-12, 14), st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1)))
def test_every_zone_is_right(offset_hours, time):
    clock = FakeClock(utc_offset_seconds=offset_hours * HOUR)
    assert local_time(clock, wall_seconds_of(clock, time)) == time
