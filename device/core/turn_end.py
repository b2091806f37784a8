"""Whether the speaker has finished, weighed from all the signs of a pause; pure.

Log-odds add up: those that the language model gives to a sentence's end after the last word, without the recognizer's
punctuation, which sees an end nearly everywhere but where it sees a comma; those of the turn detector, which hears how
it was said; and how much has been said, since hardly anybody stops after two words. Without the language model's
share the others get weights of their own.

The weights were chosen by hand near those that a logistic regression on made utterances gave (scripts/tuning/turn-end
fits one): the language model's is lower, since what could be a sentence is often followed by another clause, and that
of the words, since what is said to a device is shorter than what was made to fit them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from device.core.endpointing import log_odds
from device.core.utterances import Kind, classify, consent, trailing_incomplete, words

MOST_WORDS = 10
"""More of them say no more."""

WORDS_OF_A_REPLY = 5
"""So many words is a yes or a no worth, which is whole though it is short."""

SUREST = 5.0
"""Neither model is believed further than this many log-odds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known of a pause; None for what is not, or not yet.

    `text` are the words before it, `sound` is what the turn detector makes of how they were said (a probability),
    `likely_end` how likely, as a logarithm, the language model finds it that a sentence ends with the last word.
    """

    text: str | None = None
    sound: float | None = None
    likely_end: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each sign adds to the log-odds of an end, `none` without any."""

    none: float
    likely_end: float = 0.0
    sound: float
    question: float
    comma: float
    words: float


def features(signs: Signs) -> dict[str, float]:
    """The signs as numbers, by the names of their weights."""
    text = (signs.text or "").rstrip()
    said = min(len(words(text)), MOST_WORDS) if consent(text) is None else WORDS_OF_A_REPLY
    return {
        "none": 1.0,
        "likely_end": _believed(math.exp(min(signs.likely_end, 0.0))) if signs.likely_end is not None else 0.0,
        "sound": _believed(signs.sound if signs.sound is not None else 0.5),
        "question": float(text.endswith("?")),
        "comma": float(text.endswith(",")),
        "words": math.log1p(said),
    }


def _believed(probability: float) -> float:
    return min(max(log_odds(probability), -SUREST), SUREST)


WITH_MODEL = Weights(none=-5.24, likely_end=0.2, sound=0.11, question=-0.2, comma=-0.5, words=3.0)
WITHOUT = Weights(none=-5.04, sound=0.11, question=-0.2, comma=-0.5, words=3.0)


def completeness(signs: Signs) -> float:
    """The probability that the speaker has finished: 0 after a word that wants more, 1 after a wish for silence.

    Where there is nothing to answer, a cough or "mhm", it is what the turn detector hears.
    """
    text = signs.text or ""
    if trailing_incomplete(text):
        return 0.0
    kind = classify(text)
    if kind is Kind.SILENCE_ASKED:
        return 1.0
    if kind is Kind.EMPTY or (kind is Kind.BACKCHANNEL and consent(text) is None):
        return signs.sound or 0.0
    weights = WITHOUT if signs.likely_end is None else WITH_MODEL
    odds = sum(getattr(weights, name) * value for name, value in features(signs).items())
    return 1.0 / (1.0 + math.exp(-odds))


def silence_alone(signs: Signs) -> float:
    """The plain rule: every pause that lasts long enough is an end, but after a comma or a word that wants more."""
    text = (signs.text or "").rstrip()
    return 0.0 if text.endswith(",") or trailing_incomplete(text) else 1.0


def judge_of(turn_model: str) -> Callable[[Signs], float]:
    """The rule for the configuration's turn model."""
    return silence_alone if turn_model == "silence" else completeness
