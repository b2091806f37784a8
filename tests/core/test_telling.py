"""A result was told once its words were heard, whatever else the reply said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.telling import told_of

WEATHER = "4 degrees, light rain"


def told(result: str, generated: str, heard: str | None = None, *, alone=False, finished=True, asked="") -> bool:
    heard = generated if heard is None else heard
    (only,) = told_of([result], generated, heard, asked=None if alone else asked, finished=finished)
    return only


def test_a_reply_that_was_heard_to_its_end_and_had_nothing_else_to_do_told_it_in_its_own_words():
    assert told("rain", "Take an umbrella.", alone=True)


def test_an_answer_to_the_user_that_ignores_it_did_not_tell_it():
    assert not told("rain", "It is forty-two.")


def test_an_answer_to_the_user_that_mentions_it_told_it():
    assert told(WEATHER, "Forty-two. By the way, it is four degrees with light rain.")


def test_words_that_were_generated_and_not_heard_do_not_count():
    assert not told(WEATHER, "It is four degrees with light rain.", "It is four", alone=True)
    assert told(WEATHER, "It is four degrees with light rain. Anything else?", "It is four degrees with light rain.")


def test_a_result_that_was_left_out_for_others_was_not_told():
    results = ["moon seen", "sun seen", "done"]
    assert told_of(results, "The moon was there.", "The moon was there.") == (True, False, True)
    assert told_of(results, "All is fine.", "All is fine.") == (True, True, True)


def test_words_that_two_results_share_tell_neither():
    assert told_of(["2 trains to Bonn", "2 trains to Ulm"], "2 trains to Ulm.", "2 trains to Ulm.") == (False, True)
    assert told_of(["2 trains", "2 trains"], "2 trains.", "2 trains.") == (True, True)


def test_one_word_in_common_is_no_sign_of_a_long_result_in_an_answer_to_something_else():
    result = "the train to Bonn leaves at nine from platform two"
    assert not told(result, "I would leave the car at home. It leaves oil everywhere.")
    assert told(result, "Take a coat. And the train leaves at nine from platform two.")
    assert told(result, "It leaves soon.", alone=True)


def test_words_of_every_report_tell_nothing():
    assert told_of(["I found tea"], "I found nothing else.", "I found nothing else.", asked="Anything?") == (False,)


def test_what_the_reply_leaves_out_need_not_be_heard():
    assert told(WEATHER, "It is four degrees. Good night.", "It is four degrees.")


def test_of_two_results_only_the_one_that_was_heard_was_told():
    generated, heard = "The moon was seen. The sun was seen.", "The moon was seen. The"
    assert told("moon seen", generated, heard, alone=True)
    assert not told("sun seen", generated, heard, alone=True)


def test_a_reply_that_was_cut_off_while_it_was_written_may_have_had_more_to_say():
    assert not told("sun seen", "The moon was seen.", alone=True, finished=False)
    assert not told(WEATHER, "It is four degrees", alone=True, finished=False)
    assert told(WEATHER, "It is four degrees with light rain, so", alone=True, finished=False)


def test_words_of_the_users_own_question_are_no_sign_of_a_result():
    assert not told("rain in Oslo", "Oslo is a city.", asked="What is Oslo?")
    assert told("rain in Oslo", "Oslo is a city. There is rain.", asked="What is Oslo?")
    assert told("rain in Oslo", "Yes, rain in Oslo.", asked="Rain in Oslo?")


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("the cellar is at 8 degrees", "The boiler is at 61 degrees."),
        ("the greenhouse is at 45 percent", "Ten percent of 60 is 6."),
    ],
)
def test_a_word_that_it_shares_with_something_else_does_not_tell_it(result, said):
    assert not told(result, said)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("42", "It is forty-two."),
        ("forty-two", "It is 42."),
        ("7 eggs", "Seven eggs."),
        ("20", "Twenty."),
        ("90 minutes", "Ninety minutes."),
        ("Light RAIN", "light rain"),
    ],
)
def test_numbers_and_capitals_may_be_written_otherwise(result, said):
    assert told(result, said)


def test_common_words_tell_nothing():
    assert not told("it is on", "It is on the table.")
    assert not told("", "Hello.")


def test_nothing_heard_is_nothing_told():
    assert not told("rain", "It will rain.", "")
    assert not told("rain", "It will rain.", "", alone=True)


WORDS = st.lists(st.sampled_from("rain sun moon is the a forty two 42 4".split()), max_size=8)


@given(WORDS, WORDS, st.integers(0, 8), st.booleans(), st.booleans())
def test_to_hear_more_never_makes_a_told_result_untold(result, generated, cut, alone, finished):
    heard = [
        told(" ".join(result), " ".join(generated), " ".join(generated[:upto]), alone=alone, finished=finished)
        for upto in range(len(generated) + 1)
    ]
    assert heard == sorted(heard)


@given(WORDS, WORDS, WORDS, st.booleans())
def test_what_an_unfinished_reply_told_it_told_whatever_it_would_have_gone_on_with(result, heard, more, alone):
    # Judged again with all that it might have said, the verdict stands; so it was not too early.
    text, so_far = " ".join(result), " ".join(heard)
    if told(text, so_far, so_far, alone=alone, finished=False):
        assert told(text, " ".join([*heard, *more]), so_far, alone=alone)
