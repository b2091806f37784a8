"""The choice between speech and a call, and between the tools: what the words of an utterance add to the model's own.

Log-odds add up. The model's are those of opening its reply with a call, of each tool's name once it has, of a further
call after one; the words' come from `device.core.prompt.evidence`. Nothing more is computed by the model for it and the
prompt stays as it is, so it costs no time and no cache.

The rule it owns: what was asked for in one breath ("lock the door and make some coffee") is a row of wishes, each with
evidence of its own; a wish is met when its tool was called or when its words went into a call's arguments. One that is
for several things ("the weather in Rome and Oslo") is met when each of them is in a call.

The weights were set on the working lists of requests, most of which have tools that no example knows
(tests/data/requests): work.json, strange.json and mixed.json, whose schemas are written in many styles.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from device.core.numbers import in_digits
from device.core.prompt.clauses import PARTS, clauses, goes_on, verb_of, verbs_of
from device.core.prompt.evidence import UNIT_STEMS, Evidence
from device.core.prompt.messages import ToolSpec
from device.core.prompt.stems import stems_of, words_of
from device.core.prompt.things import Thing, Things, folded, values_in, without_another

_FOR_CALL = 5.0
_FOR_REQUEST, _FOR_REMARK = 0.7, -1.0
"""For a call where something is asked or commanded, and where something is only remarked."""
_FOR_NAME = 6.0
_FOR_TALK = 3.0
_FOR_MORE = 12.0
_AGAINST_MORE = 4.0
"""Against a call more where every wish is met, or there was but one."""
_FOR_REFUSAL = 12.0
"""For talk where something is only asked not to be done."""
_FOR_SAID = 5.0
_FOR_SAID_IN_NOTATION = 3.0
"""For the user's words in an argument whose schema asks for other ones: a code, digits and signs, "louder"."""
_CLEAR_EVIDENCE = 0.7
"""As much speaks for a tool in a part of a sentence that is a wish of its own."""
_SOME_EVIDENCE = 0.1
"""As much is enough where all that was said is one clause."""
_MET = 0.6
"""So much of a wish's words in the arguments of a call, and it was part of that call's wish."""

_FOR_GIVEN = 2
"""A word that went into a call's arguments tells whose clause it is better than one of the tool's own."""
_BACK = frozenset("it them".split())

_NOTATION = re.compile(r"[\"'()%]|\b(?:ISO|codes?|format|digits|percentage|identifier|id|url)\b")
_WORD_START = re.compile(r"(?<=[^\w'])(?=\w)")

_NAMED = '{"name": '
_CLOSING = re.compile(r"(?:[},\s]|</?tool_call>)*$")

Weights = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A part of what was said, its words' stems, what they add to each tool's name, and the things it is for."""

    stems: frozenset[str]
    names: Weights
    things: tuple[Thing, ...]

    @property
    def best(self) -> str:
        """The tool that they speak for."""
        return max(self.names, key=lambda pair: pair[1])[0]

    def is_met_by(self, written: str, *, alone: bool) -> bool:
        """Whether the calls in `written` see to it; all of them are for it if it is `alone`."""
        calls = _calls(written, "" if alone else self.best)
        if not calls:
            return len(self.stems & stems_of(written)) >= _MET * len(self.stems)
        values = values_in(" ".join(calls))
        certain = [thing for at, thing in enumerate(self.things) if thing.certain or not at]
        return len(calls) >= len(certain) or not any(one.certain and one.is_left_by(values) for one in certain)

    def may_want_more(self, written: str) -> bool:
        """Whether there is something that may be a thing of its own and is in none of the calls in `written`."""
        values = values_in(" ".join(_calls(written)))
        return any(thing.is_left_by(values) for thing in self.things[1:] if not thing.certain)

    def said_after(self, written: str) -> str:
        """The words of the first of its things that is not in the calls in `written`; all of them if all are."""
        values = values_in(" ".join(_calls(written, self.best)))
        left = (thing.said for thing in self.things if thing.is_left_by(values))
        return next(left, " ".join(dict.fromkeys(thing.said for thing in self.things)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaning:
    """What is added to the model's log-odds while a reply is `written`.

    `opening` is for a call as the beginning; `names` for the tools' names; with several `wishes` each has its own.
    `said` is what a text among the arguments is likelier a passage of than anything else; those that must be one of a
    few are in `choices`, by tool and argument, and `notations` are those that are written in a way of their own.
    """

    opening: float = 0.0
    names: Weights = ()
    wishes: tuple[Wish, ...] = ()
    when_met: float = 0.0
    said: str = ""
    for_said: float = _FOR_SAID
    notations: frozenset[tuple[str, str]] = frozenset()
    choices: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)

    def names_after(self, written: str) -> Weights:
        """For the name of the call that follows `written`: those of the first wish that is not met."""
        wish = self._next(written)
        return self.names if wish is None else wish.names

    def more_after(self, written: str) -> float:
        """For a further call after the calls in `written`: for it while a wish is not met, against it afterwards.

        When the model can only say the same again, it has met what it understood.
        """
        if _says_again(written):
            return -_FOR_MORE
        if self._next(written) is not None:
            return _FOR_MORE
        return 0.0 if any(wish.may_want_more(written) for wish in self.wishes) else self.when_met

    def for_said_in(self, tool: str, argument: str) -> float:
        """For the user's own words in an argument of a tool."""
        return min(self.for_said, _FOR_SAID_IN_NOTATION) if (tool, argument) in self.notations else self.for_said

    def said_to(self, tool: str, written: str) -> str:
        """What the arguments of a call of `tool` after those in `written` are made of: its own wish, or all."""
        return next((wish.said_after(written) for wish in self.wishes if wish.best == tool), self.said)

    def _next(self, written: str) -> Wish | None:
        alone = len(self.wishes) == 1
        return next((wish for wish in self.wishes if not wish.is_met_by(written, alone=alone)), None)


def _calls(written: str, tool: str = "") -> list[str]:
    """The arguments of the calls in `written`, as far as they are there; of all tools or of one."""
    named = [call.partition(": ") for call in written.split(_NAMED)[1:]]
    return [arguments for name, _, arguments in named if not tool or name.startswith(f'"{tool}"')]


def _says_again(written: str) -> bool:
    """Whether the last call in `written`, closed or not yet, is one of those before it."""
    *earlier, last = [_CLOSING.sub("", call) for call in written.split(_NAMED)[1:]] or [""]
    return last in earlier


def passage(value: str, said: str) -> str:
    """The longest end of `value`, from a word's beginning on, that is said or the beginning of what is said."""
    starts = [0, *(found.start() for found in _WORD_START.finditer(value))]
    return next((value[start:] for start in starts if is_begun(value[start:], said)), "")


def is_begun(words: str, said: str) -> bool:
    """Whether a passage of what was said begins with `words`, the last of which may be a part of one."""
    return f" {words.casefold()}" in f" {said}"


class Choice:
    """Weighs utterances for some tools."""

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self._names = tuple(tool.name for tool in tools)
        self._evidence = Evidence(tools)
        self._verbs = verbs_of(tools)
        self._things = Things(tools, self._verbs)
        self._choices = {
            (tool.name, name): tuple(value for value in schema["enum"] if isinstance(value, str))
            for tool in tools
            for name, schema in tool.parameters.get("properties", {}).items()
            if isinstance(schema, Mapping) and isinstance(schema.get("enum"), (list, tuple))
        }

        self._notations = frozenset(
            (tool.name, name)
            for tool in tools
            for name, schema in tool.parameters.get("properties", {}).items()
            if isinstance(schema, Mapping)
            and ({"format", "pattern"} & schema.keys() or _NOTATION.search(str(schema.get("description", ""))))
        )

    def leaning(self, utterance: str) -> Leaning:
        """How the choice leans after `utterance`; about a millisecond."""
        if not self._names:
            return Leaning()
        wanted = self._evidence.without_refusals(utterance)
        found = self._evidence.for_tools(wanted)
        wishes = self._wishes(wanted)
        refused = wanted != utterance and max(found) < _CLEAR_EVIDENCE
        against = _FOR_REFUSAL if refused else _FOR_TALK * self._evidence.for_talk(utterance)
        form = _FOR_REQUEST if self._evidence.is_request(utterance) else _FOR_REMARK
        return Leaning(
            opening=_FOR_CALL * max(found) + form - against,
            names=self._weights(found),
            wishes=wishes,
            when_met=-_AGAINST_MORE if wishes or not PARTS.search(wanted.strip()) else 0.0,
            said=folded(utterance),
            choices=self._choices,
            notations=self._notations,
        )

    def own_words(self, utterance: str, tool: ToolSpec, arguments: Mapping[str, Any]) -> tuple[str, str]:
        """What of `utterance` may be about a call: all of it without the clauses that wish for something else, and
        that without the other things that its own clause wishes for.
        """
        parts = clauses(utterance, self._verbs)
        given, called = _sense(" ".join(map(str, arguments.values()))), _sense(f"{tool.name} {tool.description}")
        own = _only_best([_FOR_GIVEN * len(_sense(part) & given) + len(_sense(part) & called) for part in parts])
        if own is None:
            return utterance, utterance  # nobody knows whose clause it is
        kept = [part for at, part in enumerate(parts) if at == own or not self._is_another_wish(part)]
        things = [one.said for one in self._things.stretches(parts[own], tool.name)]
        common = {word for at, one in enumerate(things) for word in _sense(one) & _sense(" ".join(things[:at]))}
        for_one = [one for one in things if (_sense(one) - common - UNIT_STEMS) & given]
        own_thing = without_another(for_one[0]) if len(for_one) == 1 else parts[own]
        return ", ".join(kept), ", ".join(own_thing if part is parts[own] else part for part in kept)

    def _is_another_wish(self, part: str) -> bool:
        """Whether a clause asks for something of its own, not for more of what was asked: "and make it loud"."""
        return self._evidence.is_request(part) and _BACK.isdisjoint(words_of(part))

    def _weights(self, found: Sequence[float]) -> Weights:
        return tuple((name, _FOR_NAME * score) for name, score in zip(self._names, found, strict=True))

    def _wishes(self, utterance: str) -> tuple[Wish, ...]:
        """The wishes of an utterance with several, or with one for several things; each tool has one."""
        wishes: dict[str, Wish] = {}
        latest, verb = "", ""
        parts = list(filter(self._evidence.is_request, clauses(utterance, self._verbs)))
        needed = _CLEAR_EVIDENCE if sum(not goes_on(part) for part in parts) > 1 else _SOME_EVIDENCE
        for part in parts:
            found = self._evidence.for_tools(part)
            if max(found) >= needed:
                latest, verb = self._names[found.index(max(found))], verb_of(part)
            elif not latest or not (verb_of(part) == verb or goes_on(part)):
                continue
            before = wishes.get(latest)
            if stems := stems_of(part) | (before.stems if before else set()):
                wishes[latest] = Wish(
                    stems=frozenset(stems),
                    names=before.names if before else self._weights(found),
                    things=self._things.wished_for(part, latest, before.things if before else ()),
                )
        several = len(wishes) > 1 or any(len(wish.things) > 1 for wish in wishes.values())
        return tuple(wishes.values()) if several else ()


def _only_best(scores: Sequence[int]) -> int | None:
    """The index of the highest score, if there is but one."""
    return None if scores.count(max(scores)) > 1 else scores.index(max(scores))


def _sense(text: str) -> set[str]:
    """The stems and the numbers."""
    return stems_of(text) | {word for word in words_of(in_digits(text)) if word.isdecimal()}
