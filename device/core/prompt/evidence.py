"""For which tool the words of an utterance speak, and whether they speak for a tool at all.

A small language model knows what a sentence means and is easily led by the form of what came before; words are the
other way round. So the words' evidence is weighed in (`device.core.prompt.choice`), it never decides alone.

The rule it owns: the evidence comes from the tools' own schemas and the thesaurus, so a tool that nobody has seen
before is found like any other. A word counts the more, the fewer of the tools share it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log, sqrt

from device.core.prompt.messages import ToolSpec
from device.core.prompt.stems import stem, stems_of, words_of
from device.core.prompt.topics import TALK, TOPICS

_IN_NAME, _IN_TEXT, _IN_PARAMETER, _IN_DESCRIPTION = 1.0, 0.8, 0.7, 0.3
"""What a word counts that stands in the tool's name, its description, a parameter's name, its description."""
GENERIC = frozenset(
    """take make get set find show read send start stop turn put write create check run use keep add move change control
    give enable disable log record""".split()
)
_GENERIC_STEMS = frozenset(map(stem, GENERIC))
UNIT_STEMS = frozenset(map(stem, "second minute hour day week percent degree celsius fahrenheit number amount".split()))
_LIGHT_STEMS = _GENERIC_STEMS | UNIT_STEMS
"""These support other evidence and are none by themselves: a timer is not set by what sets a temperature."""
_FOR_GENERIC = 0.5
"""Verbs that so many tools are named with say half as much as other words."""
_FOR_UNIT = 0.2
"""A unit in an argument's name says little: there are durations and percentages of everything."""
_MOOD = 0.5
_MOST = 2.0
"""More evidence for one tool than this changes nothing any more."""

_ASKING = re.compile(
    r"(?:what|which|who|when|where|how|is|are|do|does|did|was|were|have|has|will|would|should|any|read|show|"
    r"list)\b"
    r"|check (?!off\b|out\b|in\b)|(?:tell|show|read) (?:me|us)\b|give (?:me|us) (?:the|my|our|all)\b"
)
_REQUESTING = re.compile(r"(?:can|could|would|will) you\b|(?:can|could|may|shall) (?:i|we)\b")
_REFUSED = re.compile(
    r"(?:(?<=[.,;!?] )|^|(?<=\bno )|(?<=\bplease )|(?<=\bbut )|(?<=\band )|(?<=\bactually ))"
    r"(?:don't|do not|dont|never) (?!forget\b|let me forget\b|worry\b|mind\b|you\b|i\b|we\b|need\b|want\b|have\b).+?"
    r"(?=$|[.,;!?]| but | instead\b| just )",
    re.IGNORECASE,
)
_REMARKING = re.compile(
    r"(?:the|a|an|this|that|my|our|his|her|their|he|she|they|we|it|there|it's|that's|i'm|i've|"
    r"i (?!need\b|want\b|would\b|have to\b))\b"
)
_LEADING = re.compile(
    r"^(?:(?:please|(?:hey|hi|hello)(?: there)?|okay|ok|alright|all right|right|so|and|then|well|oh|um|uh|yes|no|wait|"
    r"sorry|actually|thanks|thank you|excuse me|good (?:morning|afternoon|evening|night)|i wonder|let me know|"
    r"i(?:'d like| want| would like) to know) )+"
)
"""What comes before a question or a command and says nothing of what is wanted."""
_GREETING = re.compile(
    r"^\W*(?:(?:hey|hi|hello|oh|okay|ok|well)\W+)*good (?:morning|afternoon|evening|night)\b(?=\W+\w)", re.IGNORECASE
)
"""An alarm is not spoken of because it is morning."""
_ADDRESSING = re.compile(
    r"\b(?:tell|give|show|read) (?:me|us)\b|\byou (?:just )?(?:say|said|tell|told)\b", re.IGNORECASE
)
"""What is said to the agent itself is no message to send."""
_ADVERB = re.compile(r" (?:really|just|also|always|still|so|never)(?= )")
_READING = frozenset(
    """get list read show find check look lookup tell search query fetch count track describe report is what when
    calculate compute convert translate""".split()
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What its tools are called (words: training is no train), and what is said by those who want one: stems, and
    phrases between blanks.
    """

    anchors: frozenset[str]
    stems: frozenset[str]
    phrases: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A tool as words: each stem with what it counts, the light ones, its topics, whether it only tells something."""

    stems: Mapping[str, float]
    light: frozenset[str]
    topics: frozenset[Topic]
    reads: bool


class Evidence:
    """The words that speak for each of some tools."""

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self._tools = [_known(tool) for tool in tools]
        self._mentioned = {word for tool in tools for word in stems_of(f"{tool.name} {tool.description}")}
        self._stem_counts = Counter(word for tool in self._tools for word in tool.stems)
        self._topic_counts = Counter(topic for tool in self._tools for topic in tool.topics)

    def for_tools(self, utterance: str) -> list[float]:
        """For each tool, how much the words speak for it, from 0 to 2."""
        asking = _mood(_begun(utterance))
        utterance = _GREETING.sub("", utterance)
        said = _phrase(_ADDRESSING.sub("", utterance))
        stems, all_stems = stems_of(utterance), {stem(word) for word in said.split()}
        found = []
        for tool in self._tools:
            shares = {
                word: tool.stems[word] * self._rarity(self._stem_counts[word]) for word in stems & set(tool.stems)
            }
            light = sum(share for word, share in shares.items() if word in tool.light)
            score = sum(shares.values()) - light
            score += max((self._of_topic(topic, tool, said, all_stems) for topic in tool.topics), default=0.0)
            score += min(light, score)
            score += _MOOD * min(score, 1.0) * (asking if tool.reads else -asking)
            found.append(min(max(score, 0.0), _MOST))
        return found

    def _of_topic(self, topic: Topic, tool: "_Known", said: str, stems: set[str]) -> float:
        hits = len((topic.stems & stems) - set(tool.stems)) + sum(one in said for one in topic.phrases)
        return self._rarity(self._topic_counts[topic]) * sqrt(min(hits, 2))

    @staticmethod
    def without_refusals(utterance: str) -> str:
        """`utterance` without what it asks not to do."""
        return _REFUSED.sub("", utterance)

    @staticmethod
    def is_request(part: str) -> bool:
        """Whether a part of an utterance asks a question or gives a command, rather than remarking something."""
        return not _REMARKING.match(_begun(part))

    def for_talk(self, utterance: str) -> int:
        """How many signs of mere talk there are, two at most."""
        said = _ADVERB.sub("", _phrase(utterance))
        signs = sum(one in said and not stems_of(one) & self._mentioned for one in _talk())
        return min(signs, 2)

    def _rarity(self, count: int) -> float:
        """From 1 for what one tool has down to almost 0 for what all have."""
        number = len(self._tools)
        return log((number + 1) / count) / log(number + 1)


def _known(tool: ToolSpec) -> _Known:
    weights: dict[str, float] = {}
    for text, weight in _texts(tool):
        for word in stems_of(text):
            counted = weight * (_FOR_GENERIC if word in _GENERIC_STEMS and weight != _IN_PARAMETER else 1.0)
            if word in UNIT_STEMS and weight < _IN_TEXT:
                counted *= _FOR_UNIT
            weights[word] = max(weights.get(word, 0.0), counted)
    head = {word for text in (tool.name, tool.description) for word in _things(words_of(text))}
    topics = frozenset(topic for topic in _topics() if any(one in head or f"{one}s" in head for one in topic.anchors))
    first_words = {words[0] for text in (tool.name, tool.description) if (words := words_of(text))}
    return _Known(
        stems=weights,
        light=frozenset((_LIGHT_STEMS | _reading_verb(tool)) - _of_choices(tool)),
        topics=topics,
        reads=bool(first_words & _READING),
    )


def _things(words: Sequence[str]) -> Sequence[str]:
    """The words without the verb "list" that they begin with: what is listed is no list."""
    return words[1:] if len(words) > 1 and words[0] == "list" else words


def _reading_verb(tool: ToolSpec) -> set[str]:
    """The verb that a name of several words begins with, if it only tells something: what is listed is no list."""
    words = words_of(tool.name)
    return {stem(words[0])} if len(words) > 1 and words[0] in _READING else set()


def _of_choices(tool: ToolSpec) -> set[str]:
    """The stems of what its arguments may be one of; among them a verb like "run" names a thing."""
    schemas = [schema for schema in tool.parameters.get("properties", {}).values() if isinstance(schema, Mapping)]
    return stems_of(" ".join(str(value) for schema in schemas for value in schema.get("enum", ())))


def _texts(tool: ToolSpec) -> Iterator[tuple[str, float]]:
    yield tool.name, _IN_NAME
    yield tool.description, _IN_TEXT
    for name, schema in tool.parameters.get("properties", {}).items():
        yield name, _IN_PARAMETER
        if isinstance(schema, Mapping):
            yield str(schema.get("description", "")), _IN_DESCRIPTION
            for value in schema.get("enum", ()):
                yield str(value), _IN_PARAMETER


def _mood(said: str) -> int:
    """1 for a question, -1 for a command, 0 for a command in the words of a question."""
    if _REQUESTING.match(said):
        return 0
    return 1 if _ASKING.match(said) else -1


def _begun(text: str) -> str:
    """The words from where a question or a command begins."""
    return _LEADING.sub("", _phrase(text).strip())


def _phrase(text: str) -> str:
    """The words with a blank before, between and behind them, so that whole words can be found in it."""
    return f" {' '.join(words_of(text))} "


@cache
def _topics() -> tuple[Topic, ...]:
    cues: dict[frozenset[str], set[str]] = {}
    for line in TOPICS.strip().splitlines():
        anchors, said = line.split("|")
        cues.setdefault(frozenset(anchors.split()), set()).update(one.strip() for one in said.split(","))
    return tuple(
        Topic(
            anchors,
            frozenset(stem(cue) for cue in said if " " not in cue),
            frozenset(_phrase(cue) for cue in said if " " in cue),
        )
        for anchors, said in cues.items()
    )


@cache
def _talk() -> tuple[str, ...]:
    return tuple(_phrase(sign) for sign in TALK.split(","))
