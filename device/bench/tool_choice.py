"""How often the model chooses the right tool, or none, and gives it the right arguments.

Every case is a conversation of its own that goes the agent's way: the same prompt, grammar, leaning, parser and
grounding. The fixed part stays in the model's cache from case to case. Nothing is carried out.
"""

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from device import app
from device.bench.argument_match import same_arguments
from device.config import Config
from device.core.prompt.declared import declared_tools
from device.core.prompt.grammar import speech_grammar
from device.core.prompt.instructions import fixed_part
from device.core.prompt.messages import Message, ToolSpec, User
from device.core.prompt.parser import Call, Malformed, OutputParser, Speech
from device.core.prompt.spans import encode
from device.core.prompt.tool_use import ToolUse
from device.core.utterances import wants_repetition
from device.errors import UsageError
from device.ports import LanguageModel, Sampling
from device.runtime.ground import renderer_of

_SEQUENCE = 0

Calls = tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a user says, and the calls that it wants; several only if it says so itself."""

    utterance: str
    wanted: Calls
    several: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a case."""

    calls: Calls
    said: str
    malformed: bool = False
    """Whether it held something that is neither speech nor a call."""


def read_cases(path: Path) -> list[Case]:
    """The cases in a file: a list of [utterance, tool or null, {argument: value}], or of {"utterance", "calls"}.

    `calls` are pairs [tool, {argument: value}]. Raises UsageError with the case that is not one.
    """
    rows = _read(path, "cases")
    if not isinstance(rows, list) or not rows:
        raise UsageError(f"{path} holds no list of cases.")
    cases = []
    for number, row in enumerate(rows, start=1):
        if (case := _case(row)) is None:
            raise UsageError(f"Case {number} of {path} is not [utterance, tool or null, {{argument: value}}].")
        cases.append(case)
    return cases


def _case(row: Any) -> Case | None:
    match row:
        case [str(utterance), None, *_]:
            return Case(utterance=utterance, wanted=())
        case [str(utterance), str(tool)]:
            return Case(utterance=utterance, wanted=((tool, {}),))
        case [str(utterance), str(tool), dict() as arguments, *_]:
            return Case(utterance=utterance, wanted=((tool, arguments),))
        case {"utterance": str(utterance), "calls": [*calls]}:
            wanted = []
            for call in calls:
                match call:
                    case [str(tool), dict() as arguments]:
                        wanted.append((tool, arguments))
                    case _:
                        return None
            return Case(utterance=utterance, wanted=tuple(wanted), several=True)
    return None


def read_tools(path: Path) -> tuple[ToolSpec, ...]:
    """The tools in a file, declared by schema alone. Raises UsageError."""
    try:
        return declared_tools(_read(path, "tools"))
    except ValueError as error:
        raise UsageError(f"{path} cannot be used: {error}.") from error


def _read(path: Path, what: str) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"The {what} in {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"{path} is not JSON: {error}.") from error


async def measure(
    config: Config, cases: Sequence[Case], tools: Sequence[ToolSpec] | None, *, on_case: Callable[[int], None]
) -> dict[str, Any]:
    """Put all cases to the language model; `tools` are the agent's own if None. `on_case` is told how many are done."""
    specs = tuple(tools) if tools is not None else tuple(tool.spec for tool in app.enabled_tools(config).values())
    model = app.load_language_model(config, app.model_store().path(config.models.llm))
    try:
        bench = Bench(config, model, specs)
        await bench.read_ahead()
        rows = []
        for number, case in enumerate(cases):
            on_case(number)
            rows.append(_row(case, await bench.answer(case.utterance)))
        on_case(len(cases))
        return _summary(rows, model.card.name, [tool.name for tool in specs])
    finally:
        await model.close()


class Bench:
    """The agent's way from an utterance to its calls, without what carries them out."""

    def __init__(
        self, config: Config, model: LanguageModel, tools: tuple[ToolSpec, ...], *, prompt_format: str = ""
    ) -> None:
        """In the configuration's format unless a `prompt_format` is named. Raises UsageError for unusable tools."""
        self._model = model
        self._renderer = renderer_of(config, model, prompt_format)
        self._fixed = fixed_part(tools, extra=config.thinking.instructions, examples=config.thinking.examples)
        try:
            self._use = ToolUse(tools, self._renderer.name)
        except ValueError as error:
            raise UsageError(f"These tools cannot be used: {error}.") from error
        self._free = Sampling(
            max_tokens=config.thinking.max_tokens, temperature=config.thinking.temperature, seed=config.thinking.seed
        )

    async def read_ahead(self) -> None:
        """Let the model read what every prompt begins with."""
        await self._model.prefill(_SEQUENCE, self.prompt())

    async def answer(self, utterance: str) -> Answer:
        """What the agent would call and say."""
        return self.read(utterance, await self.written(utterance))

    async def written(self, utterance: str, *, held: bool = True, leaning: bool = True) -> bytes:
        """What the model writes; `held` to the grammar and `leaning` to the user's words there, or free."""
        sampling = self.answering(utterance, leaning=leaning) if held else self._free
        prompt = self.prompt(User(text=utterance))
        return b"".join([token.piece async for token in self._model.generate(_SEQUENCE, prompt, sampling)])

    def answering(self, utterance: str, *, leaning: bool = True) -> Sampling:
        """How words of the user's are answered."""
        leans = self._use.leaning(utterance) if leaning else None
        return replace(self._free, grammar=self._use.grammar, forms=self._use.forms, leaning=leans)

    def telling(self) -> Sampling:
        """How news is told: in words alone."""
        return replace(self._free, grammar=speech_grammar())

    def read(self, utterance: str, written: bytes, *, grounding: bool = True) -> Answer:
        """What the agent makes of it; the calls' arguments held to what was said, if they are to be."""
        parser = OutputParser(self._use.names)
        outputs = [*parser.feed(written), *parser.close()]
        calls = [(one.name, dict(one.arguments)) for one in outputs if isinstance(one, Call)]
        if grounding:
            calls = [(name, self._use.grounded(name, arguments, utterance)) for name, arguments in calls]
        if not wants_repetition(utterance):
            calls = [call for at, call in enumerate(calls) if call not in calls[:at]]
        return Answer(
            calls=tuple(calls),
            said="".join(one.text for one in outputs if isinstance(one, Speech)).strip(),
            malformed=any(isinstance(one, Malformed) for one in outputs),
        )

    def fixed_prompt(self) -> list[int]:
        """The fixed part alone, without the opening of a reply."""
        opening = self._renderer.render(())
        return encode(self._renderer.render(self._fixed)[: -len(opening)], self._model)

    def prompt(self, *messages: Message) -> list[int]:
        """The fixed part, and what follows it, as token ids."""
        return encode(self._renderer.render((*self._fixed, *messages)), self._model)


def right(case: Case, answer: Answer) -> tuple[bool, bool]:
    """Whether the right tools, or none, were called; and whether with the right arguments, where some were wanted."""
    wanted, called = [name for name, _ in case.wanted], [name for name, _ in answer.calls]
    choice = sorted(wanted) == sorted(called) if case.several else set(wanted) == set(called)
    return choice, bool(wanted) and choice and _all_match(case.wanted, answer.calls)


def _row(case: Case, answer: Answer) -> dict[str, Any]:
    """One case and how it went; of several calls lists."""
    wanted, called = [name for name, _ in case.wanted], [name for name, _ in answer.calls]
    right_choice, right_arguments = right(case, answer)
    return {
        "utterance": case.utterance,
        "wanted": _one_or_all(wanted, several=case.several),
        "wanted_arguments": _one_or_all([dict(arguments) for _, arguments in case.wanted], several=case.several) or {},
        "called": _one_or_all(called, several=case.several or len(called) > 1),
        "arguments": _one_or_all([dict(a) for _, a in answer.calls], several=case.several or len(called) > 1) or {},
        "right_choice": right_choice,
        "right_arguments": right_arguments,
        "said": answer.said,
    }


def _one_or_all(values: Sequence[Any], *, several: bool) -> Any:
    return list(values) if several else values[0] if values else None


def _all_match(wanted: Calls, called: Calls) -> bool:
    """Whether each wanted call was made, in any order."""
    left = list(called)
    for name, arguments in wanted:
        found = next((call for call in left if call[0] == name and same_arguments(arguments, call[1], tool=name)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _summary(rows: Sequence[dict[str, Any]], model: str, tools: Sequence[str]) -> dict[str, Any]:
    wanting = [row for row in rows if row["wanted"]]
    null = [row for row in rows if not row["wanted"]]
    return {
        "right_choice": _share(row["right_choice"] for row in rows),
        "right_arguments": _share(row["right_arguments"] for row in wanting),
        "needless_calls": _share(bool(row["called"]) for row in null),
        "missed_calls": _share(not row["called"] for row in wanting),
        "n": len(rows),
        "n_wanting_a_tool": len(wanting),
        "tools": list(tools),
        "model": model,
        "machine": {
            "processor": platform.machine(),
            "cores": len(os.sched_getaffinity(0)),
            "python": platform.python_version(),
        },
        "cases": list(rows),
    }


def _share(values: Any) -> float | None:
    counted = list(values)
    return round(sum(counted) / len(counted), 4) if counted else None


def as_text(result: Mapping[str, Any]) -> str:
    """The result as a person reads it: the figures, and every case that went wrong."""
    lines = [
        f"{result['n']} requests, {result['n_wanting_a_tool']} of them for one of {len(result['tools'])} tools",
        *(
            f"{name.replace('_', ' '):16}{'-' if result[name] is None else format(result[name], '6.1%')}"
            for name in ("right_choice", "right_arguments", "needless_calls", "missed_calls")
        ),
    ]
    for row in result["cases"]:
        if not row["right_choice"] or (row["wanted"] and not row["right_arguments"]):
            wanted = _told(row["wanted"], row["wanted_arguments"])
            lines.append(
                f"  {row['utterance']}\n      wanted {wanted}, called {_told(row['called'], row['arguments'])}"
            )
    return "\n".join(lines)


def _told(called: Any, arguments: Any) -> str:
    if not called:
        return "nothing"
    pairs = zip(called, arguments, strict=True) if isinstance(called, list) else [(called, arguments)]
    return ", ".join(f"{name} {json.dumps(values, ensure_ascii=False)}" for name, values in pairs)
