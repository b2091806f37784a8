"""Days of the calendar in words."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.dates import read_date

TODAY = dt.date(2026, 5, 4)


@pytest.mark.parametrize(
    ("text", "date", "rest"),
    [
        ("the 20th", (2026, 5, 20), ""),
        ("at noon on the 3rd", (2026, 6, 3), "at noon on"),
        ("4th", (2026, 5, 4), ""),
        ("the 31st", (2026, 5, 31), ""),
        ("may 4th", (2026, 5, 4), ""),
        ("may the third at 7", (2027, 5, 3), "at 7"),
        ("june 1 at 5", (2026, 6, 1), "at 5"),
        ("1 june 5 pm", (2026, 6, 1), "5 pm"),
        ("the third of june", (2026, 6, 3), ""),
        ("the twenty first", (2026, 5, 21), ""),
        ("december thirty first 2027", (2027, 12, 31), ""),
        ("dec 24 2025", (2025, 12, 24), ""),
        ("february 29th", (2028, 2, 29), ""),
        ("in the evening of the 20th", (2026, 5, 20), "in the evening"),
        ("at 5 may 20", (2026, 5, 20), "at 5"),
    ],
)
def test_a_day_is_found_beside_other_words(text, date, rest):
    assert read_date(text.split(), TODAY) == (dt.date(*date), rest.split())


@pytest.mark.parametrize(
    "text",
    ["", "20", "a second", "30 second", "twenty first", "the second friday", "the 2nd friday", "32nd", "the 0th", "june",
     "may at 5", "june 31", "february 29 2027", "5 of", "the 5th of"],
)  # fmt: skip
def test_what_names_no_day_is_none(text):
    assert read_date(text.split(), TODAY) is None


def test_the_31st_is_in_the_next_month_that_has_one():
    assert read_date(["31st"], dt.date(2026, 6, 5)) == (dt.date(2026, 7, 31), [])
    assert read_date(["30th"], dt.date(2027, 1, 31)) == (dt.date(2027, 3, 30), [])


@given(st.dates(dt.date(2000, 1, 1), dt.date(2090, 12, 31)), st.integers(0, 300))
def test_every_day_of_the_next_months_is_found_as_itself(today, ahead):
    day = today + dt.timedelta(days=ahead)
    assert read_date(f"the {day.day}th of {day:%B}".lower().split(), today) == (day, [])


WORDS = "the of may june 4th 31st second twenty first 29 february friday 2027 at noon"


@given(st.lists(st.sampled_from(WORDS.split()), max_size=6), st.dates(dt.date(2000, 1, 1), dt.date(2090, 12, 31)))
def test_no_words_make_it_raise_and_only_a_named_year_is_past(words, today):
    found = read_date(words, today)
    assert found is None or found[0] >= today or "2027" in words
