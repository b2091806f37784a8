"""What of sound is loud, and what is none."""

import numpy as np
import pytest

from device.runtime.levels import LEAST_OFFSET, OffsetRemover, level_db

RATE = 16_000
SPEECH = np.random.default_rng(0).normal(0.0, 0.01, 4 * RATE).astype(np.float32)


def processed(samples, block=320):
    remover = OffsetRemover(RATE)
    return np.concatenate([remover.process(samples[at : at + block]) for at in range(0, len(samples), block)])


@pytest.mark.parametrize("block", [1, 160, 320, 16_000])
@pytest.mark.parametrize("offset", [0.03, -0.2])
def test_an_offset_is_taken_out_and_the_rest_is_left(offset, block):
    without = processed(SPEECH + np.float32(offset), block)
    assert level_db(without[RATE:]) == pytest.approx(level_db(SPEECH[RATE:]), abs=0.2)
    assert np.abs(np.diff(without - SPEECH)[RATE:]).max() < 1e-4, "there is no step in it"


def test_sound_without_an_offset_is_left_alone_to_the_sample():
    assert np.array_equal(processed(SPEECH + np.float32(LEAST_OFFSET / 4)), SPEECH + np.float32(LEAST_OFFSET / 4))


def test_an_offset_that_goes_away_is_put_in_nowhere():
    sound = SPEECH + np.where(np.arange(len(SPEECH)) < RATE, 0.05, 0.0).astype(np.float32)
    assert abs(float(processed(sound)[-RATE // 2 :].mean())) < 0.02
