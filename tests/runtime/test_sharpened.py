"""What the voice detector hears of a voice over a reply."""

import numpy as np
import pytest

from device.runtime.levels import level_db
from device.runtime.sharpened import LOUDEST, MOST_DB, ROOM_DB, Sharpener

RATE, WINDOW = 16_000, 512


def noise(seconds, db):
    return np.random.default_rng(0).normal(0.0, 10 ** (db / 20), round(seconds * RATE)).astype(np.float32)


def tone(hz, seconds=1.0, level=0.01):
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def windows(samples):
    return [samples[at : at + WINDOW] for at in range(0, len(samples) - WINDOW + 1, WINDOW)]


def heard(sharpener, samples):
    return np.concatenate([sharpener.window(window) for window in windows(samples)])


def passed(sharpener, samples, *, own_sound=False):
    for window in windows(samples):
        sharpener.pass_by(window, level_db(window), own_sound=own_sound)


def test_in_a_quiet_room_a_voice_gets_louder_and_the_rumble_below_it_is_gone():
    sharpener = Sharpener()
    passed(sharpener, noise(1.0, -90))
    assert level_db(heard(sharpener, tone(500))) == pytest.approx(level_db(tone(500)) + MOST_DB, abs=0.5)
    assert level_db(heard(sharpener, tone(40))[WINDOW:]) < level_db(tone(40)) + MOST_DB - 15.0


def test_a_loud_room_gets_no_louder():
    sharpener = Sharpener()
    passed(sharpener, noise(2.0, ROOM_DB + 6))
    assert level_db(heard(sharpener, tone(500))) == pytest.approx(level_db(tone(500)), abs=0.5)


def test_the_agents_own_sound_is_not_taken_for_the_room():
    sharpener = Sharpener()
    passed(sharpener, noise(2.0, ROOM_DB + 6))
    passed(sharpener, noise(1.0, -120), own_sound=True)
    assert level_db(heard(sharpener, tone(500))) == pytest.approx(level_db(tone(500)), abs=0.5)


def test_a_loud_voice_is_not_clipped():
    sharpener = Sharpener()
    passed(sharpener, noise(1.0, -90))
    assert np.abs(heard(sharpener, tone(500, level=0.8))).max() <= LOUDEST + 1e-6


def test_windows_join_without_a_seam():
    sharpener = Sharpener()
    passed(sharpener, tone(500)[:WINDOW])
    sound = heard(sharpener, tone(500)[WINDOW:])
    assert np.abs(np.diff(sound, 2)).max() < 0.01 * (2 * np.pi * 500 / RATE) ** 2 * 1.1
