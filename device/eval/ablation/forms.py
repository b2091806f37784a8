"""How well the model tells results that come late, by the form in which it reads them.

Two calls are made, something else is asked and answered meanwhile, then both results are there, in either order. The
forms are the model's own words, the asynchronous ChatML, and plain ChatML, which knows neither identities nor
notifications: there a result is one more line of the user's, and that a call is running is not told.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from device.bench.overlap.director import was_heard
from device.bench.overlap.workloads import NUMBERS, Fact
from device.config import Config
from device.core.prompt.chatml import closed, opening
from device.core.prompt.grammar import speech_grammar
from device.core.prompt.instructions import fixed_part
from device.core.prompt.messages import (
    Assistant,
    Called,
    Message,
    Notice,
    Result,
    Results,
    Said,
    System,
    Task,
    User,
)
from device.core.prompt.renderers import Renderer
from device.core.prompt.spans import Span, data, encode, trusted
from device.core.prompt.untrusted import Guard
from device.core.prompt.words import call_json, tools_section
from device.eval import intervals
from device.eval.result import Case, Row, Table
from device.eval.workloads import THINGS, TOOLS
from device.ports import LanguageModel, Sampling
from device.runtime.ground import renderer_of

FORMS = {
    "own": "the model's own words",
    "chatml": "the asynchronous ChatML",
    "plain": "plain ChatML",
}
MOST_TOKENS = 64
_SENTENCE_END = re.compile(r"(?<=[.!?,;\n])\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainChatMl:
    """Renders messages as ChatML with the three roles alone."""

    guard: Guard
    name: str = "chatml"
    end_of_message: str = "<|im_end|>"
    trained_on_tools: bool = True

    def render(self, messages: Sequence[Message]) -> tuple[Span, ...]:
        """The whole prompt, up to and including the opening of the assistant's message."""
        return (*(span for message in messages for span in self._spans(message)), *opening("assistant"))

    def _spans(self, message: Message) -> list[Span]:
        match message:
            case System(text=text, tools=tools):
                return closed("system", [trusted(text + tools_section(tools))])
            case Assistant(parts=parts):
                lines = [one.text if isinstance(one, Said) else call_json(one.name, one.arguments) for one in parts]
                return closed("assistant", [data(self.guard.harmless("\n".join(lines)))])
            case Results(results=results):
                ended = [f"{one.name}: {one.text}" for one in results if one.status != "running"]
                return closed("user", [data(self.guard.harmless("\n".join(ended)))]) if ended else []
            case User(text=text) | Notice(text=text) | Task(text=text):
                return closed("user", [data(self.guard.harmless(text))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """What was said and done, and what is to be told now."""

    messages: tuple[Message, ...]
    facts: tuple[Fact, ...]


def late(seed: str) -> Late:
    """A dialogue made by rule, up to two results that come late."""
    chance = random.Random(f"late {seed}")  # noqa: S311 - to be repeated
    things, (one, other, factor) = chance.sample(THINGS, 2), chance.sample(NUMBERS, 3)
    facts = [
        Fact(text=f"the {thing} shows {number}", keys=(thing, str(number)))
        for thing, number in zip(things, (one, other), strict=True)
    ]
    calls = tuple(
        Called(call_id=f"c{number}", name="look", arguments={"what": thing}) for number, thing in enumerate(things, 1)
    )
    running = [Result(call_id=call.call_id, name="look", status="running", text="running") for call in calls]
    ended = [
        Result(call_id=call.call_id, name="look", status="done", text=fact.text, late=True, wall_seconds=0.0)
        for call, fact in zip(calls, facts, strict=True)
    ]
    chance.shuffle(ended)
    messages = (
        User(text=f"Please look at the {things[0]} and the {things[1]}."),
        Assistant(parts=calls),
        Results(results=tuple(running)),
        User(text=f"And what is {factor} plus 1?"),
        Assistant(parts=(Said(text=f"{factor} plus 1 is {factor + 1}."),)),
        Results(results=tuple(ended)),
    )
    return Late(messages=messages, facts=tuple(facts))


async def telling(config: Config, model: LanguageModel, seed: str) -> Case:
    """How each form fares at one dialogue."""
    one = late(seed)
    fixed = fixed_part(TOOLS, examples=config.thinking.examples)
    found = {}
    for sequence, form in enumerate(FORMS):
        prompt = encode(_renderer(config, model, form).render((*fixed, *one.messages)), model)
        sampling = Sampling(max_tokens=MOST_TOKENS, grammar=speech_grammar())
        pieces = [token.piece async for token in model.generate(sequence, prompt, sampling)]
        said = b"".join(pieces).decode("utf-8", "replace")
        found[form] = {"said": said, "tokens": len(prompt), **judged(said, one.facts)}
    return {"part": "telling", "forms": found}


def judged(said: str, facts: Sequence[Fact]) -> Case:
    """How many facts were told, each in a clause of its own, and how many things got another one's number."""
    clauses = _SENTENCE_END.split(said)
    told = sum(any(was_heard(fact, clause) for clause in clauses) for fact in facts)
    swapped = [Fact(text="", keys=(one.keys[0], other.keys[1])) for one in facts for other in facts if one != other]
    mixed = sum(
        any(was_heard(wrong, clause) and not any(was_heard(fact, clause) for fact in facts) for clause in clauses)
        for wrong in swapped
    )
    return {"facts": len(facts), "told": told, "mixed": mixed}


def _renderer(config: Config, model: LanguageModel, form: str) -> Renderer:
    if form == "plain":
        return PlainChatMl(guard=Guard(model.card.control_texts))
    return renderer_of(config, model, "" if form == "own" else form)


def table(cases: Sequence[Case]) -> Table:
    """How each form fared."""
    rows = []
    for form, label in FORMS.items():
        found = [case["forms"][form] for case in cases]
        facts = [one["facts"] for one in found]
        rows.append(
            Row(
                label=label,
                cells=(
                    intervals.share([one["told"] for one in found], facts),
                    intervals.share([one["mixed"] for one in found], facts),
                    intervals.mean([one["tokens"] for one in found], ""),
                ),
            )
        )
    return Table(
        title="Telling results that come late, by the form in which the model reads them",
        columns=("told", "told with another's number", "tokens of the prompt"),
        rows=tuple(rows),
        note="Two results after another question was answered. A stock model has never seen the asynchronous ChatML; "
        "plain ChatML has no place for a result, so it stands there as the user's words.",
        drawn=("told",),
    )
