"""What kind of utterance a transcript is, judged by its words alone."""

import re
from enum import Enum

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class Kind(Enum):
    """How the machine takes an utterance."""

    EMPTY = "no words"
    BACKCHANNEL = "only a sign of listening"
    SILENCE_ASKED = "a wish for silence"
    TURN = "something to answer"


def _phrases(text: str) -> frozenset[str]:
    """The phrases between the bars."""
    return frozenset(" ".join(phrase.split()) for phrase in text.split("|"))


_BACKCHANNELS = _phrases(
    """mhm|mm|mmm|hm|hmm|mm hm|mm hmm|mhmm|uh huh|uhuh|aha|ah|oh|yeah|yep|yup|yes|ok|okay|right|sure|i see|got it|cool|
    nice|great|wow|really|uh|um|huh|good|all right|alright|true|exactly|yeah yeah|okay okay|yes yes|ha|haha"""
)

_SILENCE = _phrases(
    """stop|stop it|stop talking|stop please|please stop|be quiet|quiet|quiet please|be silent|silence|shut up|hush|shh|
    that's enough|thats enough|enough|okay stop|ok stop|stop stop|stop stop stop|no stop|stop speaking|
    be quiet please|please be quiet|stop now|okay that's enough"""
)

_WANTS_MORE = frozenset(
    """a an the my your his her its our their this these some any every to for from of in on at by with into about than
    and or but because if when while that which who whose so then is are was were am be can could would should will may
    might must do does did has have had not no very more most um uh er like as i we they he she it's what's where's
    between under over after before during until since per plus minus times""".split()
)
_FINISHED = frozenset({"what is it", "who is it", "what time is it", "where am i", "who are you", "how are you"})


def words(text: str) -> list[str]:
    """The words of `text`, case-folded, without punctuation."""
    return [found.group().casefold().replace("’", "'") for found in WORD.finditer(text)]


def normalized(text: str) -> str:
    """`text` for comparing what was said: its words alone."""
    return " ".join(words(text))


def classify(text: str) -> Kind:
    """The kind of a final transcript."""
    said = normalized(text)
    if not said:
        return Kind.EMPTY
    if said in _SILENCE:
        return Kind.SILENCE_ASKED
    return Kind.BACKCHANNEL if said in _BACKCHANNELS else Kind.TURN


def trailing_incomplete(text: str) -> bool:
    """Whether the transcript ends in a word that wants more, such as "the" or "and"."""
    said = words(text)
    if not said or " ".join(said) in _FINISHED:
        return False
    if text.rstrip().endswith((",", "-", "…", "...")):
        return True
    if text.rstrip().endswith("?"):
        return False
    return said[-1] in _WANTS_MORE
