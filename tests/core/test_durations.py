"""Durations in words, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.durations import parse_duration, say_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10 minutes", 600),
        ("ten minutes", 600),
        ("twenty-five seconds", 25),
        ("an hour and a half", 5400),
        ("1 hour and a half", 5400),
        ("half an hour", 1800),
        ("two and a half minutes", 150),
        ("a quarter of an hour", 900),
        ("1h30", 5400),
        ("90 sec", 90),
        ("0:45", 45),
        ("1:05:30", 3930),
        ("1.5 hours", 5400),
        ("two days", 172800),
        ("a minute", 60),
        ("two hours from now", 7200),
        ("In half an hour from now.", 1800),
        ("another 5 minutes", 300),
        ("another hour", 3600),
        ("another half hour", 1800),
        ("another couple of minutes", 120),
        ("5 more minutes", 300),
        ("one more hour", 3600),
        ("1h30 more", 5400),
        ("two hours' time", 7200),
        ("an hour's time", 3600),
    ],
)
def test_a_duration_is_understood(text: str, seconds: float):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10",
        "never",
        "minutes",
        "tomorrow",
        "ten bananas",
        "at 5 pm",
        "7 a.m.",
        "7 a m",
        "-",
        "more",
        "another",
        "5 more",
        "from now",
    ],
)
def test_what_is_no_duration_is_none(text: str):
    assert parse_duration(text) is None


@given(st.integers(1, 10**7))
def test_what_is_said_is_understood_again(seconds: int):
    assert parse_duration(say_duration(seconds)) == seconds


@given(st.text(max_size=60))
def test_no_text_makes_it_raise(text: str):
    parse_duration(text)
