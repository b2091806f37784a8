"""The wake words in a transcript."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.wake_words import without_wake_words

PHRASE = "hey jarvis"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Hey, Jarvis, what time is it?", "What time is it?"),
        ("Here, Jarvis, set a timer.", "Set a timer."),
        ("A. Jarvis, stop.", "Stop."),
        ("Can you jar of this? what time is it?", "What time is it?"),
        ("so then hey jarvis the lights", "The lights"),
        ("Hey, Jarvis!", ""),
    ],
)
def test_what_looks_like_the_wake_word_goes_with_all_before_it(text, rest):
    assert without_wake_words(text, PHRASE, heard=True) == rest


def test_where_nothing_looks_like_it_what_was_recognized_when_it_was_heard_goes():
    lead = "Page are of his."
    assert without_wake_words("Page are of his set a timer", PHRASE, heard=True, lead=lead) == "Set a timer"
    assert without_wake_words("Page are of his.", PHRASE, heard=True, lead=lead) == ""


def test_else_what_stands_before_the_first_stop_goes_if_that_is_short():
    assert without_wake_words("Cage office, what time is it?", PHRASE, heard=True) == "What time is it?"
    long = "Set the timer to ten minutes, please"
    assert without_wake_words(long, PHRASE, heard=True) == long


def test_where_it_was_not_heard_only_the_name_itself_goes():
    assert without_wake_words("Hey Jarvis, stop.", PHRASE) == "Stop."
    for text in ("Here they are, this is fine.", "He charges a fee.", "What time is it?", "I told Jarvis", ""):
        assert without_wake_words(text, PHRASE) == text


@given(st.text(), st.text(), st.booleans())
def test_no_text_breaks_it_and_what_is_left_was_there(text, lead, heard):
    left = without_wake_words(text, PHRASE, heard=heard, lead=lead)
    assert text.casefold().endswith(left.casefold()) or text.upper().endswith(left.upper())
