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

MOST_BACKCHANNEL_WORDS = 3

_POLITE = _phrases("please|now|oh|hey|um|uh|just|thanks|thank you")
"""What may stand around what is meant and changes nothing."""

_AROUND_SILENCE = _POLITE | _phrases("okay|ok|can you|could you|would you|will you")

_SILENCE = _phrases(
    """stop|stop it|stop that|stop talking|stop speaking|stop reading|be quiet|quiet|be silent|silence|shut up|hush|shh|
    that's enough|thats enough|enough|stop stop|stop stop stop|no stop"""
)

_YES = _phrases(
    """yes|yeah|yep|yup|yes please|yes do|yes do it|yes you may|yes go ahead|sure|sure do it|of course|ok|okay|
    okay do it|do it|please do|please|go ahead|right|all right|alright|yes of course|yes sure|absolutely|
    definitely|certainly|confirm|confirmed|i agree|that's right|correct"""
)

_NO = _phrases(
    """no|nope|nah|no thanks|no thank you|no don't|don't|don't do it|don't do that|do not|do not do it|do not do that|
    please don't|no please don't|never mind|nevermind|cancel|cancel it|cancel that|no cancel|no cancel it|rather not|
    better not|not now|no not now|forget it|stop|no stop|leave it|no leave it|no way|certainly not|of course not"""
)

_MOST_CONSENT_WORDS = 8
_MOST_PHRASE_WORDS = 4

_GO_ON = _phrases(
    """go on|go on please|please go on|continue|continue please|please continue|carry on|carry on please|keep going|
    keep talking|go ahead|please go ahead|okay go on|ok go on|yes go on|okay continue|yes continue|resume|
    sorry go on|sorry continue|you were saying|what were you saying|and then|then what|finish|finish please|
    tell me the rest|the rest please|say the rest|finish what you were saying|continue what you were saying|
    go on with the story|continue the story|go on then|now go on|you can go on|you can continue|continue reading"""
)

_WANTS_MORE = frozenset(
    """a an the my your our their every to for from of at with into about than and or but because if while whose as
    um uh er like i we they he she it's what's where's who's per plus minus times""".split()
)
"""Words that hardly ever end a sentence. Others that may go on ("is", "that", "on") are left to the turn detector,
which hears how they were said.
"""

_THINKING = tuple(phrase.split() for phrase in _phrases("hm|hmm|mm|let me think|let me see|let's see|i mean|you know"))
"""What people say to keep the floor while they look for the next words."""


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
    if _without(said.split(), _AROUND_SILENCE) in _SILENCE:
        return Kind.SILENCE_ASKED
    several = said.split()
    if said in _BACKCHANNELS or (len(several) <= MOST_BACKCHANNEL_WORDS and _BACKCHANNELS.issuperset(several)):
        return Kind.BACKCHANNEL
    return Kind.TURN


def wants_to_hear_on(text: str) -> bool:
    """Whether the user only asks for the rest of what was cut off."""
    return normalized(text) in _GO_ON


def consent(text: str) -> bool | None:
    """Whether the user agrees or declines; None if that is not all they say."""
    said = normalized(text)
    if said in _YES or said in _NO:
        return said in _YES
    several = said.split()
    if len(several) > _MOST_CONSENT_WORDS or _made_of(several, _POLITE):
        return None
    yes, no = (_made_of(several, phrases | _POLITE) for phrases in (_YES, _NO))
    return yes if yes != no else None


def _without(said: list[str], around: frozenset[str]) -> str:
    """The words without the phrases `around` them."""
    first, end = 0, len(said)
    while length := next((n for n in (2, 1) if " ".join(said[first:end][:n]) in around), 0):
        first += length
    while length := next((n for n in (2, 1) if " ".join(said[first:end][-n:]) in around), 0):
        end -= length
    return " ".join(said[first:end])


def _made_of(said: list[str], phrases: frozenset[str]) -> bool:
    """Whether the words are nothing but some of the phrases in a row."""
    lengths = range(1, min(len(said), _MOST_PHRASE_WORDS) + 1)
    return not said or any(
        " ".join(said[:length]) in phrases and _made_of(said[length:], phrases) for length in lengths
    )


def may_be_a_turn(text: str) -> bool:
    """Whether the transcript may be all that a user says, and be answered."""
    return classify(text) in (Kind.TURN, Kind.BACKCHANNEL) and not trailing_incomplete(text)


def _thinks_on(said: list[str]) -> bool:
    """Whether something was said, and then only to keep the floor."""
    return any(len(said) > len(phrase) and said[-len(phrase) :] == phrase for phrase in _THINKING)


def trailing_incomplete(text: str) -> bool:
    """Whether the transcript ends in a word that wants more, such as "the" or "and", or in thinking aloud.

    A comma says little: a recognizer that was asked at a pause writes one after many a sentence that is whole.
    """
    said = words(text)
    if not said:
        return False
    if text.rstrip().endswith(("-", "…", "...")) or _thinks_on(said):
        return True
    if text.rstrip().endswith("?"):
        return False
    return said[-1] in _WANTS_MORE


_REPEATED = frozenset("twice thrice again another both couple pair repeatedly".split())


def wants_repetition(text: str) -> bool:
    """Whether the same may be wanted more than once: "flip a coin twice"."""
    return not _REPEATED.isdisjoint(words(text))
