"""The split of an utterance's wait adds up, whatever was ready when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.bench.figures import PARTS, Heard, figures, split
from device.runtime.marks import Mark, Stage

seconds = st.floats(-5.0, 5.0)


@given(whole=st.floats(0.0, 5.0), moments=st.dictionaries(st.sampled_from(PARTS), seconds))
def test_the_parts_are_never_negative_and_add_up_to_the_whole(whole, moments):
    parts = split(0.0, whole, moments)
    assert tuple(parts) == PARTS
    assert all(part >= 0.0 for part in parts.values())
    assert sum(parts.values()) == pytest.approx(round(whole * 1000, 1), abs=1e-6)


def test_what_is_ready_before_it_is_needed_costs_nothing():
    moments = {"endpoint": 0.2, "recognition": 0.1, "first_piece": 0.15, "first_chunk": 0.18}
    assert split(0.0, 0.21, moments) == {"endpoint": 200, "recognition": 0, "first_piece": 0, "first_chunk": 10}


def test_what_comes_one_after_another_is_waited_for_in_turn():
    moments = {"endpoint": 1.3, "recognition": 1.34, "first_piece": 1.5, "first_chunk": 1.59}
    assert split(1.0, 1.6, moments) == {"endpoint": 300, "recognition": 40, "first_piece": 160, "first_chunk": 100}


def marks(*stages: tuple[float, Stage, str]) -> list[Mark]:
    return [Mark(stage=stage, seconds=seconds, note=note) for seconds, stage, note in stages]


def heard(audible: float | None, early: float | None = None) -> Heard:
    return Heard(end_seconds=10.0, early_seconds=early, audible_seconds=audible)


PLAIN = marks(
    (10.15, Stage.PAUSED, ""),
    (10.20, Stage.RECOGNIZED, "six times seven"),
    (10.35, Stage.ENDPOINT, ""),
    (10.352, Stage.REPLY_STARTED, "1"),
    (10.40, Stage.FIRST_TOKEN, ""),
    (10.50, Stage.FIRST_PIECE, "It is"),
    (10.55, Stage.FIRST_PIECE, "forty two."),
    (10.58, Stage.FIRST_CHUNK, "It is"),
    (10.70, Stage.FIRST_CHUNK, "of a later reply"),
)


def test_the_first_piece_is_the_one_whose_sound_came_first():
    found = figures("a.wav", "six times seven", heard(10.59), PLAIN)
    assert found.voice_to_voice_ms == 590.0
    assert found.split_ms == {"endpoint": 350.0, "recognition": 0.0, "first_piece": 150.0, "first_chunk": 90.0}
    assert found.stages_ms["first piece of text"] == 500.0
    assert found.recognized == "six times seven"
    assert not found.cut_off


def test_a_reply_that_was_speculated_on_costs_only_the_endpoint_and_the_next_block():
    speculated = marks(
        (10.12, Stage.RECOGNIZED, "six times seven"),
        (10.16, Stage.FIRST_PIECE, "It is"),
        (10.22, Stage.FIRST_CHUNK, "It is"),
        (10.24, Stage.ENDPOINT, ""),
    )
    found = figures("a.wav", "", heard(10.25), speculated)
    assert found.split_ms == {"endpoint": 240.0, "recognition": 0.0, "first_piece": 0.0, "first_chunk": 10.0}


def test_an_utterance_that_was_cut_off_has_no_latency():
    found = figures("a.wav", "", heard(10.5, early=9.0), marks((8.9, Stage.ENDPOINT, "")))
    assert (found.cut_off, found.early_endpoints, found.voice_to_voice_ms, found.split_ms) == (True, 1, None, {})


def test_an_utterance_that_was_not_answered_has_its_stages_still():
    found = figures("a.wav", "", heard(None), PLAIN[:3])
    assert (found.cut_off, found.voice_to_voice_ms) == (False, None)
    assert found.stages_ms["endpoint"] == 350.0
