"""The suite: short dialogues that ask for several things at once, made by rule from a seed.

A workload is what a user says, when, which tool calls that takes, how long each runs, and the facts that must be heard
in the end. Every fact of a workload has a number of its own, so that it is known for certain whether it was told.
Calls that need another's result are its `then`: their argument is the number in that result.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from device.core.prompt.messages import ToolSpec

LONGEST_CALL_SECONDS = 5.0
"""Calls take from nothing to this long."""
PAUSE_SECONDS = (1.5, 4.0)
"""How long after a sentence the user says the next one, at least and at most; the agent may still be at work."""
NUMBERS = range(21, 100)
"""The facts' numbers; the factors of questions are below, so only a product can be one."""
FACTORS = range(3, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that the user is to hear. It was heard when all its `keys` were, in one reply."""

    text: str
    keys: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The fact as the agent says it."""
        return f"{self.text[:1].upper()}{self.text[1:]}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A tool call, how long it runs, what comes of it, and the call that needs that. A workload makes a call once.

    It has no argument, or the one called `parameter`.
    """

    tool: str
    seconds: float
    fact: Fact
    argument: int | str | None = None
    parameter: str = ""
    then: "Call | None" = None

    @property
    def arguments(self) -> dict[str, int | str]:
        """Its arguments by their names."""
        return {} if self.argument is None else {self.parameter: self.argument}

    def chain(self) -> "Iterator[Call]":
        """The call and all that follow from it, in order."""
        yield self
        if self.then is not None:
            yield from self.then.chain()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What the user says `at_seconds` after the beginning: a request for calls, or a question that needs none.

    One that `interrupts` is said into the reply that is under way then, or into the next.
    """

    text: str
    at_seconds: float
    interrupts: bool = False
    calls: tuple[Call, ...] = ()
    answer: Fact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One dialogue."""

    name: str
    sentences: tuple[Sentence, ...]

    def calls(self) -> tuple[Call, ...]:
        """All calls, those that follow from others included."""
        return tuple(call for sentence in self.sentences for first in sentence.calls for call in first.chain())

    def facts(self) -> tuple[Fact, ...]:
        """All that must be heard."""
        answers = tuple(sentence.answer for sentence in self.sentences if sentence.answer is not None)
        return (*(call.fact for call in self.calls()), *answers)


# --- what there is to ask ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """A tool: what the model is told of it, what its result says, and its argument, if it has one."""

    tool: str
    description: str
    told: str
    key: str
    argument: str = ""


def _subject(tool: str, description: str, told: str, *, argument: str = "") -> _Subject:
    return _Subject(tool=tool, description=description, told=told, key=tool, argument=argument)


_SINGLE = (
    ("how hot the boiler is", _subject("boiler", "Measure how hot the boiler is", "the boiler is at {n} degrees")),
    (
        "how far the parcel is",
        _subject("parcel", "Find out how far away the parcel is", "the parcel is {n} miles away"),
    ),
    ("where the train leaves", _subject("train", "Find the train's platform", "the train leaves from platform {n}")),
    ("how full the battery is", _subject("battery", "Read the battery", "the battery is {n} percent full")),
    ("what is in the mailbox", _subject("mailbox", "Look into the mailbox", "the mailbox holds {n} letters")),
    ("how deep the river is", _subject("river", "Measure the river", "the river is {n} feet deep")),
    ("what the eggs cost", _subject("eggs", "Look up the price of eggs", "the eggs cost {n} cents")),
    ("how cold the cellar is", _subject("cellar", "Measure how cold the cellar is", "the cellar is at {n} degrees")),
)
"""What the user may ask for by itself, in their words, and the tool for it."""

_CHAINS = {
    2: (
        "what the meter shows and what that costs",
        (
            _subject("meter", "Read the electricity meter", "the meter shows {n} units"),
            _subject(
                "tariff", "Look up what so many units cost", "by the tariff it costs {n} dollars", argument="units"
            ),
        ),
    ),
    3: (
        "where the key is, what its drawer holds and what is in the safe",
        (
            _subject("key", "Find out in which drawer the key is", "the key is in drawer {n}"),
            _subject("drawer", "Look into a drawer", "the drawer holds the code {n}", argument="number"),
            _subject("safe", "Open the safe with its code", "the safe holds {n} coins", argument="code"),
        ),
    ),
}
"""Chains by their length: each tool's argument is the number in the result of the one before."""


def tool_specs() -> tuple[ToolSpec, ...]:
    """The tools of all workloads, as the model is told of them."""
    subjects = [subject for _, subject in _SINGLE] + [s for _, chain in _CHAINS.values() for s in chain]
    return tuple(_spec(subject) for subject in subjects)


def _spec(subject: _Subject) -> ToolSpec:
    properties = {subject.argument: {"type": "integer"}} if subject.argument else {}
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return ToolSpec(name=subject.tool, description=subject.description, parameters=parameters)


# --- the suite ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One sentence of a shape: so many calls of their own and a chain of so many, or a question."""

    calls: int = 0
    chain: int = 0


_QUESTION = _Part()

_SHAPES: tuple[tuple[str, tuple[_Part, ...]], ...] = (
    ("one call", (_Part(calls=1),)),
    ("three calls", (_Part(calls=3),)),
    ("two calls, a question", (_Part(calls=2), _QUESTION)),
    ("two that depend", (_Part(chain=2),)),
    ("three calls, two more", (_Part(calls=3), _Part(calls=2))),
    ("one call, three that depend", (_Part(calls=1, chain=3),)),
    ("four calls, a question, one call, a question", (_Part(calls=4), _QUESTION, _Part(calls=1), _QUESTION)),
    ("three calls, a question, two calls, three that depend", (_Part(calls=3), _QUESTION, _Part(calls=2, chain=3))),
)
"""From one call to eight; the suite goes through them again and again."""

SHAPES = len(_SHAPES)


def suite(seed: int, count: int, *, scale: float = 1.0) -> tuple[Workload, ...]:
    """`count` workloads; `scale` shortens the calls and the user's pauses. The same seed makes the same suite."""
    chooser = random.Random(seed)  # noqa: S311 - a suite that can be repeated, not a secret
    return tuple(_Maker(chooser, scale).workload(number) for number in range(count))


def listed(several: Sequence[str]) -> str:
    """Things as they are said one after another."""
    return ", ".join(several[:-1]) + (" and " if several[:-1] else "") + several[-1]


def question(chooser: random.Random, used: set[int], at_seconds: float) -> Sentence:
    """A question that needs no call; its answer is none of the numbers that are `used`, and becomes one."""
    one, other, product = next(
        (one, other, one * other)
        for one, other in iter(lambda: (chooser.choice(FACTORS), chooser.choice(FACTORS)), None)
        if one * other not in used
    )
    used.add(product)
    answer = Fact(text=f"{one} times {other} is {product}", keys=(str(product),))
    return Sentence(text=f"And what is {one} times {other}?", at_seconds=at_seconds, answer=answer)


@dataclass
class _Maker:
    """Makes one workload."""

    chooser: random.Random
    scale: float
    used: set[int] = field(default_factory=set)

    def workload(self, number: int) -> Workload:
        name, parts = _SHAPES[number % len(_SHAPES)]
        subjects = list(_SINGLE)
        self.chooser.shuffle(subjects)
        sentences, at_seconds = [], 0.0
        for part in parts:
            own = [subjects.pop() for _ in range(part.calls)]
            sentences.append(self._sentence(part, own, round(at_seconds, 2)))
            at_seconds += self.chooser.uniform(*PAUSE_SECONDS) * self.scale
        return Workload(name=f"{number + 1}: {name}", sentences=tuple(sentences))

    def _sentence(self, part: _Part, own: Sequence[tuple[str, _Subject]], at_seconds: float) -> Sentence:
        if part == _QUESTION:
            return self._question(at_seconds)
        asked = [words for words, _ in own]
        calls = [self._call((subject,)) for _, subject in own]
        if part.chain:
            words, chain = _CHAINS[part.chain]
            asked.append(words)
            calls.append(self._call(chain))
        return Sentence(text=f"Please find out {listed(asked)}.", at_seconds=at_seconds, calls=tuple(calls))

    def _question(self, at_seconds: float) -> Sentence:
        return question(self.chooser, self.used, at_seconds)

    def _call(self, chain: Sequence[_Subject], argument: int | None = None) -> Call:
        subject = chain[0]
        number = self.chooser.choice([number for number in NUMBERS if number not in self.used])
        self.used.add(number)
        return Call(
            tool=subject.tool,
            argument=argument,
            parameter=subject.argument,
            seconds=round(self.chooser.uniform(0.0, LONGEST_CALL_SECONDS) * self.scale, 2),
            fact=Fact(text=subject.told.format(n=number), keys=(subject.key, str(number))),
            then=self._call(chain[1:], number) if chain[1:] else None,
        )
