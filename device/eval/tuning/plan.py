"""The experiment: the same requests and dialogues before and after tuning, each judged and timed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial

import msgspec

from device import app
from device.bench.tool_choice import Answer, right
from device.config import Config
from device.core.prompt.messages import ToolSpec
from device.errors import UsageError
from device.eval.experiment import Perform, Plan, Sizes
from device.eval.loaded import Loaded
from device.eval.result import Case
from device.eval.tuning import judging, material
from device.eval.tuning.asking import Asker
from device.eval.tuning.tables import tables
from device.tuning.refusals import is_refusal

NAME = "tuning"
QUESTION = "What has tuning on this agent's protocol changed: choices, arguments, dialogues, plain conversation, time?"
NOT_MEASURED = (
    "Speech: everything is put to the model as text. `device bench latency` tells what is heard, and when.",
    "Other languages than English, and dialogues of more than a few turns.",
    "Tuning anew with other seeds: the figures are of the one adapter that ships.",
)
STATES = ("before", "after")
STRIDE = 4
"""Without --full every so-many-th request is put."""
TURNS, ALL_TURNS = 3, 20


def plan(sizes: Sizes) -> Plan:
    """All material, before and after. Raises UsageError if nothing is tuned, ModelError."""
    configs = {"before": untuned(sizes.config), "after": sizes.config}
    stride = 1 if sizes.full else STRIDE
    counts = {name: len(material.choices(name)[0]) for name in material.CHOICES}
    counts |= {"questions": len(material.questions()), "remarks": len(material.remarks())}
    count = sizes.times(TURNS, ALL_TURNS)
    own = tuple(tool.spec for tool in app.enabled_tools(sizes.config).values())
    dialogues = material.turns(count, sizes.seed, own)
    parts = [f"{name}: {number}" for name, length in counts.items() for number in range(0, length, stride)]
    places = [(turn.lesson, kind, number) for kind, turns in dialogues.items() for number, turn in enumerate(turns)]
    parts += [f"{kind}: {number}" for _, kind, number in sorted(places)]  # what has the same tools, together

    @contextmanager
    def performing() -> Iterator[Perform]:
        loaded: dict[str, Loaded] = {}
        askers: dict[str, Asker] = {}

        def asker(state: str) -> Asker:
            if state not in loaded:
                for other in loaded.values():
                    other.close()
                loaded[state] = Loaded(configs[state])
                askers[state] = Asker(configs[state], loaded[state].model)
            return askers[state]

        def perform(step: str) -> Case:
            state, part = step.split(", ", 1)
            what, _, number = part.rpartition(": ")
            ask = asker(state)
            run = loaded[state].run
            if what in dialogues:
                turn = dialogues[what][int(number)]
                answer, times = run(ask.take(turn))
                return {"state": state, **judged_turn(turn, answer), **times}
            said, tools, judge = utterance(what, int(number), own)
            answer, times = run(ask.answer(said, tools))
            return {"state": state, "set": what, "said": said, **judge(answer), **times}

        try:
            yield perform
        finally:
            for one in loaded.values():
                one.__exit__()

    return Plan(
        name=NAME,
        question=QUESTION,
        options={"every": stride, "turns of a kind": count},
        steps=[f"{state}, {part}" for state in STATES for part in parts],
        performing=performing,
        tables=tables,
        not_measured=NOT_MEASURED,
        thinks=sizes.config.models.llm,
        models={state: described(config) for state, config in configs.items()},
    )


def untuned(config: Config) -> Config:
    """The configuration without what was tuned. Raises UsageError if nothing is."""
    artifact = app.model_store().manifest.artifacts.get(config.models.llm)
    base = artifact.tuned_from if artifact is not None else ""
    if not base and not config.thinking.adapter:
        raise UsageError(
            f"{config.models.llm} is not tuned: choose a model that is (`device models list`), or name an adapter "
            "(option thinking.adapter)."
        )
    models = msgspec.structs.replace(config.models, llm=base or config.models.llm)
    thinking = msgspec.structs.replace(config.thinking, adapter="")
    return msgspec.structs.replace(config, models=models, thinking=thinking)


def described(config: Config) -> str:
    """The model and its adapter, if it has one beside it."""
    adapter = config.thinking.adapter
    return config.models.llm + (f" with {adapter.rpartition('/')[2]}" if adapter else "")


# --- what is asked ---------------------------------------------------------------------------------------------------

Tools = tuple[ToolSpec, ...]
_choices = cache(material.choices)


def utterance(what: str, number: int, own: Tools) -> tuple[str, Tools, Callable[[Answer], Case]]:
    """What is said, the tools for it, and what judges the answer."""
    if what == "questions":
        said, answers = material.questions()[number]
        return said, own, partial(_judged_question, answers)
    if what == "remarks":
        return material.remarks()[number], own, _judged_remark
    cases, tools = _choices(what)
    case = cases[number]

    def judge(answer: Answer) -> Case:
        choice, arguments = right(case, answer)
        return {
            "wanted": [[name, dict(values)] for name, values in case.wanted],
            "called": [[name, dict(values)] for name, values in answer.calls],
            "answer": answer.said,
            "choice": choice,
            "arguments": arguments,
        }

    return case.utterance, tools, judge


def _judged_question(answers: list[str], answer: Answer) -> Case:
    known = not answer.calls and judging.answers_question(answer.said, answers)
    return {"wanted": answers, "known": known, **_judged_remark(answer)}


def _judged_remark(answer: Answer) -> Case:
    return {
        "answer": answer.said,
        "called": [[name, dict(values)] for name, values in answer.calls],
        "refused": is_refusal(answer.said),
        "silent": not answer.calls and not answer.said,
    }


def judged_turn(turn: material.Turn, answer: Answer) -> Case:
    """How a turn of a dialogue went."""
    return {
        "set": turn.example.kind,
        "said": turn.example.said,
        "wanted": turn.example.target.partition("<|")[0],
        "called": [[name, dict(values)] for name, values in answer.calls],
        "answer": answer.said,
        "right": judging.is_right(turn, answer),
    }
