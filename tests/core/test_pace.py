"""The pace: a burst goes through, then everything waits its turn."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from device.core.pace import Pace


def test_a_burst_goes_through_and_what_follows_waits_in_a_row():
    pace = Pace(per_second=10, burst=3)
    assert [pace.wait_seconds(100.0) for _ in range(5)] == pytest.approx([0, 0, 0, 0.1, 0.2])


def test_who_was_quiet_has_the_reserve_again():
    pace = Pace(per_second=10, burst=2)
    for _ in range(10):
        pace.wait_seconds(0.0)
    assert pace.wait_seconds(60.0) == 0.0


@given(some.lists(some.floats(0, 0.5), min_size=1, max_size=200))
def test_no_second_lets_through_more_than_the_pace_and_the_reserve(gaps):
    pace, now, admitted = Pace(per_second=20, burst=5), 0.0, []
    for gap in gaps:
        now += gap
        admitted.append(now + pace.wait_seconds(now))
    assert admitted == sorted(admitted)
    for start in admitted:
        assert sum(start <= at < start + 1.0 for at in admitted) <= 20 + 5 + 1
