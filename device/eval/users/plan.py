"""The experiment: every persona with the same wishes, with the asynchronous agent and with its strict turns."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from device.bench.overlap.summary import ASYNC, SYNC
from device.bench.tool_choice import Case as Request
from device.eval import intervals
from device.eval.experiment import Perform, Plan, Sizes
from device.eval.requests import requests
from device.eval.result import Case, Figure, Row, Table
from device.eval.users.personas import PERSONAS
from device.eval.users.session import session

NAME = "users"
QUESTION = "What do people of several tempers get done with the asynchronous agent and with a synchronous one?"
NOT_MEASURED = (
    "Whether real people are content: nobody was asked. These users are played by rule, and by text.",
    "Users played by a language model.",
)
WISHES, ALL_WISHES = 3, 5
MODES = (ASYNC, SYNC)


def plan(sizes: Sizes) -> Plan:
    """Every persona so often, each time with other wishes."""
    repeats, wishes = sizes.times(1, 20), ALL_WISHES if sizes.full else WISHES
    steps = [f"{persona}, {number}" for number in range(repeats) for persona in PERSONAS]

    @contextmanager
    def performing() -> Iterator[Perform]:
        def perform(step: str) -> Case:
            persona, number = step.split(", ")
            part = PERSONAS[persona](requests_of(sizes.seed, int(number), wishes))
            order = sorted(MODES, reverse=bool(int(number) % 2))
            return {
                "persona": persona,
                "lines": [line.text for line in part.lines],
                **{mode: session(sizes.config, part, strict=mode == SYNC) for mode in order},
            }

        yield perform

    llm = sizes.config.models.llm
    return Plan(
        name=NAME,
        question=QUESTION,
        options={"personas": list(PERSONAS), "wishes": wishes, "repeats": repeats},
        steps=steps,
        performing=performing,
        tables=lambda cases: (_table(list(cases.values())),),
        not_measured=NOT_MEASURED,
        thinks=f"{llm}; the users by rule",
        models={"llm": llm},
    )


def requests_of(seed: int, number: int, wishes: int) -> list[Request]:
    """The wishes of a repeat: a timer, and others that want one call each, in any order."""
    chance = random.Random(f"{seed} {number}")  # noqa: S311 - to be repeated
    timer, *others = [one for one in requests(chance.randrange(1 << 30), 27) if len(one.wanted) == 1]
    chosen = [timer, *chance.sample(others, wishes - 1)]
    chance.shuffle(chosen)
    return chosen


# --- tables ------------------------------------------------------------------------------------------------------


def _table(cases: Sequence[Case]) -> Table:
    personas = dict.fromkeys(case["persona"] for case in cases)
    groups = [(name, [case for case in cases if case["persona"] == name]) for name in personas]
    return Table(
        title="What people get done",
        columns=(
            "wishes fulfilled, async",
            "wishes fulfilled, sync",
            "done after, async",
            "done after, sync",
            "sooner by",
            "unwanted or failed calls, async",
            "unwanted or failed calls, sync",
            "words wasted, async",
            "words wasted, sync",
            "interruptions, async",
            "interruptions, sync",
        ),
        rows=tuple(_row(name, own) for name, own in [*groups, ("all of them", list(cases))]),
        note="By text, with the agent's own tools. In strict turns a user waits until the agent has finished, unless "
        "they interrupt. Wasted are the words of replies that were cut off. Seconds are paired, wish by wish.",
        drawn=("wishes fulfilled, async", "wishes fulfilled, sync"),
    )


def _row(name: str, cases: Sequence[Case]) -> Row:
    seconds = {mode: [case[mode]["seconds"] for case in cases] for mode in MODES}
    return Row(
        label=name,
        cells=(
            *(_fulfilled([case[mode] for case in cases]) for mode in MODES),
            *(intervals.mean(seconds[mode], "s") for mode in MODES),
            intervals.paired_difference(seconds[SYNC], seconds[ASYNC], "s"),
            *(intervals.mean([case[m]["unwanted"] + case[m]["failed"] for case in cases], "") for m in MODES),
            *(intervals.mean([case[mode]["words_wasted"] for case in cases], "") for mode in MODES),
            *(intervals.mean([case[mode]["interruptions"] for case in cases], "") for mode in MODES),
        ),
    )


def _fulfilled(cases: Sequence[Case]) -> Figure:
    return intervals.rate(sum(case["fulfilled"] for case in cases), sum(case["wanted"] for case in cases))
