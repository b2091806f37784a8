"""Text in cells: it fits, it does no harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.cli.text import Part, bar, cells, clean, duration, fit, line, milliseconds, packed, plain, shown

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(text=ANY, width=st.integers(0, 40))
def test_what_is_cut_fits(text, width):
    kept = fit(text, width)
    assert cells(kept) <= width
    assert kept == text or kept.rstrip("…") == text[: len(kept.rstrip("…"))] or "…" in text


@given(texts=st.lists(ANY, max_size=5), width=st.integers(1, 80), colour=st.booleans())
def test_a_line_of_many_parts_fits_and_holds_no_control_character(texts, width, colour):
    out = shown(line(*(Part(clean(text), "red") for text in texts)), width, colour=colour)
    assert cells(plain(out)) <= width
    assert "\x1b" not in plain(out)
    assert plain(out).isprintable()


def test_wide_and_combining_characters_are_measured():
    assert [cells(text) for text in ("abc", "日本", "e\u0301", "")] == [3, 4, 1, 0]
    assert fit("日本語", 4) == "日…"


def test_escape_sequences_and_directions_do_nothing():
    assert clean("a\x1b[2Jb\r\nc\u202ed\x07") == "a\ufffd[2Jb\ufffd c\ufffdd\ufffd"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
        (86400 * 5 + 3600 * 3, "5 d 3 h"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(("ms", "text"), [(0.4, "0 ms"), (412.3, "412 ms"), (1240, "1.24 s"), (125_000, "2 min 5 s")])
def test_short_times(ms, text):
    assert milliseconds(ms) == text


def test_bars_and_packed_lines():
    assert (bar(-1, 4), bar(0.5, 4), bar(7, 4)) == ("░░░░", "██░░", "████")
    assert packed(["a" * 10, "b" * 10, "c" * 30], 24) == ["aaaaaaaaaa · bbbbbbbbbb", "c" * 30]
