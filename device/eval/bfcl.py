"""Requests that others wrote: the Berkeley Function-Calling Leaderboard's, where one message wants several calls.

The categories are `parallel` (one tool, several calls), `multiple` (one of several tools) and `parallel_multiple`
(both). They come with the package `bfcl-eval` (Apache-2.0), of which the model store fetches these files alone. Each
request goes the agent's way to its calls, in a conversation of its own; nothing is carried out.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from device import app
from device.bench.argument_match import same
from device.bench.tool_choice import Answer, Bench
from device.config import Config
from device.core.prompt.messages import ToolSpec
from device.errors import DeviceError, GenerationError
from device.eval import intervals
from device.eval.loaded import Loaded
from device.eval.result import Case, Row, Table
from device.ports import LanguageModel

ARTIFACT = "bfcl"
ABSENT = "fetch them with `device models fetch bfcl`"
CATEGORIES = ("parallel", "multiple", "parallel_multiple")

_TYPES = {"dict": "object", "float": "number", "tuple": "array"}
_OPTIONAL = ""
"""Among what an argument may be, this says that it may be left out."""

Allowed = Mapping[str, Sequence[Any]]
"""What each argument may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request, the tools that there are for it, and the calls that it wants, in any order."""

    said: str
    tools: tuple[ToolSpec, ...]
    wanted: tuple[tuple[str, Allowed], ...]


def is_here() -> bool:
    """Whether the requests were fetched."""
    return app.model_store().is_here(ARTIFACT)


def questions(directory: Path, category: str) -> list[Question]:
    """All questions of a category. Raises DeviceError if the files hold something else."""
    try:
        asked, answers = (
            [json.loads(line) for line in (directory / name).read_text(encoding="utf-8").splitlines()]
            for name in (f"{category}.json", f"{category}-answers.json")
        )
        wanted = {one["id"]: one["ground_truth"] for one in answers}
        return [
            Question(
                said=one["question"][0][0]["content"],
                tools=tuple(map(_tool, one["function"])),
                wanted=tuple(pair for call in wanted[one["id"]] for pair in call.items()),
            )
            for one in asked
        ]
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise DeviceError(
            f"The requests in {directory} cannot be read: run `device models fetch {ARTIFACT}`."
        ) from error


def right_calls(question: Question, answer: Answer) -> bool:
    """Whether exactly the wanted calls were made, each with arguments that it may have."""
    return len(answer.calls) == len(question.wanted) and _matched(question.wanted, list(answer.calls))


def right_tools(question: Question, answer: Answer) -> bool:
    """Whether each tool was called as often as it was wanted."""
    return sorted(name for name, _ in answer.calls) == sorted(name for name, _ in question.wanted)


class Asker:
    """The language model, and the questions put to it; leaving the context frees both. Raises ModelError."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._directory = app.model_store().path(ARTIFACT)
        self._loaded = Loaded(config)
        self._questions: dict[str, list[Question]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._loaded.__exit__(*error)

    def ask(self, category: str, number: int, seed: int) -> Case:
        """Put a question of the category, in an order that goes by the seed."""
        if category not in self._questions:
            found = questions(self._directory, category)
            random.Random(f"{seed} {category}").shuffle(found)  # noqa: S311 - a choice to be repeated
            self._questions[category] = found
        question = self._questions[category][number % len(self._questions[category])]
        return {"category": category, **self._loaded.run(asked(self._config, self._loaded.model, question))}


async def asked(config: Config, model: LanguageModel, question: Question) -> Case:
    """What the agent would call for a question, and whether that is right."""
    try:
        answer = await Bench(config, model, question.tools).answer(question.said)
    except GenerationError as error:  # its tools alone fill the context
        return {"said": question.said, "failed": str(error), "tools": False, "calls": False, "malformed": False}
    return {
        "said": question.said,
        "called": [[name, dict(arguments)] for name, arguments in answer.calls],
        "tools": right_tools(question, answer),
        "calls": right_calls(question, answer),
        "malformed": answer.malformed,
    }


def table(cases: Sequence[Case]) -> Table:
    """The rates by category."""
    rows = []
    for category in CATEGORIES:
        own = [case for case in cases if case["category"] == category]
        if own:
            rates = (
                intervals.rate(sum(case[name] for case in own), len(own)) for name in ("tools", "calls", "malformed")
            )
            rows.append(Row(label=category.replace("_", " "), cells=(intervals.count(len(own)), *rates)))
    return Table(
        title="Requests of the Berkeley Function-Calling Leaderboard",
        columns=("requests", "right tools", "right calls", "malformed"),
        rows=tuple(rows),
        note="bfcl-eval 2026.3.23, put to the model as the agent does, strict turns or not; judged by the answers that "
        "come with them and this program's own measure of equal arguments, so not comparable with the leaderboard's "
        "figures to the last per cent.",
        drawn=("right tools", "right calls"),
    )


def _tool(declared: Mapping[str, Any]) -> ToolSpec:
    return ToolSpec(
        name=declared["name"],
        description=declared["description"].strip().rstrip("."),
        parameters=_schema(declared["parameters"]),
    )


def _schema(schema: Any) -> Any:
    """The schema in JSON Schema's own words; a type that may be anything is none."""
    if isinstance(schema, list):
        return [_schema(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    renamed = {name: _schema(value) for name, value in schema.items() if name != "type" or not isinstance(value, str)}
    return renamed | ({"type": _TYPES.get(kind, kind)} if isinstance(kind, str) and kind != "any" else {})


def _matched(wanted: Sequence[tuple[str, Allowed]], called: list[tuple[str, Mapping[str, Any]]]) -> bool:
    """Whether the calls can be given to the wanted ones, one each."""
    if not wanted:
        return True
    (name, allowed), *others = wanted
    return any(
        call[0] == name and _fits(allowed, call[1]) and _matched(others, called[:at] + called[at + 1 :])
        for at, call in enumerate(called)
    )


def _fits(allowed: Allowed, given: Mapping[str, Any]) -> bool:
    if given.keys() - allowed.keys():
        return False
    return all(
        any(_may_be(value, given[name]) for value in values) if name in given else _OPTIONAL in values
        for name, values in allowed.items()
    )


def _may_be(allowed: Any, given: Any) -> bool:
    """Whether an argument is this value; within one, each key has a list of what it may be."""
    if isinstance(allowed, dict) and isinstance(given, dict):
        return _fits(allowed, given) if all(isinstance(one, list) for one in allowed.values()) else same(allowed, given)
    if isinstance(allowed, list) and isinstance(given, list):
        return len(allowed) == len(given) and all(map(_may_be, allowed, given))
    return same(allowed, given)
