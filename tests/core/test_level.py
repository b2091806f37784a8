"""The microphone's meter."""

import pytest

from device.core.level import FALL_DB_PER_SECOND, SILENCE_DB, Meter


def test_the_loudest_of_late_falls_slowly_and_never_below_what_is_heard():
    meter = Meter()
    meter.window(-20.0, 0.032)
    meter.window(-60.0, 1.0)
    assert meter.level_db == -60.0
    assert meter.loudest_db == pytest.approx(-20.0 - FALL_DB_PER_SECOND)
    for _ in range(10):
        meter.window(-60.0, 1.0)
    assert meter.loudest_db == -60.0
    meter.reset()
    assert meter.level_db == meter.loudest_db == SILENCE_DB
