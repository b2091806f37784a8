"""Transcripts are judged by their words."""

import pytest

from device.core.utterances import Kind, classify, consent, normalized, trailing_incomplete


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


@pytest.mark.parametrize(
    "text",
    """Ok, stop talking.|Stop that.|Oh, stop it.|Hey, stop!|Can you stop?|Okay, stop now.|Shut up, please.|
    That's enough, thanks.|Would you please be quiet now?|Please stop reading.|No, stop!""".split("|"),
)
def test_silence_is_asked_for_politely_too(text: str):
    assert classify(text) is Kind.SILENCE_ASKED


@pytest.mark.parametrize(
    "text", ["Stop the timer.", "Stop the music, please.", "No, wait.", "Can you", "Hey, now please", "please " * 2000]
)
def test_what_asks_for_something_else_is_no_wish_for_silence(text: str):
    assert classify(text) is Kind.TURN


@pytest.mark.parametrize(
    ("text", "agreed"),
    [
        ("Yeah, sure.", True),
        ("Um, yes.", True),
        ("Yes, okay.", True),
        ("Sure, go ahead.", True),
        ("Oh yes, do it now, please.", True),
        ("Please.", True),
        ("No, don't do that.", False),
        ("No thanks, not now.", False),
        ("Oh no, please don't.", False),
        ("Yes but not the red one.", None),
        ("No, wait.", None),
        ("Yes, no.", None),
        ("Now, please.", None),
        ("", None),
        ("yes " * 100, None),
    ],
)
def test_consent_is_all_of_one_kind(text: str, agreed: bool | None):
    assert consent(text) is agreed
