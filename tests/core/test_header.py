"""The header's map: every BCM number in one place, grounds where they are wanted."""

import pytest

from device.core.header import GROUND, PINS, SUPPLY, nearest, place


def test_the_header_has_forty_pins_and_each_bcm_number_once():
    assert set(PINS) == set(range(1, 41))
    numbers = [what for what in PINS.values() if isinstance(what, int)]
    assert sorted(numbers) == list(range(28))
    assert sum(what == GROUND for what in PINS.values()) == 8


@pytest.mark.parametrize(("bcm", "where"), [(17, 11), (27, 13), (18, 12), (10, 19), (11, 23), (21, 40)])
def test_known_pins_are_where_they_are(bcm, where):
    assert place(bcm) == where


def test_what_is_not_on_the_header_is_an_error():
    with pytest.raises(KeyError):
        place(28)


def test_the_nearest_ground_is_on_the_same_side_and_not_taken_twice():
    assert nearest(GROUND, place(27)) == 9
    assert nearest(GROUND, place(27), frozenset({9})) == 25
    assert nearest(SUPPLY, place(22)) == 17
