"""How loud the room is."""

import pytest

from device.core.room import QUIET_PROBABILITY, Floor, Quiet


def test_the_floor_falls_at_once_and_rises_slowly():
    floor = Floor(rise_db=0.5)
    assert [floor.heard(level) for level in (-40.0, -60.0, -20.0, -20.0, -59.8)] == [-40.0, -60.0, -59.5, -59.0, -59.8]


def test_the_quiet_is_the_mean_of_what_holds_no_voice():
    quiet = Quiet()
    for level, probability in ((-60.0, 0.0), (-10.0, QUIET_PROBABILITY), (-50.0, 0.1)):
        quiet.heard(level, probability)
    assert (quiet.level_db, quiet.windows) == (-55.0, 2)


def test_of_a_long_quiet_the_last_half_second_counts_half():
    quiet = Quiet()
    for _ in range(1000):
        quiet.heard(-60.0)
    for _ in range(14):
        quiet.heard(-40.0)
    assert quiet.level_db == pytest.approx(-50.0, abs=0.5)
