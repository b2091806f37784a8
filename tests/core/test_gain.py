"""How much a quiet microphone is amplified."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from device.core.gain import AutoGain, GainOptions

ROOM = [-85.0] * 60
SPEECH = [-62.0, -58.0, -60.0, -75.0, -64.0, -85.0] * 100
"""Somebody far from a quiet microphone."""


def feed(gain: AutoGain, levels, *, own_sound=False) -> list[float]:
    return [gain.window(level, own_sound=own_sound) for level in levels]


def test_a_quiet_voice_is_brought_up_slowly():
    gain = AutoGain()
    gains = feed(gain, ROOM + SPEECH)
    assert gains[len(ROOM) + 20] == 0.0
    assert all(later - earlier <= 0.3 + 1e-9 for earlier, later in itertools.pairwise(gains))
    assert 12 <= gains[-1] <= 30


def test_a_voice_of_the_usual_loudness_is_left_alone():
    assert set(feed(AutoGain(), ROOM + [-28.0, -22.0, -35.0, -60.0, -70.0, -85.0] * 100)) == {0.0}


def test_somebody_who_comes_near_is_not_deafening_for_long():
    gain = AutoGain()
    feed(gain, ROOM + SPEECH)
    feed(gain, [-25.0] * 30)
    assert gain.gain_db == 0.0


def test_silence_changes_nothing_however_long():
    gain = AutoGain()
    feed(gain, ROOM + SPEECH)
    before = gain.gain_db
    feed(gain, [-85.0] * 10_000)
    assert gain.gain_db == before


def test_its_own_voice_changes_nothing():
    gain = AutoGain()
    feed(gain, ROOM)
    assert set(feed(gain, SPEECH, own_sound=True)) == {0.0}


def test_a_noisy_room_is_not_made_louder_than_it_may_be():
    gain = AutoGain()
    feed(gain, [-60.0] * 60 + [-48.0, -60.0] * 500)
    assert gain.gain_db <= GainOptions().room_db + 60.0


@given(st.lists(st.tuples(st.floats(-200, 10), st.booleans()), max_size=400))
def test_whatever_is_heard_it_stays_within_its_bounds_and_rises_slowly(windows):
    gain, before = AutoGain(), 0.0
    for level, own_sound in windows:
        now = gain.window(level, own_sound=own_sound)
        assert 0.0 <= now <= GainOptions().most_db
        assert now - before <= GainOptions().rise_db + 1e-9
        before = now


def test_zeros_are_no_room():
    """A card that starts, or was muted by its switch, sends them."""
    gain = AutoGain()
    gains = feed(gain, [-120.0] * 3 + [-60.0] * 60 + [-120.0] * 30 + [-60.0] * 600)
    assert set(gains) == {0.0}, "the room's own noise is nothing to hear"
