"""How loud the room is."""

import pytest

from device.core.room import HEARD_WINDOWS, QUIET_PROBABILITY, WITHOUT_REST_WINDOWS, Background, Floor, Quiet


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


def test_what_goes_on_without_a_rest_is_the_background_and_what_rests_is_not():
    talk, television = Background(), Background()
    for _ in range(60):
        for window in range(31):
            talk.heard(-30.0 if window < 16 else -70.0, 0.9 if window < 16 else 0.0)
            television.heard(-56.0 + 6.0 * (window % 2), 0.9)
    assert not talk.holds(-30.0)
    assert talk.likeness < 0.05
    assert television.holds(-50.0)
    assert television.likeness == pytest.approx(0.9)
    assert not television.holds(-30.0)


def test_a_background_that_begins_is_known_when_nobody_could_have_spoken_for_so_long():
    background = Background()
    for _ in range(HEARD_WINDOWS):
        background.heard(-70.0, 0.0)
    for _ in range(WITHOUT_REST_WINDOWS - 40):
        background.heard(-50.0, 0.9)
    assert background.likeness < 0.05
    for _ in range(200):
        background.heard(-50.0, 0.9)
    assert background.likeness > 0.8


def test_somebody_near_who_never_rests_is_no_background():
    background = Background()
    for _ in range(3 * WITHOUT_REST_WINDOWS):
        background.heard(-9.0, 0.9)
    assert not background.holds(-9.0)
    assert background.likeness == 0.0
