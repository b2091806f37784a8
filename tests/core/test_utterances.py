"""Transcripts are judged by their words."""

import pytest

from device.core.utterances import Kind, classify, normalized, trailing_incomplete


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", Kind.EMPTY),
        (" . ", Kind.EMPTY),
        ("Mhm.", Kind.BACKCHANNEL),
        ("Yeah, yeah.", Kind.BACKCHANNEL),
        ("Uh-huh", Kind.BACKCHANNEL),
        ("Stop!", Kind.SILENCE_ASKED),
        ("Please stop.", Kind.SILENCE_ASKED),
        ("Stop the timer.", Kind.TURN),
        ("Go on.", Kind.TURN),
        ("Yes please do that.", Kind.TURN),
        ("What time is it?", Kind.TURN),
    ],
)
def test_the_kind_of_an_utterance(text: str, kind: Kind):
    assert classify(text) is kind


@pytest.mark.parametrize(
    "text",
    ["Set a timer for", "I want the", "and", "Tell me about cats and,", "How far is it? Let me think.", "Tea, I mean."],
)
def test_a_trailing_word_that_wants_more_is_incomplete(text: str):
    assert trailing_incomplete(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What time is it?",
        "Set a timer for ten minutes.",
        "What is it",
        "Never mind that.",
        "Turn it on.",
        "I mean it.",
        "Let me think.",
        "Turn on the attic light,",
    ],
)
def test_a_finished_sentence_is_not(text: str):
    assert not trailing_incomplete(text)


def test_normalizing_leaves_the_words_alone():
    assert normalized("What’s SIX times-seven?") == "what's six times seven"
