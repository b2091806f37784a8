"""Times of day in words."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.times import parse_day, parse_time, say_day, say_time

MONDAY = dt.datetime(2026, 5, 4, 14, 20)
"""Twenty past two in the afternoon."""

MOMENTS = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1))


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 5, day, hour, minute)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("7 am", at(5, 7)),
        ("7am", at(5, 7)),
        ("7 a.m.", at(5, 7)),
        ("7 p m", at(4, 19)),
        ("12 noon", at(5, 12)),
        ("Seven p.m.", at(4, 19)),
        ("12 am", at(5, 0)),
        ("12 pm", at(5, 12)),
        ("half past six", at(4, 18, 30)),
        ("half six", at(4, 18, 30)),
        ("12 noon tomorrow", at(5, 12)),
        ("early tomorrow morning", at(5, 8)),
        ("a quarter to nine", at(4, 20, 45)),
        ("ten past five", at(4, 17, 10)),
        ("twenty five minutes to eleven", at(4, 22, 35)),
        ("quarter past midnight", at(5, 0, 15)),
        ("five to one", at(5, 0, 55)),
        ("19:45", at(4, 19, 45)),
        ("06:30", at(5, 6, 30)),
        ("6.30 pm", at(4, 18, 30)),
        ("1945", at(4, 19, 45)),
        ("nineteen hundred hours", at(4, 19)),
        ("tomorrow at 1945 hours", at(5, 19, 45)),
        ("10:00 hours", at(5, 10)),
        ("twelve hundred hours", at(5, 12)),
        ("six thirty", at(4, 18, 30)),
        ("six oh five", at(4, 18, 5)),
        ("twenty one fifteen", at(4, 21, 15)),
        ("seven o'clock", at(4, 19)),
        ("noon", at(5, 12)),
        ("midnight", at(5, 0)),
        ("in the morning at seven", at(5, 7)),
        ("seven in the evening", at(4, 19)),
        ("at two in the night", at(5, 2)),
        ("at five pm", at(4, 17)),
        ("tomorrow at 6:30", at(5, 6, 30)),
        ("tomorrow at three", at(5, 15)),
        ("tomorrow at noon", at(5, 12)),
        ("tomorrow morning", at(5, 8)),
        ("tomorrow", at(5, 9)),
        ("tonight", at(4, 21)),
        ("tonight at nine", at(4, 21)),
        ("tonight at one", at(5, 1)),
        ("this evening", at(4, 19)),
        ("today at 3", at(4, 15)),
        ("on friday at 8", at(8, 8)),
        ("monday morning", at(11, 8)),
        ("monday at 5 pm", at(4, 17)),
        ("the day after tomorrow at 18:00", at(6, 18)),
        ("today at noon", at(4, 12)),
        ("this morning at seven", at(4, 7)),
        ("the 20th", at(20, 9)),
        ("on the 20th at 5 pm", at(20, 17)),
        ("in the evening of the 20th of may", at(20, 19)),
        ("the 4th at five", at(4, 17)),
        ("friday the 8th", at(8, 9)),
        ("tomorrow, the fifth, at noon", at(5, 12)),
        ("may 20 at seven", at(20, 7)),
        ("at seven on the twenty-first", at(21, 7)),
    ],
)
def test_a_time_is_understood(text, time):
    assert parse_time(text, MONDAY) == time


@pytest.mark.parametrize(
    "text",
    ["", "never", "10 minutes", "in ten minutes", "in ten", "in an hour", "25:00", "7:75", "am", "at", "half", "half past", "six six", "past six",
     "six five", "13 bananas", "2 hours", "twelve hours", "two hundred hours", "1.25 hours", "at 5 hours", "5 more minutes", "a second",
     "friday the 9th", "tomorrow the 6th", "the second friday", "the 32nd", "june 31st", "the 5th hour", "10 minutes to the 5th", "a hundred", "24:30", "seven and a half", "quarter past half past six", "7 am for work", "²"],
)  # fmt: skip
def test_what_is_no_time_of_day_is_none(text):
    assert parse_time(text, MONDAY) is None


@given(MOMENTS, MOMENTS)
def test_what_is_said_is_understood_again_as_its_next_occurrence(time, now):
    found = parse_time(say_time(time), now)
    assert (found.hour, found.minute) == (time.hour, time.minute)
    assert dt.timedelta() < found - now <= dt.timedelta(days=1)


@given(MOMENTS, st.integers(0, 23), st.integers(0, 59))
def test_a_clock_of_twenty_four_hours_is_understood(now, hour, minute):
    found = parse_time(f"tomorrow at {hour:02}:{minute:02}", now)
    day = now.date() + dt.timedelta(days=1)
    if hour == 0 or hour > 12 or hour < 10:
        assert found == dt.datetime.combine(day, dt.time(hour, minute))
    assert found.date() == day


WORDS = "a am at half in the morning noon night past pm quarter seven six today tomorrow tonight twenty to friday 6:30 19 oh this five hours hundred"


@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS.split()), max_size=7).map(" ".join), MOMENTS)
def test_no_text_makes_it_raise_and_only_a_named_day_is_ever_past(text, now):
    found = parse_time(text, now)
    if found is not None and not {"today", "tonight", "this"} & set(text.lower().split()):
        assert now < found <= now + dt.timedelta(days=9)


@pytest.mark.parametrize(
    ("time", "day"),
    [(at(4, 23), "today"), (at(5, 0), "tomorrow"), (at(8, 7), "on Friday"), (at(11, 7), "on May 11"), (at(3, 7), "on May 3")],
)  # fmt: skip
def test_the_day_is_told_as_one_says_it(time, day):
    assert say_day(time, MONDAY) == day


@pytest.mark.parametrize(
    ("text", "day"), [("tomorrow", at(5, 0)), ("on friday", at(8, 0)), ("the 20th", at(20, 0)), ("may 4th", at(4, 0))]
)
def test_a_day_by_itself_is_understood_as_one(text, day):
    assert parse_day(text, MONDAY) == day.date()


@pytest.mark.parametrize("text", ["", "noon", "tomorrow at six", "tomorrow morning", "the 20th of never", "2 hours"])
def test_what_says_more_than_a_day_is_none(text):
    assert parse_day(text, MONDAY) is None
