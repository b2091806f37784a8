"""A question answered by a fork, by a spawn that is given the fact or is not, or in the dialogue itself.

The user tells a fact, something else is talked about, and then a question needs the fact. A fork knows what was said;
a spawn knows only what it is given; in the dialogue nothing else is said meanwhile.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from device.config import Config
from device.core.entries import CallEnded, Record, ReplyEnded
from device.core.toolspec import spec_of
from device.core.utterances import words
from device.eval import intervals
from device.eval.result import Case, Row, Table
from device.eval.typed import Typed, typed
from device.toolkit import FunctionTool, Tool, ToolContext, ToolPolicy

WAYS = {
    "fork": "a fork of the conversation",
    "given": "a spawn that is given the fact",
    "spawn": "a spawn that is given nothing",
    "dialogue": "neither: the dialogue itself",
}
TIMEOUT_SECONDS = 120.0
BETWEEN = "What colour is grass?"

_NAMES = ("Anna", "Boris", "Clara", "David", "Elena", "Frank")
_CITIES = ("Oslo", "Lisbon", "Vienna", "Dublin", "Athens", "Warsaw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Riddle:
    """A fact, the question that needs it, and the word that must be in the answer."""

    fact: str
    question: str
    key: str


def riddle(seed: str) -> Riddle:
    """A riddle made by rule."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    name, city = chance.choice(_NAMES), chance.choice(_CITIES)
    return Riddle(
        fact=f"My friend {name} lives in {city}.",
        question=f"In which city does my friend {name} live?",
        key=city.lower(),
    )


async def ponder(context: ToolContext, way: str, question: str, fact: str) -> str:
    """Let a task answer a question."""
    if way == "fork":
        return await context.tasks.fork(question).result()
    return await context.tasks.spawn(question, fact if way == "given" else "").result()


async def thinking(config: Config, seed: str) -> Case:
    """How each way fares at one riddle. Raises DeviceError."""
    one = riddle(seed)
    tool = FunctionTool(spec=spec_of(ponder), function=ponder, policy=ToolPolicy(timeout_seconds=TIMEOUT_SECONDS))
    tools: dict[str, Tool] = {"ponder": tool}
    ways = {}
    async with typed(config, tools) as agent:
        for way in WAYS:
            agent.begin_afresh()
            await agent.ask(one.fact)
            await agent.ask(BETWEEN)
            ways[way] = await _answered(agent, way, one)
    return {"part": "thinking", "question": one.question, "key": one.key, "ways": ways}


async def _answered(agent: Typed, way: str, one: Riddle) -> Case:
    clock = agent.agent.faculties.clock
    began = clock.monotonic_seconds()
    if way == "dialogue":
        answer = _said(await agent.ask(one.question))
    else:
        call_id = agent.start("ponder", way=way, question=one.question, fact=one.fact)
        await agent.ended(call_id)
        answer = _result(agent.agent.dialogue.ledger.records(), call_id)
    seconds = clock.monotonic_seconds() - began
    await agent.settle()
    return {"answer": answer, "right": one.key in words(answer), "seconds": seconds}


def _said(records: Sequence[Record]) -> str:
    return " ".join(one.entry.heard for one in records if isinstance(one.entry, ReplyEnded))


def _result(records: Sequence[Record], call_id: str) -> str:
    """What a call of the dialogue yielded; its last record counts."""
    ends = [one.entry for one in records if one.context == "main" and isinstance(one.entry, CallEnded)]
    return next((end.text for end in reversed(ends) if end.call_id == call_id), "")


def table(cases: Sequence[Case]) -> Table:
    """How each way fared."""
    rows = []
    for way, label in WAYS.items():
        found = [case["ways"][way] for case in cases]
        cells = (
            intervals.rate(sum(one["right"] for one in found), len(found)),
            intervals.median([one["seconds"] for one in found], "s"),
        )
        rows.append(Row(label=label, cells=cells))
    return Table(
        title="A question that needs what was said before",
        columns=("answered rightly", "after"),
        rows=tuple(rows),
        note="The answer of a task is its result, before the dialogue tells it. A spawn given nothing cannot know.",
        drawn=("answered rightly",),
    )
