"""A difference that no tool would notice is none."""

import pytest

from device.bench.argument_match import same, same_arguments


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (5, 5.0),
        (5, "5"),
        (25, "twenty five"),
        (60, "60 percent"),
        (True, "true"),
        ("10 minutes", "ten minutes"),
        ("1 hour and 30 minutes", "90 minutes"),
        ("150 seconds", "two and a half minutes"),
        ("2 hours", "in two hours"),
        ("Oslo", "oslo."),
        ("the front door", "Front door"),
        ("7 am", "at seven in the morning"),
        ("5:30", "half past five"),
        ("6 pm", "18:00"),
        ("6 * 7", "6*7"),
        ("0.15 * 80", "15% of 80"),
        ("sqrt(225)", "the square root of 225"),
        (["a", 1], ["A", "1"]),
    ],
)
def test_the_same_in_other_words_is_the_same(wanted, given):
    assert same(wanted, given)


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (5, 6),
        (True, False),
        ("10 minutes", "10 seconds"),
        ("Oslo", "Olso"),
        ("7 am", "7 pm"),
        ("6 * 7", "6 + 7"),
        ("room 5", "room 6"),
        ("x", None),
        (["a"], ["a", "b"]),
        ({"a": 1}, "a"),
    ],
)
def test_what_means_something_else_is_not(wanted, given):
    assert not same(wanted, given)


def test_only_what_is_wanted_must_be_there():
    assert same_arguments({"a": 1}, {"a": 1, "b": 2})
    assert not same_arguments({"a": 1, "b": 2}, {"a": 1})


def test_the_words_of_the_tool_and_the_argument_add_nothing():
    assert same_arguments({"list": "shopping"}, {"list": "shopping list"}, tool="add_to_list")
    assert not same_arguments({"list": "list"}, {"list": "shopping list"}, tool="add_to_list")
