"""Arithmetic, and nothing else."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import ToolError
from device.tools.calculator import calculate, value_of


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("6 * 7", "42"),
        ("6 times 7", "42"),
        ("12.5 * (3 + 4)", "87.5"),
        ("18% of 250", "45"),
        ("15 percent of 80", "12"),
        ("2^10", "1024"),
        ("2 to the power of 10", "1024"),
        ("sqrt(144)", "12"),
        ("square root of 144", "12"),
        ("1,000 + 1", "1001"),
        ("7 divided by 2", "3.5"),
        ("1/3", "0.3333333333"),
        ("-3 + 5", "2"),
        ("what is 3 x 4?", "12"),
        ("15% of 80 = 15/100 * 80 = 12", "12"),
        ("5 squared", "25"),
        ("2 * pi", "6.283185307"),
        ("six times seven", "42"),
        ("Twenty-five percent of eighty", "20"),
        ("three and a half times two", "7"),
        ("what is five and six?", "11"),
        ("half of ninety", "45"),
        ("a third of ninety", "30"),
        ("two hundred and five minus one point five", "203.5"),
        ("the square root of one hundred and forty four", "12"),
        ("two to the power of ten", "1024"),
        ("round(2.6)", "3"),
        ("45 + 20%", "54"),
        ("eighty minus ten percent", "72"),
        ("20% off 50", "40"),
        ("5% + 3%", "0.08"),
        ("divide 10 by 4", "2.5"),
        ("multiply six and seven", "42"),
        ("subtract 5 from 10", "5"),
        ("add 5 and 6", "11"),
        ("the difference between ten and four", "6"),
        ("What is the product of 4 and 8?", "32"),
        ("double 7", "14"),
        ("$90 / 3", "30"),
        ("2 to the 10th", "1024"),
        ("round(1234.567, 2)", "1234.57"),
        ("round(1234, -2)", "1200"),
    ],
)
def test_expressions_as_people_and_models_write_them(expression, value):
    assert value_of(expression) == value


@pytest.mark.parametrize(
    "expression",
    ["", "ten bananas", "1/0", "9**9**9", "__import__('os')", "(1).__class__", "[1]*10**9", "'a'*10", "x", "1e400", "2**0.5j",
     "(" * 500, "9" * 300, "lambda: 1", "sqrt(-1)", "True + 1", "max()", "10 minutes - 3 minutes",
     "round(5, -10**6)", "round(5, 16)", "round(5, 2.5)", "round(5, 1, 1)", "1**10**90", "(2**300)*(2**300)", "exp(999)"],
)  # fmt: skip
def test_anything_else_is_a_sentence(expression):
    with pytest.raises(ToolError, match=r"\.$"):
        value_of(expression)


@given(st.text(max_size=80) | st.text(alphabet="0123456789+-*/().^% esqrt", max_size=40))
def test_no_text_makes_it_raise_anything_else(expression):
    try:
        value_of(expression)
    except ToolError:
        return


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_it_adds_and_multiplies(a, b):
    assert value_of(f"{a} + {b}") == str(a + b)
    assert value_of(f"({a}) * ({b})") == str(a * b)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("6*7", "6 times 7 is 42"),
        ("6 * 7.000000000000000", "6 times 7 is 42"),
        ("2**10", "2 to the power of 10 is 1024"),
        ("12^2 - 4 / 2", "12 squared minus 4 divided by 2 is 142"),
        ("sqrt(16) + -3.50", "the square root of 16 plus minus 3.5 is 0.5"),
        ("15% of 80", "15% of 80 is 12"),
        ("six times seven = 42", "six times seven is 42"),
        ("sixty-three - two", "sixty-three minus two is 61"),
    ],
)
def test_the_user_is_told_what_was_calculated_as_one_says_it(expression, told):
    assert asyncio.run(calculate(None, expression)) == told


async def test_a_number_alone_is_said_once():
    assert await calculate(None, "42") == "That is 42"
    assert await calculate(None, "divide 10 by 4") == "10 divided by 4 is 2.5"
