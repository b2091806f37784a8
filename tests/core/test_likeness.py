"""Which of several things is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.likeness import each_named, likest, split_exception


@pytest.mark.parametrize(
    ("said", "meant", "kept"),
    [
        ("all timers", "all timers", ""),
        ("all timers except the tea", "all timers", "the tea"),
        ("Everything, but not the milk", "Everything", "the milk"),
        ("all of them apart from eggs and bread", "all of them", "eggs and bread"),
        ("all butter", "all butter", ""),
        ("exceptional things", "exceptional things", ""),
    ],
)
def test_what_is_left_out_stands_behind_an_exception(said, meant, kept):
    assert split_exception(said) == (meant, kept)


NAMES = ["red paint", "red wine", "soap"]


@pytest.mark.parametrize(
    ("said", "places"),
    [("soap", {2}), ("the red ones and the soap", {0, 1, 2}), ("wine, soap", {1, 2}), ("beer and soap", set()), ("it", set())],
)  # fmt: skip
def test_each_thing_is_found_or_none_is(said, places):
    assert each_named(said, lambda thing: likest(thing, NAMES)) == places


@given(st.text(max_size=60))
def test_no_text_makes_it_raise(said):
    meant, kept = split_exception(said)
    assert len(meant) + len(kept) <= len(said)
    each_named(kept, lambda thing: likest(thing, NAMES))
