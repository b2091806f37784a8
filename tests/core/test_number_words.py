"""Numbers in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.number_words import parse_number, read_number, say_number, with_digits

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def spelt(value: int, *, joint: str = " ") -> str:
    """A whole number below 10^15 as it is said."""
    for scale, name in (
        (10**12, "trillion"),
        (10**9, "billion"),
        (10**6, "million"),
        (1000, "thousand"),
        (100, "hundred"),
    ):
        if value >= scale:
            high, low = divmod(value, scale)
            rest = (" and " if low < 100 else " ") + spelt(low, joint=joint) if low else ""
            return f"{spelt(high, joint=joint)} {name}{rest}"
    if value < 20:
        return ONES[value]
    return TENS[value // 10] + (joint + ONES[value % 10] if value % 10 else "")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("seven", 7),
        ("twenty-five", 25),
        ("two hundred and five", 205),
        ("one point five", 1.5),
        ("three point one four", 3.14),
        ("zero point oh five", 0.05),
        ("point five", 0.5),
        ("two point fifteen", 2.15),
        ("a dozen", 12),
        ("two dozen", 24),
        ("half a dozen", 6),
        ("a couple", 2),
        ("half", 0.5),
        ("a half", 0.5),
        ("three quarters", 0.75),
        ("three and a half", 3.5),
        ("one and three quarters", 1.75),
        ("a hundred", 100),
        ("a hundred and one", 101),
        ("nineteen hundred", 1900),
        ("two and a half million", 2_500_000),
        ("2.5 million", 2_500_000),
        ("1,000", 1000),
        ("1,5", 1.5),
        ("1,234,567.5", 1234567.5),
        ("minus forty", -40),
        ("-3.5", -3.5),
        ("negative two", -2),
    ],
)
def test_a_number_is_understood(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text", ["", "a", "an", "and", "third", "twenty fifth", "ten bananas", "five six", "hundred", "one.two.3", "1.2.3", "9" * 400, "point", "two hundred hundred"]
)  # fmt: skip
def test_what_is_no_number_is_none(text):
    assert parse_number(text) is None


@given(st.integers(0, 10**15 - 1), st.sampled_from([" ", "-"]))
def test_every_whole_number_is_understood_as_it_is_said(value, joint):
    assert parse_number(spelt(value, joint=joint)) == value


@given(st.integers(0, 999), st.integers(0, 999))
def test_a_number_ends_where_the_next_word_is_none_of_it(value, other):
    words = spelt(value).split()
    assert read_number([*words, "bananas", *spelt(other).split()]) == (value, len(words))


@given(st.text(max_size=60) | st.lists(st.sampled_from("a an and half third quarters two twenty hundred thousand point oh dozen 5 1,000 minus -".split()), max_size=8).map(" ".join))  # fmt: skip
def test_no_text_makes_it_raise(text):
    parse_number(text)
    with_digits(text)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("Six times seven", "6 times 7"),
        ("twenty-five percent of eighty", "25 percent of 80"),
        ("two hundred and five plus one", "205 plus 1"),
        ("1,000 + one", "1,000 + 1"),
        ("(three and a half)*2", "(3.5)*2"),
        ("5-3", "5-3"),
        ("often", "often"),
        ("half of ninety", "0.5 of 90"),
    ],
)
def test_spelt_numbers_are_written_in_digits_and_the_rest_stays(text, digits):
    assert with_digits(text) == digits


@pytest.mark.parametrize(
    ("value", "said"),
    [(3.10686, "3.11"), (98.6, "98.6"), (12345.678, "12346"), (0.00456, "0.00456"), (2.0, "2"), (0, "0"), (-40.0, "-40"), (99.99, "100"), (1500, "1500")],
)  # fmt: skip
def test_a_measured_number_is_rounded_for_the_ear(value, said):
    assert say_number(value) == said


def test_a_part_may_be_counted_in_digits():
    assert parse_number("3 quarters") == 0.75
    assert parse_number("2 thirds") == pytest.approx(2 / 3)
    assert parse_number("10 seconds") is None
