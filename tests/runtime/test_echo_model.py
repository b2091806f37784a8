"""What the loudspeaker's echo does not explain of what the microphone heard."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from device.core.early_hold import EXCESS
from device.runtime.echo_model import FRAME_SAMPLES, HIGHEST_DB, LEAD_PARTITIONS, LOWEST_DB, EchoModel
from device.runtime.glimpses import SURE_DB

RATE = 16_000


def noise(seconds, level, seed=0):
    return np.random.default_rng(seed).normal(0.0, level, round(seconds * RATE)).astype(np.float32)


def speechlike(seconds, level, seed):
    """Noise that swells and ebbs four times a second."""
    swells = np.abs(np.sin(4 * np.pi * np.arange(round(seconds * RATE)) / RATE))
    return (noise(seconds, level, seed) * swells).astype(np.float32)


def echo_of(played, *, delay_ms=60, ring_seconds=0.2, gain=0.5):
    taps = noise(ring_seconds, 1.0, 9) * 10.0 ** (-3.0 * np.arange(round(ring_seconds * RATE)) / RATE / ring_seconds)
    taps[0] = 3.0
    late = np.concatenate((np.zeros(delay_ms * RATE // 1000), played))[: len(played)]
    return (gain * np.convolve(late, taps / np.linalg.norm(taps))[: len(played)]).astype(np.float32)


def excesses(model, captured, played):
    starts = range(0, len(captured) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    return np.array(
        [model.frame(captured[at : at + FRAME_SAMPLES], played[at : at + FRAME_SAMPLES]).excess_db for at in starts]
    )


def test_an_echo_is_explained_and_a_voice_as_loud_as_it_is_not():
    played = speechlike(5.0, 0.1, seed=1)
    echo = echo_of(played)
    voice = np.concatenate((np.zeros(4 * RATE, np.float32), speechlike(1.0, float(echo.std()), seed=2)))
    found = excesses(EchoModel(), echo + voice + noise(5.0, 1e-4), played)
    assert found[100:400].max() < 0.0
    assert found[400:420].max() > found[100:400].max() + 4.0


def test_a_loud_echo_is_no_voice_before_anything_is_known_of_it():
    played = speechlike(2.0, 0.1, seed=9)
    found = excesses(EchoModel(), echo_of(played, gain=2.0) + noise(2.0, 1e-4), played)
    assert found.max() < EXCESS.least_db


@pytest.mark.parametrize(("at_seconds", "sure"), [(0.3, False), (1.5, True)])
def test_a_voice_is_surely_no_echo_only_once_the_echo_is_known(at_seconds, sure):
    played = speechlike(2.0, 0.1, seed=9)
    voice = np.zeros_like(played)
    at = round(at_seconds * RATE)
    voice[at : at + RATE // 5] = noise(0.2, 0.3, seed=10)
    found = excesses(EchoModel(), echo_of(played) + voice + noise(2.0, 1e-4), played)
    assert (found.max() >= SURE_DB) == sure
    assert found.max() > EXCESS.above_left_db


def test_what_is_as_loud_as_the_room_always_was_is_no_excess():
    silence = np.zeros(2 * RATE, np.float32)
    found = excesses(EchoModel(), noise(2.0, 0.01), silence)
    assert found[20:].max() < 1.0


def test_a_voice_stands_out_of_a_silent_room_too():
    heard = np.concatenate((noise(1.0, 1e-3), noise(0.1, 0.05)))
    found = excesses(EchoModel(), heard, np.zeros_like(heard))
    assert found[100] > 10.0


def test_the_room_is_forgotten_when_the_streams_lose_their_step():
    played = speechlike(3.0, 0.1, seed=1)
    echo = echo_of(played) + noise(3.0, 1e-4)
    model, fresh = EchoModel(), EchoModel()
    excesses(model, echo, played)
    model.reset()
    assert np.array_equal(excesses(model, echo, played), excesses(fresh, echo, played))


@pytest.mark.parametrize("partitions_passed", [239, 240, 241, 400])
def test_the_history_of_what_was_played_has_no_seam(partitions_passed):
    count = partitions_passed + 50
    played = speechlike(count / 100, 0.1, seed=3)
    echo = echo_of(played, delay_ms=0, ring_seconds=0.1) + noise(count / 100, 1e-4)
    assert excesses(EchoModel(), echo, played)[partitions_passed - 20 :].max() < 0.0


@settings(max_examples=20)
@given(
    arrays(np.float32, (8, FRAME_SAMPLES), elements=st.floats(-1.0, 1.0, width=32)),
    arrays(np.float32, (8, FRAME_SAMPLES), elements=st.floats(-1.0, 1.0, width=32)),
)
def test_any_sound_makes_a_finite_excess(captured, played):
    model = EchoModel()
    for near, far in zip(captured, played, strict=True):
        assert LOWEST_DB <= model.frame(near, far).excess_db <= HIGHEST_DB


@pytest.mark.parametrize("delay_ms", [0, 120, 300])
def test_a_long_way_through_the_card_takes_nothing_from_the_rooms_ringing(delay_ms):
    played = speechlike(8.0, 0.1, seed=4)
    echo = echo_of(played, delay_ms=delay_ms, ring_seconds=0.35) + noise(8.0, 1e-4)
    model = EchoModel()
    starts = range(0, len(played), FRAME_SAMPLES)
    left = [model.frame(echo[at : at + FRAME_SAMPLES], played[at : at + FRAME_SAMPLES]).left for at in starts]
    half = len(left) // 2
    assert np.mean(np.square(left[half:])) < 10**-2.5 * np.mean(np.square(echo[half * FRAME_SAMPLES :]))


def drifting(sound, share):
    """The sound on a clock that is slower by this share."""
    places = np.arange(len(sound)) * (1.0 - share)
    return np.interp(places, np.arange(len(sound)), sound).astype(np.float32)


@pytest.mark.parametrize("share", [-100e-6, 60e-6])
def test_an_echo_that_drifts_is_explained_as_one_that_does_not(share):
    played = speechlike(10.0, 0.1, seed=5)
    echo = drifting(echo_of(played), share) + noise(10.0, 1e-4)
    found = excesses(EchoModel(), echo, played)
    assert found[500:-10].max() < 0.0


def test_an_echo_that_drifts_for_long_is_followed_into_what_was_skipped():
    played, share = speechlike(115.0, 0.1, seed=8), -290e-6
    echo = drifting(echo_of(played, delay_ms=120, ring_seconds=0.02), share)
    assert share * len(played) < -(LEAD_PARTITIONS + 1) * FRAME_SAMPLES
    found = excesses(EchoModel(), echo + noise(115.0, 1e-4), played)
    assert found[1000:-20].max() < 0.0


def test_a_voice_that_is_not_to_be_learnt_leaves_the_echo_known():
    played = speechlike(6.0, 0.1, seed=6)
    echo = echo_of(played)
    voice = np.zeros_like(echo)
    voice[4 * RATE : 5 * RATE] = speechlike(1.0, 0.2, seed=7)
    left = {}
    for learn in (True, False):
        model, left[learn] = EchoModel(), []
        for at in range(0, len(played), FRAME_SAMPLES):
            near = (echo + voice)[at : at + FRAME_SAMPLES]
            spoken = 4 * RATE <= at < 5 * RATE
            left[learn].append(model.frame(near, played[at : at + FRAME_SAMPLES], learn=learn or not spoken).left)
    after = slice(500, 510)
    assert np.mean(np.square(left[False][after])) < 0.1 * np.mean(np.square(left[True][after]))


@pytest.mark.parametrize(("noisy_seconds", "silent_frames"), [(0, 1), (1, 1), (1, 100), (0, 400)])
def test_zeros_tell_nothing_of_the_room(noisy_seconds, silent_frames):
    """A card that starts, or was muted by its switch, sends them."""
    model = EchoModel()
    before, zeros = noise(noisy_seconds, 0.001), np.zeros(silent_frames * FRAME_SAMPLES, np.float32)
    room = noise(2, 0.001, 1)
    captured = np.concatenate((before, zeros, room))
    found = excesses(model, captured, np.zeros_like(captured))
    assert found[-100:].mean() < 0.0


def test_an_echo_that_a_muted_card_did_not_send_is_known_all_the_same():
    model = EchoModel()
    played = speechlike(8, 0.1, 3)
    captured = echo_of(played) + noise(8, 0.001, 4)
    captured[5 * RATE : 6 * RATE] = 0.0
    found = excesses(model, captured, played)
    assert found[610:].mean() < found[300:480].mean() + 2.0
