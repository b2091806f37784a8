"""When the speech ended and when the reply began, from the blocks that were exchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.bench.session import Exchanged, heard

BLOCK = 256


def exchanged(lateness: list[float], audible: set[int]) -> list[Exchanged]:
    return [
        Exchanged(
            seconds=100.0 + (number + 1) * BLOCK / 16_000 + late,
            input_sample=number * BLOCK,
            loudest=0.1 if number in audible else 0.0005,
        )
        for number, late in enumerate(lateness)
    ]


@given(st.lists(st.floats(0.0, 0.05), min_size=20, max_size=20))
def test_blocks_that_come_late_do_not_move_the_end_of_the_speech(lateness):
    lateness[7] = 0.0
    found = heard(exchanged(lateness, set()), BLOCK, end_sample=10 * BLOCK)
    assert found.end_seconds == pytest.approx(100.0 + 10 * BLOCK / 16_000)
    assert found.audible_seconds is None


def test_the_reply_begins_with_the_first_audible_block_after_the_end():
    found = heard(exchanged([0.0] * 30, {20, 21, 25}), BLOCK, end_sample=10 * BLOCK)
    assert found.early_seconds is None
    assert found.audible_seconds == pytest.approx(100.0 + 21 * BLOCK / 16_000)


def test_anything_audible_before_the_end_is_a_cut_off():
    found = heard(exchanged([0.0] * 30, {5, 20}), BLOCK, end_sample=10 * BLOCK)
    assert found.early_seconds == pytest.approx(100.0 + 6 * BLOCK / 16_000)
    assert found.audible_seconds == pytest.approx(100.0 + 21 * BLOCK / 16_000)
