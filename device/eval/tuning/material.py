"""What is put to the model before and after tuning: requests, plain conversation, and dialogues never learnt from.

The requests and the plain conversation are files of the source tree (tests/data), made by people before anything was
tuned; the dialogues are the test split of `device.tuning`, whose tools, ways of asking and talk are in no lesson.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import device
from device.bench.tool_choice import Case, read_cases, read_tools
from device.core.prompt.messages import ToolSpec
from device.errors import UsageError
from device.tuning import files
from device.tuning.lessons import Options, lesson
from device.tuning.overlap import Measured
from device.tuning.rehearsal import Example

DATA = Path(device.__file__).parents[1] / "tests" / "data"
CHOICES = ("held-out", "work", "mixed", "strange")
"""The files of requests, each with its tools."""

EXPECTED = {
    "call": "the call, with its arguments, to a tool never learnt with",
    "several calls": "all calls that were asked for in one breath",
    "telling": "the result is told: its numbers, and half of its words",
    "telling several": "all results are told",
    "telling a failure": "that it failed, and why",
    "late result": "the result of a call of an earlier turn is told",
    "talk after a result": "the user is answered, and the result not told again",
    "nothing to say": 'silence after "mhm"',
    "call after an interruption": "the call that was asked for while a reply was heard",
    "talk after an interruption": "the user is answered, without a call",
    "talk beside a call": "the user is answered while a tool works, without a call",
    "nothing to say of a cancelled call": "the user is answered, without a call",
}
"""The kinds of a dialogue's turns that are judged, and when one is right."""

_EXAMPLES, _MOST_TOOLS, _MOST_LESSONS, _MOST_OF_A_KIND = 30, 8, 24, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A turn of a dialogue: the tools that are offered, what the model reads, and what it should write.

    `before` is what it told in the turn before this one; `lesson` is the number of its lesson.
    """

    lesson: int
    tools: tuple[ToolSpec, ...]
    example: Example
    before: str


def choices(name: str) -> tuple[list[Case], tuple[ToolSpec, ...]]:
    """Requests and the tools that are offered. Raises UsageError."""
    requests = DATA / "requests"
    return read_cases(requests / f"{name}.json"), read_tools(requests / f"{name}-tools.json")


def questions() -> list[tuple[str, list[str]]]:
    """Plain questions, and the words of which an answer must have one. Raises UsageError."""
    return [(said, answers) for said, answers in _read("questions")]


def remarks() -> list[str]:
    """What people say without asking for anything. Raises UsageError."""
    return [str(one) for one in _read("remarks")]


def _read(name: str) -> Any:
    path = DATA / "plain" / f"{name}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: this experiment needs the source tree with its tests.") from error


def plain_utterances() -> list[str]:
    """All of the plain conversation, which nothing may be learnt from."""
    return [said for said, _ in questions()] + remarks()


def turns(
    count: int, seed: int, own: Sequence[ToolSpec], prompt_format: str = "qwen"
) -> Mapping[str, tuple[Turn, ...]]:
    """So many turns of each kind, fewer where there are not enough; the same for the same seed."""
    options = Options(
        renderer=files.renderer(prompt_format),
        own_tools=tuple(own),
        seed=1000 + seed,
        examples=_EXAMPLES,
        most_tools=_MOST_TOOLS,
        refused=Measured(),
    )
    found: dict[str, list[Turn]] = {kind: [] for kind in EXPECTED}
    for number in range(_MOST_LESSONS):
        if all(len(own_kind) == count for own_kind in found.values()):
            break
        made = lesson(number, "test", options)
        before: Example | None = None
        taken: Counter[str] = Counter()  # few of a kind from each lesson, so that no tool decides a figure
        for example in made.examples:
            own_kind = found.get(example.kind)
            follows = before is not None and example.prompt.startswith(before.prompt)
            if own_kind is not None and len(own_kind) < count and taken[example.kind] < _MOST_OF_A_KIND:
                told = before.target if before is not None and follows else ""
                if example.kind != "talk after a result" or told:
                    taken[example.kind] += 1
                    own_kind.append(Turn(lesson=number, tools=made.tools, example=example, before=told))
            before = example
    return {kind: tuple(own_turns) for kind, own_turns in found.items()}
