"""A button's gestures, with time as an argument; and under any edges at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.gestures import Button, Gesture, GestureTimes

PRESS, TAP, DOUBLE, HOLD, HOLD_ENDED, LONG = Gesture
TIMES = GestureTimes(debounce_ms=20, hold_ms=350, long_ms=3000)
WITH_DOUBLE = GestureTimes(debounce_ms=20, hold_ms=350, long_ms=3000, double_ms=300)


def told(times: GestureTimes, *edges: tuple[int, bool], until_ms: int = 10_000) -> list[tuple[int, Gesture]]:
    """What a button tells of these edges (milliseconds, closed), and when; only its deadlines wake it in between."""
    button, found = Button(times), []
    for at, closed in [*edges, (until_ms, None)]:
        while (deadline := button.deadline) is not None and deadline * 1000 < at:
            found += [(round(deadline * 1000), gesture) for gesture in button.passed(deadline)]
        if closed is not None:
            found += [(at, gesture) for gesture in button.edge(closed=closed, now=at / 1000)]
    assert button.deadline is None or button.deadline * 1000 >= until_ms
    return found


def test_a_press_is_told_at_its_first_edge_and_a_tap_as_it_ends():
    assert told(TIMES, (0, True), (120, False)) == [(0, PRESS), (120, TAP)]


def test_a_hold_begins_in_time_and_ends_with_the_finger():
    assert told(TIMES, (0, True), (900, False)) == [(0, PRESS), (350, HOLD), (900, HOLD_ENDED)]


def test_a_long_hold_is_told_while_the_finger_is_still_there():
    assert told(TIMES, (0, True), (5000, False)) == [(0, PRESS), (350, HOLD), (3000, LONG), (5000, HOLD_ENDED)]


def test_a_contact_that_bounces_is_pressed_once_and_released_once():
    bounces = [(0, True), (1, False), (2, True), (5, False), (6, True)]
    assert told(TIMES, *bounces, (200, False), (203, True), (205, False)) == [(0, PRESS), (200, TAP)]


def test_a_contact_that_bounces_on_release_is_not_pressed_again():
    assert told(TIMES, (0, True), (500, False), (503, True), (519, False)) == [
        (0, PRESS),
        (350, HOLD),
        (500, HOLD_ENDED),
    ]


def test_a_spark_is_a_press_and_nothing_more():
    assert told(TIMES, (0, True), (1, False)) == [(0, PRESS)]


def test_a_release_within_the_bouncing_that_stays_counts_when_it_has_settled():
    assert told(TIMES, (0, True), (340, False), (345, True), (700, False)) == [
        (0, PRESS),
        (340, TAP),
        (360, PRESS),
        (700, TAP),
    ]


def test_a_second_tap_in_time_makes_it_double_at_once():
    edges = [(0, True), (100, False), (250, True), (330, False)]
    assert told(WITH_DOUBLE, *edges) == [(0, PRESS), (250, PRESS), (250, DOUBLE)]


def test_where_a_double_tap_means_something_a_tap_waits_for_it():
    assert told(WITH_DOUBLE, (0, True), (100, False)) == [(0, PRESS), (400, TAP)]
    edges = [(0, True), (100, False), (500, True), (600, False)]
    assert told(WITH_DOUBLE, *edges) == [(0, PRESS), (400, TAP), (500, PRESS), (900, TAP)]


def test_a_double_tap_that_is_held_is_only_that():
    edges = [(0, True), (100, False), (250, True), (5000, False)]
    assert told(WITH_DOUBLE, *edges) == [(0, PRESS), (250, PRESS), (250, DOUBLE)]


def test_a_button_at_rest_waits_for_nothing():
    button = Button(TIMES)
    assert button.deadline is None
    button.edge(closed=False, now=1.0)
    assert button.deadline is None


@pytest.mark.parametrize("late_ms", [350, 1000, 2999])
def test_a_look_that_comes_late_misses_nothing(late_ms):
    button = Button(TIMES)
    assert button.edge(closed=True, now=0.0) == (PRESS,)
    assert button.passed(late_ms / 1000) == (HOLD,)
    assert button.passed(20.0) == (LONG,)
    assert button.edge(closed=False, now=20.0) == (HOLD_ENDED,)


@given(
    st.lists(st.tuples(st.integers(0, 4000), st.booleans()), max_size=60),
    st.sampled_from([TIMES, WITH_DOUBLE]),
)
def test_whatever_the_contact_does_gestures_come_in_a_sensible_order(steps, times):
    edges, at = [], 0
    for wait, closed in steps:
        at += wait
        edges.append((at, closed))
    gestures = [gesture for _, gesture in told(times, *edges, until_ms=at + 20_000)]
    held = False
    for before, gesture in zip([None, *gestures], gestures, strict=False):
        if gesture is HOLD:
            assert before is PRESS
            held = True
        elif gesture is LONG:
            assert before is HOLD
        elif gesture is HOLD_ENDED:
            assert held
            held = False
        elif gesture in (DOUBLE, TAP):
            assert before is PRESS
        else:
            assert not held
    if edges and not edges[-1][1]:
        assert not held, "a finger that is gone holds nothing"
