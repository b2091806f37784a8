"""What is said and what is written mean the same."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.durations import parse_duration
from device.core.number_words import parse_number
from device.tuning.values import in_words, kind_of


@given(st.integers(0, 999))
def test_a_number_in_words_is_that_number(number):
    assert parse_number(in_words(number)) == number


@given(st.integers())
def test_a_span_is_said_as_long_as_it_is_written(seed):
    value = kind_of("span").draw(Random(seed))
    assert parse_duration(value.said) == parse_duration(value.written)


@given(st.integers())
def test_minutes_are_said_as_long_as_they_are_written(seed):
    value = kind_of("minutes 2..50").draw(Random(seed))
    assert parse_duration(value.said) == 60 * value.written


@given(st.integers())
def test_a_number_is_in_its_range_and_said_as_it_is(seed):
    value = kind_of("num 4..14").draw(Random(seed))
    assert 4 <= value.written <= 14.5
    assert parse_number(value.said) == value.written


@given(st.integers())
def test_a_choice_is_one_of_those_that_its_schema_allows(seed):
    kind = kind_of("enum saturday=Saturday's lottery, eurojackpot=the Eurojackpot")
    value = kind.draw(Random(seed))
    assert value.written in kind.schema["enum"]
    assert value.said in ("Saturday's lottery", "the Eurojackpot")


def test_there_are_as_many_names_as_are_said():
    for seed in range(20):
        value = kind_of("names Anna, Paul, Mia, Ben").draw(Random(seed))
        assert all(name in value.said for name in value.written)
        assert len(set(value.written)) == len(value.written)


def test_a_kind_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="colour"):
        kind_of("colour red")
