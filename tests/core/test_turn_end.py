"""Whether the speaker has finished, by all the signs."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.turn_end import Signs, completeness, judge_of, silence_alone

LIKELY, UNLIKELY = math.log(0.95), math.log(0.001)
ASKED = Signs(text="How many days are there in a week?", sound=0.9, likely_end=LIKELY)


def test_the_language_model_tells_a_sentence_from_its_beginning_where_the_recognizer_sees_an_end_in_both():
    assert completeness(ASKED) > 0.8
    begun = Signs(text="How many days are there?", sound=0.9, likely_end=UNLIKELY)
    assert completeness(begun) < 0.4


def test_what_was_heard_counts_too():
    assert completeness(ASKED) > completeness(replace(ASKED, sound=0.01))


def test_without_the_language_models_share_the_other_signs_decide_more_carefully():
    alone = completeness(replace(ASKED, likely_end=None))
    assert completeness(replace(ASKED, likely_end=UNLIKELY)) < alone < completeness(ASKED)


@pytest.mark.parametrize("text", ["Set a timer for the", "Add eggs and", "I would like to"])
def test_a_word_that_wants_more_is_no_end_whatever_the_models_say(text):
    assert completeness(Signs(text=text, sound=1.0, likely_end=0.0)) == silence_alone(Signs(text=text)) == 0.0


def test_a_wish_for_silence_is_an_end():
    assert completeness(Signs(text="Stop talking.", sound=0.0, likely_end=UNLIKELY)) == 1.0


@pytest.mark.parametrize("text", ["", "Mhm.", "I see."])
def test_where_there_is_nothing_to_answer_only_what_was_heard_counts(text):
    assert completeness(Signs(text=text, sound=0.7, likely_end=UNLIKELY)) == 0.7


def test_a_yes_is_more_likely_whole_than_another_word():
    assert completeness(Signs(text="Yes, please.", sound=0.9)) > completeness(Signs(text="The kitchen.", sound=0.9))


def test_the_plain_rule_takes_every_pause_for_an_end():
    assert judge_of("silence")(Signs(text="How many days", sound=0.0, likely_end=UNLIKELY)) == 1.0
    assert judge_of("smart-turn-v3.2") is completeness


probabilities = st.floats(0, 1)


@given(st.text(max_size=40), st.none() | probabilities, st.none() | st.floats(-50, 0), probabilities, st.floats(-50, 0))
def test_more_that_speaks_for_an_end_never_makes_it_less_likely(text, sound, likely_end, more_sound, more_likely):
    signs = Signs(text=text, sound=sound, likely_end=likely_end)
    assert 0.0 <= completeness(signs) <= 1.0
    if sound is not None:
        assert completeness(replace(signs, sound=max(sound, more_sound))) >= completeness(signs)
    if likely_end is not None:
        assert completeness(replace(signs, likely_end=max(likely_end, more_likely))) >= completeness(signs)


def test_a_comma_makes_an_end_less_likely_but_not_impossible():
    whole, comma = (Signs(text=f"Turn on the light in the attic{mark}", sound=0.5, likely_end=-0.5) for mark in ".,")
    assert 0.0 < completeness(comma) < completeness(whole)
    assert silence_alone(comma) == 0.0
