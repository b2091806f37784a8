"""Numbers as people say them, in digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.numbers import in_digits


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Set a timer for twenty five minutes.", "Set a timer for 25 minutes."),
        ("TWENTY-ONE DEGREES", "21 DEGREES"),
        ("one hundred and five dollars", "105 dollars"),
        ("a hundred minus thirty seven", "100 minus 37"),
        ("the square root of two hundred twenty five", "the square root of 225"),
        ("two thousand and twenty six", "2026"),
        ("three hundred thousand", "300000"),
        ("two and a half minutes", "2.5 minutes"),
        ("three point one four", "3.14"),
        ("a dozen eggs", "12 eggs"),
        ("nineteen eighty four", "1984"),
        ("five five five", "5 5 5"),
        ("What's six times seven?", "What's 6 times 7?"),
        ("wake me on may the twenty second at seven", "wake me on may the 22nd at 7"),
        ("the twenty second of may", "the 22nd of may"),
        ("june thirty first", "june 31st"),
        ("the twenty-third of june", "the 23rd of june"),
        ("the twenty second timer", "the 20 second timer"),
    ],
)
def test_numbers_are_written_in_digits(said, written):
    assert in_digits(said) == written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("wake me at seven thirty", "wake me at 7:30"),
        ("half past five", "5:30"),
        ("a quarter to one", "12:45"),
        ("quarter past 9", "9:15"),
        ("twenty past six", "6:20"),
        ("eight oh five", "8:05"),
    ],
)
def test_times_of_day_are_written_with_a_colon(said, written):
    assert in_digits(said) == written


@pytest.mark.parametrize(
    "said",
    [
        "which one is it",
        "an hour and a half",
        "half an hour",
        "a quarter of an hour",
        "wait a second",
        "someone often weighs it",
        "quarter past",
        "10:45 or 3.5",
        "",
    ],
)
def test_what_is_not_certainly_a_number_stays_as_it_is(said):
    assert in_digits(said) == said


def test_a_lone_one_is_a_number_where_something_is_counted():
    assert in_digits("one minute, one plus one and this one") == "1 minute, 1 plus 1 and this one"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("one" + " hundred" * 3000, "100" + " hundred" * 2999),
        ("half past " + "9" * 5000, "half past " + "9" * 5000),
    ],
)
def test_no_number_grows_without_end(said, written):
    assert in_digits(said) == written


@given(st.text())
def test_any_text_is_read_and_reading_it_twice_changes_nothing(text):
    once = in_digits(text)
    assert in_digits(once) == once


@given(st.integers(21, 99).filter(lambda n: n % 10))
def test_every_number_of_two_words_is_read(number):
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()[number // 10 - 2]
    ones = "one two three four five six seven eight nine".split()[number % 10 - 1]
    assert in_digits(f"take {tens} {ones} apples") == f"take {number} apples"
