"""The experiment: limits, depth, deadlocks and storms on the machine alone; the foreground with the real model."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from device.config import Config
from device.eval import intervals
from device.eval.experiment import Perform, Plan, Sizes
from device.eval.forks.deadlocks import deadlocks
from device.eval.forks.foreground import beside
from device.eval.forks.limits import depth, limits
from device.eval.forks.storms import storm
from device.eval.result import Case, Figure, Row, Table

NAME = "forks"
QUESTION = "Does thinking in parallel hold up to its limits and past them, and what does the user notice of it?"
NOT_MEASURED = (
    "Quality of what tasks find out: here it matters only that they begin, end and let go.",
    "More than one agent on one computer.",
)
PAST = 4
"""So many tasks more than there may be are asked for."""
LEVELS = (1, 2, 3, 4, 6)
TASKS = (0, 1, 4, 8)
ALL_TASKS = (0, 1, 2, 3, 4, 5, 6, 7, 8)


def plan(sizes: Sizes) -> Plan:
    """All steps; with a script for a model the foreground is left out, where only a real one takes time."""
    most = sizes.config.tasks.children + PAST
    repeats = sizes.times(2, 20)
    wanted = range(1, most + 1) if sizes.full else (1, most - PAST, most)
    tasks = () if sizes.script else ALL_TASKS if sizes.full else TASKS
    steps = []
    for number in range(repeats):
        steps += [f"{kind} {count} {number}" for count in wanted for kind in ("fork", "spawn")]
        steps += [f"nest {levels} {number}" for levels in LEVELS]
        steps += [f"{kind} {calls} {number}" for calls in (2, 5, 12) for kind in ("circles", "chains")]
        steps += [f"storm {calls} {number}" for calls in (4, 16, 48)]
    steps += [f"tasks {max(tasks)} {number}" for number in range(repeats if tasks else 0)]

    @contextmanager
    def performing() -> Iterator[Perform]:
        yield lambda step: _perform(step, sizes.config, sizes.seed, tasks)

    llm = sizes.config.models.llm
    return Plan(
        name=NAME,
        question=QUESTION,
        options={"repeats": repeats, "tasks": list(tasks), "allowed": sizes.config.tasks.children},
        steps=steps,
        performing=performing,
        tables=_tables,
        not_measured=(*NOT_MEASURED, *(("The foreground: a script takes no time to think.",) if sizes.script else ())),
        thinks="a script" + ("" if sizes.script else f"; {llm} where the delay of answers is measured"),
        models={} if sizes.script else {"llm": llm},
    )


def _perform(step: str, config: Config, seed: int, tasks: Sequence[int]) -> Case:
    kind, size, _ = step.split()
    count, own = int(size), f"{seed} {step}"
    match kind:
        case "fork" | "spawn":
            return limits(config, count, forks=kind == "fork")
        case "nest":
            return depth(config, count)
        case "circles" | "chains":
            return deadlocks(config, own, count, circles=kind == "circles")
        case "storm":
            return storm(config, own, count)
        case _:
            return asyncio.run(beside(config, own, tasks))


# --- tables ------------------------------------------------------------------------------------------------------


def _tables(cases: Mapping[str, Case]) -> tuple[Table, ...]:
    def of(part: str) -> list[Case]:
        return [case for case in cases.values() if case["part"] == part]

    tables = []
    if found := of("limits"):
        tables.append(_limits("Tasks asked for at once", "begun again afterwards", found))
    if found := of("depth"):
        tables.append(_limits("Tasks that begin tasks, so many levels", "", found))
    if found := of("deadlocks"):
        tables.append(_deadlocks(found))
    if found := of("storms"):
        tables.append(_storms(found))
    if found := of("foreground"):
        tables.append(_foreground([run for case in found for run in case["runs"]]))
    return tuple(tables)


def _held(cases: Sequence[Case]) -> tuple[Figure, Figure]:
    count = len(cases)
    return (
        intervals.rate(sum(case["ended_once"] for case in cases), count),
        intervals.rate(sum(case["free"] for case in cases), count),
    )


HELD = ("everything ended once", "all places free afterwards")


def _limits(title: str, again: str, cases: Sequence[Case]) -> Table:
    rows = []
    for wanted in sorted({case["wanted"] for case in cases}):
        own = [case for case in cases if case["wanted"] == wanted]
        more = (intervals.mean([case["begun_again"] for case in own], ""),) if again else ()
        cells = (
            intervals.mean([case["begun"] for case in own], ""),
            intervals.mean([case["refused"] for case in own], ""),
            *more,
            *_held(own),
        )
        rows.append(Row(label=str(wanted), cells=cells))
    refusal = next((case["refusal"] for case in cases if case["refusal"]), "")
    return Table(
        title=title,
        columns=("begun", "refused", *((again,) if again else ()), *HELD),
        rows=tuple(rows),
        note=f'{cases[0]["allowed"]} are allowed. What is refused is told to the model: "{refusal}"',
    )


def _deadlocks(cases: Sequence[Case]) -> Table:
    rows = []
    for circular in (True, False):
        own = [case for case in cases if case["circular"] is circular]
        if own:
            label = "with a circle" if circular else "without one"
            refused = intervals.rate(sum(case["refused"] > 0 for case in own), len(own))
            rows.append(Row(label=label, cells=(intervals.count(sum(c["calls"] for c in own)), refused, *_held(own))))
    return Table(
        title="Calls that wait for each other at random",
        columns=("calls", "a wait was refused", *HELD),
        rows=tuple(rows),
        note="A circle need not come about: a call that has ended is waited for no longer. All must end.",
    )


def _storms(cases: Sequence[Case]) -> Table:
    rows = []
    for wanted in sorted({case["wanted"] for case in cases}):
        own = [case for case in cases if case["wanted"] == wanted]
        cells = (
            intervals.mean([case["contexts"] for case in own], ""),
            intervals.rate(sum(case["cancelled"] for case in own), sum(case["wanted"] for case in own)),
            intervals.mean([1000 * case["seconds"] for case in own], "ms"),
            *_held(own),
            intervals.rate(sum(case["answers"] for case in own), len(own)),
        )
        rows.append(Row(label=f"{wanted} calls", cells=cells))
    return Table(
        title="Storms of cancellation",
        columns=("tasks begun", "calls cancelled", "all ended after", *HELD, "then answers"),
        rows=tuple(rows),
        note="Each call is cancelled within 60 ms, half of them twice. A call that ended before needs no cancelling.",
    )


def _foreground(cases: Sequence[Case]) -> Table:
    rows = []
    for count in sorted({case["tasks"] for case in cases}):
        own = [case for case in cases if case["tasks"] == count]
        seconds = [case["first_words_s"] for case in own]
        cells = (
            intervals.mean([case["at_work"] for case in own], ""),
            intervals.median([1000 * one for one in seconds], "ms"),
            intervals.percentile([1000 * one for one in seconds], 95, "ms"),
        )
        rows.append(Row(label=f"{count} tasks", cells=cells))
    return Table(
        title="The first words of an answer beside tasks that think",
        columns=("tasks at work", "first words, p50", "p95"),
        rows=tuple(rows),
        note="Typed, with the real model; the tasks write numbers without end.",
        drawn=("first words, p50", "p95"),
    )
