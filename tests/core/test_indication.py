"""What is shown of which condition, and every pattern on every kind of light, in time that is an argument."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.indication import (
    DARK,
    PATTERNS,
    Activity,
    Colour,
    Condition,
    Indication,
    Lamp,
    frame,
    indication,
)

PLAIN = Lamp()
STRIP = Lamp(leds=3, dimmed=True)


def timeline(shown: Indication, lamp: Lamp, seconds: float) -> list[tuple[int, tuple[Colour, ...]]]:
    """When the light changes, and to what, looked at only when the last look said so."""
    found, at = [], 0.0
    while at < seconds:
        now = frame(shown, lamp, at)
        found.append((round(at * 1000), tuple(now.lights)))
        if now.changes_in_seconds is None:
            break
        assert now.changes_in_seconds > 0
        at += now.changes_in_seconds
    return found


def test_what_happens_now_goes_before_what_lasts():
    bad = {"trouble": True, "muted": True, "working": True}
    for activity in Activity:
        if activity not in (Activity.IDLE, Activity.ASLEEP):
            assert indication(Condition(activity=activity, **bad)).value == activity.value
    idle = {"activity": Activity.IDLE}
    assert indication(Condition(**idle, **bad)) is Indication.ERROR
    assert indication(Condition(**idle, muted=True, working=True)) is Indication.MUTED
    assert indication(Condition(**idle, working=True)) is Indication.BACKGROUND
    assert indication(Condition(**idle)) is Indication.IDLE
    assert indication(Condition(activity=Activity.ASLEEP)) is Indication.ASLEEP
    assert indication(Condition(activity=Activity.ASLEEP, muted=True)) is Indication.MUTED


def test_every_indication_is_shown_by_some_condition():
    conditions = itertools.product(Activity, [False, True], [False, True], [False, True])
    seen = {indication(Condition(activity=a, trouble=t, muted=m, working=w)) for a, t, m, w in conditions}
    assert seen == set(Indication) == set(PATTERNS)


@pytest.mark.parametrize("lamp", [PLAIN, STRIP, Lamp(dimmed=True)])
def test_no_two_indications_look_alike(lamp):
    looks = {shown: tuple(timeline(shown, lamp, 12.0)) for shown in Indication}
    assert len(set(looks.values())) == len(looks)


def test_a_plain_led_tells_all_of_them_by_their_rhythm_alone():
    looks = {
        shown: tuple((at, lights[0] != DARK) for at, lights in timeline(shown, PLAIN, 12.0)) for shown in Indication
    }
    assert len(set(looks.values())) == len(looks)


def test_what_lasts_for_hours_is_steady_on_a_strip_and_seldom_changes_on_a_led():
    for shown in (Indication.ASLEEP, Indication.IDLE, Indication.MUTED):
        assert len(timeline(shown, STRIP, 3600.0)) == 1
        assert len(timeline(shown, PLAIN, 60.0)) <= 40


def test_every_indication_lights_up_at_once():
    for shown in Indication:
        for lamp in (PLAIN, STRIP):
            assert any(light != DARK for light in frame(shown, lamp, 0.0).lights)


def test_a_led_is_only_ever_on_or_off():
    for shown in Indication:
        for _, lights in timeline(shown, PLAIN, 10.0):
            assert {lights[0].red, lights[0].green, lights[0].blue} <= {0.0, 1.0}


def test_thinking_runs_along_a_strip():
    lit = [next(led for led, light in enumerate(lights) if light != DARK)
           for _, lights in timeline(Indication.THINKING, STRIP, 0.8)]  # fmt: skip
    assert lit == [0, 1, 2, 0, 1, 2, 0]


def test_an_error_is_three_flashes_and_a_pause():
    on = [(at, lights[0] != DARK) for at, lights in timeline(Indication.ERROR, PLAIN, 1.5)]
    assert on == [
        (0, True), (80, False), (200, True), (280, False), (400, True), (480, False), (1400, True), (1480, False),
    ]  # fmt: skip


def test_brightness_and_colours_are_what_is_asked_for():
    orange = Colour.parse("#ff8000")
    lamp = Lamp(brightness=0.5, colours={Indication.LISTENING: orange})
    assert frame(Indication.LISTENING, lamp, 0.0).lights[0] == orange.scaled(0.5)
    assert orange.scaled(0.5).red == 0.5


@pytest.mark.parametrize("text", ["", "red", "#12345", "#1234567", "#gggggg"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(ValueError, match="colour|base 16"):
        Colour.parse(text)


@given(
    st.sampled_from(Indication),
    st.integers(1, 12),
    st.booleans(),
    st.floats(0, 1),
    st.floats(0, 10 * 365 * 86_400.0),
)
def test_at_any_time_the_light_is_one_that_can_be_shown_and_the_next_change_lies_ahead(
    shown, leds, dimmed, brightness, seconds
):
    now = frame(shown, Lamp(leds=leds, dimmed=dimmed, brightness=brightness), seconds)
    assert len(now.lights) == leds
    assert all(0.0 <= level <= 1.0 for led in now.lights for level in (led.red, led.green, led.blue))
    assert now.changes_in_seconds is None or 0.0 < now.changes_in_seconds <= 10.0
