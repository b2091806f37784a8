"""Streamed speech becomes pieces that can be spoken, and what was heard of them leads back to the model's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.segmenter import MOST_CHARACTERS, Piece, Segmenter, heard_source

WORDS = st.sampled_from(
    [
        "Hello",
        "world,",
        "Dr.",
        "3.5",
        "1,000",
        "it's",
        "and",
        "-",
        "…",
        "é",
        "😀",
        "U.S.",
        "ok?",
        "no!",
        "\n",
        "```",
        "**b**",
    ]
)
TEXTS = st.lists(WORDS, max_size=40).map(" ".join) | st.text(max_size=200)


def pieces_of(text: str, sizes: list[int] | None = None) -> list[Piece]:
    segmenter = Segmenter()
    pieces, at = [], 0
    for size in sizes or []:
        pieces += segmenter.feed(text[at : at + size])
        at += size
    return pieces + segmenter.feed(text[at:]) + segmenter.close()


def spoken(text: str) -> list[str]:
    return [piece.text for piece in pieces_of(text) if piece.text]


@given(TEXTS)
def test_the_sources_together_are_exactly_what_was_fed(text: str):
    assert "".join(piece.source for piece in pieces_of(text)) == text


@given(TEXTS, st.lists(st.integers(1, 7), max_size=60))
def test_how_the_stream_was_split_never_matters(text: str, sizes: list[int]):
    assert pieces_of(text, sizes) == pieces_of(text)


@given(st.text(alphabet="ab .", max_size=1500))
def test_no_piece_is_longer_than_the_most(text: str):
    assert all(len(piece.source) <= MOST_CHARACTERS for piece in pieces_of(text))


@given(st.lists(st.sampled_from("one two three four five six seven and or with for".split()), min_size=1, max_size=60))
def test_no_piece_ends_within_a_word(words: list[str]):
    text = " ".join(words) + "."
    assert " ".join(piece.text for piece in pieces_of(text)).rstrip(".").split() == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("That is 3.50 U.S. dollars. Yes.", ["That is 3.50 U.S. dollars.", "Yes."]),
        ("Ask Dr. Smith. He knows.", ["Ask Doctor Smith.", "He knows."]),
        ("Sure! Here you go.", ["Sure!", "Here you go."]),
    ],
)
def test_numbers_and_abbreviations_do_not_end_a_sentence(text: str, expected: list[str]):
    assert spoken(text) == expected


def test_a_list_is_spoken_item_by_item_without_its_marks():
    assert spoken("Buy:\n- milk\n- eggs\n1. one more\n") == ["Buy:", "milk", "eggs", "1, one more"]


def test_code_is_not_spoken_but_stays_in_the_sources():
    text = "Try this:\n```python\nprint(1)\n```\nDone."
    assert spoken(text) == ["Try this:", "Done."]


def test_the_first_piece_is_short_so_that_the_voice_starts_early():
    first = spoken("The capital of France which you asked about a moment ago is of course the city of Paris.")[0]
    assert len(first.split()) <= 9


@given(TEXTS, st.integers(0, 500))
def test_what_was_heard_is_a_prefix_of_the_source(text: str, chars: int):
    for piece in pieces_of(text):
        assert piece.source.startswith(heard_source(piece, chars))


@given(TEXTS)
def test_a_piece_that_was_heard_whole_is_its_whole_source(text: str):
    for piece in pieces_of(text):
        if piece.text:
            assert heard_source(piece, len(piece.text)) == piece.source


def test_half_heard_pieces_lead_back_to_the_models_own_words():
    piece = Piece(text="that is 3 dollars and 50 cents a day", source="that is $3.50 a day")
    assert heard_source(piece, len("that is")) == "that is"
    assert heard_source(piece, len("that is 3 dollars and 50 cents a")) == "that is $3.50 a"
    assert heard_source(piece, 0) == ""
