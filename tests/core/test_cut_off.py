"""What of a reply can be continued."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.cut_off import MOST_REPLIES_SINCE, CutOff, after_reply
from device.core.entries import ReplyEnded
from device.core.utterances import wants_to_hear_on


def ended(generated: str, heard: str | None = None, **more) -> ReplyEnded:
    return ReplyEnded(turn=1, generated=generated, heard=generated if heard is None else heard, **more)


def cut(generated: str, heard: str, *, unfinished: bool = False) -> CutOff | None:
    return after_reply(None, ended(generated, heard, interrupted=True, unfinished=unfinished))


def test_the_words_that_were_not_heard_are_left():
    assert cut("One two three. Four.", "One two") == CutOff("three. Four.", more=False)


def test_of_a_reply_that_was_still_being_written_whole_sentences_are_left_and_the_model_has_more():
    assert cut("One two. Three fo", "One", unfinished=True) == CutOff("two.", more=True)
    assert cut("One two thr", "One", unfinished=True) is None


def test_nothing_is_left_of_a_reply_whose_last_word_was_heard():
    assert cut("One two. ", "One two.") is None


def test_a_reply_that_was_continued_cannot_be_continued_again():
    left = cut("One two three.", "One")
    assert after_reply(left, ended("two three.")) is None


def test_another_answer_in_between_does_no_harm_but_many_do():
    left = cut("One two three.", "One")
    for _ in range(MOST_REPLIES_SINCE - 1):
        left = after_reply(left, ended("It is noon."))
    assert left is not None
    assert left.words == "two three."
    assert after_reply(left, ended("It is noon.")) is None


def test_a_continuation_that_is_cut_off_leaves_its_own_rest():
    left = cut("One two three. Four five.", "One")
    again = after_reply(left, ended("two three. Four five.", "two three.", interrupted=True))
    assert again == CutOff("Four five.", more=False)


@pytest.mark.parametrize("text", ["Go on.", "Please continue!", "Okay, go on.", "You were saying?"])
def test_a_wish_to_hear_on(text):
    assert wants_to_hear_on(text)


@pytest.mark.parametrize("text", ["Go on the roof.", "Continue with the timer for ten minutes.", "On.", ""])
def test_something_else(text):
    assert not wants_to_hear_on(text)


@given(st.text(), st.data())
def test_what_is_left_is_the_end_of_what_was_generated(generated, data):
    heard = generated[: data.draw(st.integers(0, len(generated)))]
    left = cut(generated, heard)
    assert generated[len(heard) :].strip() == ("" if left is None else left.words)
