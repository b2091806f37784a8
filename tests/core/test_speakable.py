"""Text is made speakable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.speakable import speakable


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Bold** and `code`", "Bold and code"),
        ("[the docs](https://example.org/a?b=c)", "the docs"),
        ("see https://www.example.org/a/b?c=d.", "see example.org."),
        ("6 * 7 = 42", "6 times 7 equals 42"),
        ("-5 °C", "minus 5 degrees Celsius"),
        ("It is 4:05 PM", "It is 4 oh 5 PM"),
        ("$3.50", "3 dollars and 50 cents"),
        ("5 km/h", "5 kilometers per hour"),
        ("1/2 cup", "one half cup"),
        ("Dr. Smith", "Doctor Smith"),
        ("😀", ""),
        ("…", ""),
        ("A & B", "A and B"),
        ("10–20", "10 to 20"),
    ],
)
def test_symbols_become_words(written: str, said: str):
    assert speakable(written) == said


@given(st.text(max_size=300))
def test_anything_can_be_made_speakable_or_empty(text: str):
    said = speakable(text)
    assert not said or any(map(str.isalnum, said))
    assert all(character.isprintable() for character in said)
