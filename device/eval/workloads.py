"""Workloads of the kinds that the experiments compare, of 1 to 16 operations, made by rule from a seed; pure.

They are played by `device.bench.overlap`, whose suite they go beyond: there are two tools, one that looks at a thing
and one that follows a number to the next, so that a workload can have as many operations as it likes.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from device.bench.overlap.workloads import NUMBERS, Call, Fact, Sentence, Workload, listed, question
from device.core.prompt.messages import ToolSpec

MOST_OPERATIONS = 16

THINGS = (
    "boiler", "cellar", "river", "mailbox", "battery", "garden", "attic", "kettle",
    "engine", "meter", "freezer", "oven", "pump", "window", "gate", "tank",
)  # fmt: skip

LOOK = ToolSpec(
    name="look",
    description="Look at a thing and read what it shows",
    parameters={
        "type": "object",
        "properties": {"what": {"type": "string", "enum": list(THINGS)}},
        "required": ["what"],
    },
)
FOLLOW = ToolSpec(
    name="follow",
    description="Follow a number to the one that it leads to",
    parameters={"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]},
)
TOOLS = (LOOK, FOLLOW)

CALL_SECONDS, LONG_SECONDS = (0.5, 3.0), (5.0, 10.0)
"""How long a call takes, and a long-running one, at least and at most."""
ASKED_SECONDS = 2.0
"""A user who goes on talking does so after so long."""


@dataclass(kw_only=True)
class _Maker:
    """Makes one workload of `operations`; `scale` shortens everything that takes time."""

    operations: int
    scale: float
    chance: random.Random
    used: set[int] = field(default_factory=set)

    def number(self) -> int:
        """One that is in no other fact."""
        chosen = self.chance.choice([number for number in NUMBERS if number not in self.used])
        self.used.add(chosen)
        return chosen

    def seconds(self, span: tuple[float, float]) -> float:
        """How long a call takes."""
        return round(self.chance.uniform(*span) * self.scale, 4)

    def looks(self, count: int, span: tuple[float, float] = CALL_SECONDS) -> Sentence:
        """A request to look at so many things."""
        things = self.chance.sample(THINGS, count)
        calls = tuple(self.look(thing, span) for thing in things)
        return Sentence(text=f"Please look at {listed([f'the {t}' for t in things])}.", at_seconds=0.0, calls=calls)

    def look(self, thing: str, span: tuple[float, float], followed: int = 0) -> Call:
        """A call that needs nothing but what was said; its number is followed so often."""
        number = self.number()
        return Call(
            tool=LOOK.name,
            argument=thing,
            parameter="what",
            seconds=self.seconds(span),
            fact=Fact(text=f"the {thing} shows {number}", keys=(thing, str(number))),
            then=self.follow(number, followed) if followed else None,
        )

    def follow(self, start: int, times: int) -> Call:
        """A call that follows a number, and all that follow from it."""
        number = self.number()
        return Call(
            tool=FOLLOW.name,
            argument=start,
            parameter="number",
            seconds=self.seconds(CALL_SECONDS),
            fact=Fact(text=f"{start} leads to {number}", keys=(str(start), "leads", str(number))),
            then=self.follow(number, times - 1) if times > 1 else None,
        )

    def question(self, at_seconds: float, *, interrupts: bool = False) -> Sentence:
        """A question that needs no call."""
        asked = question(self.chance, self.used, round(at_seconds, 4))
        return Sentence(text=asked.text, at_seconds=asked.at_seconds, answer=asked.answer, interrupts=interrupts)


def _chat(make: _Maker) -> tuple[Sentence, ...]:
    return tuple(make.question(number * ASKED_SECONDS * make.scale) for number in range(make.operations))


def _one_call(make: _Maker) -> tuple[Sentence, ...]:
    return (make.looks(1),)


def _many_calls(make: _Maker) -> tuple[Sentence, ...]:
    return (make.looks(make.operations),)


def _dependent(make: _Maker) -> tuple[Sentence, ...]:
    thing = make.chance.choice(THINGS)
    calls = (make.look(thing, CALL_SECONDS, make.operations - 1),)
    return (Sentence(text=f"Please follow the number of the {thing} to its end.", at_seconds=0.0, calls=calls),)


def _long_running(make: _Maker) -> tuple[Sentence, ...]:
    later = make.question(ASKED_SECONDS * make.scale)
    return (make.looks(make.operations, LONG_SECONDS), later)


def _interrupted(make: _Maker) -> tuple[Sentence, ...]:
    asked = make.looks(make.operations)
    soonest = min(call.seconds for call in asked.calls)
    return (asked, make.question(soonest, interrupts=True))


KINDS: dict[str, Callable[[_Maker], tuple[Sentence, ...]]] = {
    "chat": _chat,
    "one call": _one_call,
    "many calls": _many_calls,
    "dependent": _dependent,
    "long-running": _long_running,
    "interrupted": _interrupted,
}
"""A question after the other; calls in one sentence; each call needs the one before; calls of 5 to 10 seconds with a
question meanwhile; a question said into the reply."""


def workload(kind: str, operations: int, seed: str, *, scale: float = 1.0) -> Workload:
    """A workload of a kind with so many operations: calls, or questions in a chat."""
    chance = random.Random(f"{seed} {kind} {operations}")  # noqa: S311 - to be repeated, not secret
    make = _Maker(operations=operations, scale=scale, chance=chance)
    return Workload(name=f"{kind}, {operations}", sentences=KINDS[kind](make))
