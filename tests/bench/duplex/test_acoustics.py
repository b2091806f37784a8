"""Simulated rooms ring, echo, delay and drift as they say."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.bench.corpus.sound import speech_level
from device.bench.duplex.acoustics import Convolver, Delay, Microphone, impulse_response
from device.bench.duplex.rooms import room
from device.ports import RECOGNITION_HZ

ROOM = dataclasses.replace(
    room(0, 0), noise_dbfs=-90.0, delay_ms=50.0, drift_ppm=0.0, overdrive=0.0, echo_db=6.0, ring_seconds=0.4
)


def noise(seconds: float, seed: int = 0, level: float = 0.1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, level, int(seconds * RECOGNITION_HZ)).astype(np.float32)


def level_db(sound: np.ndarray) -> float:
    return 10 * np.log10(np.mean(sound.astype(np.float64) ** 2) + 1e-20)


@pytest.mark.parametrize("ring_seconds", [0.25, 0.4, 0.9])
def test_a_room_rings_for_as_long_as_it_says(ring_seconds):
    its = dataclasses.replace(ROOM, ring_seconds=ring_seconds)
    response = impulse_response(its, its.user, its.microphone)
    energy = np.cumsum(response[::-1].astype(np.float64) ** 2)[::-1]
    decay = 10 * np.log10(energy / energy[0] + 1e-20)
    fallen = [int(np.flatnonzero(decay <= level)[0]) for level in (-5, -25)]
    measured = 3 * (fallen[1] - fallen[0]) / RECOGNITION_HZ
    assert measured == pytest.approx(ring_seconds, rel=0.45)


def test_the_direct_sound_comes_first_and_is_the_strongest():
    response = impulse_response(ROOM, ROOM.loudspeaker, ROOM.microphone)
    assert np.argmax(np.abs(response)) < 16


@given(st.lists(st.integers(1, 300), min_size=1, max_size=12), st.integers(1, 700))
def test_a_stream_through_a_response_does_not_depend_on_its_blocks(sizes, taps):
    response = np.random.default_rng(taps).normal(0.0, 1.0, taps).astype(np.float32)
    sound = np.random.default_rng(1).normal(0.0, 1.0, sum(sizes)).astype(np.float32)
    convolver, parts, at = Convolver(response), [], 0
    for size in sizes:
        parts.append(convolver.process(sound[at : at + size]))
        at += size
    assert np.allclose(np.concatenate(parts), np.convolve(sound, response)[: len(sound)], atol=1e-3)


def test_a_delay_is_as_long_as_it_says_and_a_drift_moves_it():
    sound = noise(4.0)
    late = Delay(50.0, 0.0).process(sound)
    assert np.allclose(late[800:], sound[:-800], atol=1e-6)
    drifting = Delay(50.0, 200.0)
    parts = np.concatenate([drifting.process(sound[at : at + 160]) for at in range(0, len(sound), 160)])
    last = len(sound) - 2000
    lags = [int(np.dot(parts[last:], sound[last - lag : len(sound) - lag]) * 1e6) for lag in range(760, 810)]
    assert 760 + int(np.argmax(lags)) == pytest.approx(800 - 4 * RECOGNITION_HZ * 200e-6, abs=2)


def test_user_and_echo_are_as_loud_as_the_room_says():
    played, silence = noise(2.0, 1), np.zeros(160, np.float32)
    microphone = Microphone(ROOM, loudspeaker_level=0.1)
    said = microphone.user(noise(1.0, 2))
    assert 20 * np.log10(speech_level(said)) == pytest.approx(ROOM.speech_dbfs, abs=0.5)
    heard = np.concatenate([microphone.hear(played[at : at + 160], silence) for at in range(0, len(played), 160)])
    assert level_db(heard[RECOGNITION_HZ:]) == pytest.approx(ROOM.speech_dbfs + ROOM.echo_db, abs=2.0)
    assert level_db(heard[:700]) < -80.0  # what is played is heard 50 ms later


def test_rooms_of_a_seed_are_always_the_same_and_everybody_is_inside():
    for number in range(40):
        its = room(3, number)
        assert its == room(3, number)
        for place in (its.loudspeaker, its.microphone, its.user):
            assert all(0.0 < at < wall for at, wall in zip(place, its.size, strict=True))
    assert len({room(3, number) for number in range(40)}) == 40
