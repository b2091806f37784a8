"""A sentence in its forms."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from device.core.numbers import in_digits
from device.tuning.phrasing import as_heard, is_command, misheard, uncapitalized


def test_a_command_is_told_from_a_question():
    assert is_command("Heat the sauna.")
    assert not is_command("How hot is the sauna?")


def test_i_and_names_of_letters_keep_their_capitals():
    assert uncapitalized("Heat it.") == "heat it."
    assert uncapitalized("I need it.") == "I need it."
    assert uncapitalized("TV on.") == "TV on."


@given(st.integers())
def test_no_form_changes_a_number(seed):
    said = as_heard("Make two cups for ten people by 4:15, please.", Random(seed))
    digits = "".join(char if char.isdigit() else " " for char in in_digits(said.lower())).split()
    assert digits in (["2", "10", "4", "15"], ["2", "4", "10", "4", "15"])  # "for" may be heard as "four"


@given(st.integers())
def test_a_slip_of_the_ear_changes_one_word_at_most(seed):
    said = "I see their week by the hour"
    wrong = misheard(said, Random(seed))
    assert sum(one != other for one, other in zip(said.split(), wrong.split(), strict=True)) == 1
    assert wrong.lower() != said.lower()
