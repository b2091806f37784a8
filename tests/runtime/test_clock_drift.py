"""How far two clocks are apart, by how an echo moves."""

import numpy as np
import pytest

from device.runtime.clock_drift import MOST, MOST_STEP, ClockDrift

FRAME = 160
TURNS = np.pi / FRAME * np.arange(FRAME + 1)


def later(weights, samples):
    return (weights * np.exp(-1j * TURNS * samples)).astype(np.complex64)


def an_echo():
    response = np.zeros(2 * FRAME, np.float32)
    response[60:100] = np.random.default_rng(0).normal(0.0, 1.0, 40)
    return np.fft.rfft(response)[None].astype(np.complex64)


@pytest.mark.parametrize("share", [-80e-6, 0.0, 45e-6])
def test_the_drift_is_known_after_some_seconds_of_an_echo_that_moves(share):
    drift, known, true = ClockDrift(FRAME), an_echo(), an_echo()
    for frame in range(2000):
        true = later(true, share * FRAME)
        drift.tick()
        drift.move(known)
        change = (0.05 * (true - known)).astype(np.complex64)
        drift.see(known, change)
        known += change
        if frame % 50 == 49:
            drift.believe()
    assert drift.share == pytest.approx(share, abs=3e-6)


def test_one_look_changes_little_and_no_clock_is_further_off_than_that():
    drift, known = ClockDrift(FRAME), an_echo()
    for look in range(1, 40):
        drift.see(known, later(known, 5.0) - known)
        drift.believe()
        assert drift.share <= min(look * MOST_STEP, MOST) + 1e-9


def test_after_a_pause_the_echo_is_as_much_later_as_it_became_meanwhile():
    drift, known = ClockDrift(FRAME), an_echo()
    drift.share = 100e-6
    for _ in range(500):
        drift.tick()
    expected = later(known, 100e-6 * FRAME * 500)
    drift.move(known)
    assert np.abs(known - expected).max() < 1e-3


@pytest.mark.parametrize("share", [-100e-6, 100e-6])
def test_an_echo_that_moves_from_one_partition_into_the_next_stays_whole(share):
    response = np.zeros((3, FRAME), np.float32)
    response.reshape(-1)[150:170] = np.hanning(20)
    weights = np.fft.rfft(response, 2 * FRAME, axis=1).astype(np.complex64)
    drift = ClockDrift(FRAME)
    drift.share = share
    for _ in range(1250):
        drift.tick()
        drift.move(weights)
    moved = np.fft.irfft(weights, axis=1)[:, :FRAME].reshape(-1)
    begin = 150 + round(share * FRAME * 1250)
    assert moved[begin : begin + 20] == pytest.approx(np.hanning(20), abs=0.02)
