"""Whatever is typed for a number is one within its bounds, or a sentence of argparse's."""

import argparse
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.cli.arguments import count, seconds, share, whole

anything = st.one_of(st.text(max_size=20), st.integers().map(str), st.floats().map(str), st.just("9" * 5000))


@given(anything)
def test_a_whole_number_is_within_its_bounds(text):
    with contextlib.suppress(argparse.ArgumentTypeError):
        assert 1 <= whole(1, 16)(text) <= 16


@given(anything)
def test_a_time_can_be_waited_for_and_a_share_is_one(text):
    for kind, most in ((seconds, float("inf")), (share, 1.0)):
        with contextlib.suppress(argparse.ArgumentTypeError):
            assert 0.0 <= kind(text) <= most


@pytest.mark.parametrize(
    ("kind", "text", "value"), [(count, "3", 3), (whole(0), "0", 0), (seconds, "2.5", 2.5), (share, "1", 1.0)]
)
def test_a_number_is_that_number(kind, text, value):
    assert kind(text) == value


@pytest.mark.parametrize(
    ("kind", "text"), [(count, "0"), (count, "two"), (count, "²"), (seconds, "inf"), (seconds, "-1"), (share, "0")]
)
def test_what_does_not_fit_is_refused(kind, text):
    with pytest.raises(argparse.ArgumentTypeError, match="is not a"):
        kind(text)
