"""`device eval latency`: how long answers take, asynchronously and in strict turns, by kind and size of the work.

What the model says is decided by a director, so that both agents say the same and only their timing differs; the
model computes its prompt and every token all the same.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from device.bench import slowing
from device.bench.overlap.player import Staging, says_nothing
from device.eval import pairs
from device.eval.experiment import SCRIPT, Perform, Plan, Sizes
from device.eval.result import Case, Row, Table
from device.eval.workloads import KINDS, TOOLS, workload

NAME = "latency"
QUESTION = (
    "How much sooner are answers heard when nothing waits for anything else, by kind of work and number of operations, "
    "on an idle machine and on a busy one?"
)
NOT_MEASURED = (
    "What the wait for the first sound is made of: `device bench latency` splits it.",
    "A model's own mistakes: a director decides what is said. `device eval compare` lets the model decide.",
)
OPERATIONS, ALL_OPERATIONS = (1, 4), (1, 2, 4, 8, 16)
SCALE = 0.2
"""How long calls take in a quick run, of what they take in a full one."""


def plan(sizes: Sizes) -> Plan:
    """Every kind with every number of operations, on the idle machine and, in a full run, on a busy one, too."""
    operations = sizes.operations or (ALL_OPERATIONS if sizes.full else OPERATIONS)
    loads = (0, len(os.sched_getaffinity(0))) if sizes.full else (0,)
    repeats = sizes.times(1, 10)
    scale = sizes.scale or (1.0 if sizes.full else SCALE)
    steps = [
        f"{kind}, {count}, busy {load}, {number}"
        for number in range(repeats)
        for load in loads
        for kind, count in pairs.combinations(operations)
    ]

    @contextmanager
    def performing() -> Iterator[Perform]:
        staging = Staging(
            strict=False,
            spoken=sizes.voice,
            heard=sizes.voice,
            script=says_nothing if sizes.script else None,
            specs=TOOLS,
        )
        with pairs.pair(sizes.config, staging) as agents:
            yield lambda step: _perform(agents, step, steps.index(step), sizes.seed, scale)

    llm = sizes.config.models.llm
    return Plan(
        name=NAME,
        question=QUESTION,
        options={
            "operations": list(operations),
            "busy": list(loads),
            "repeats": repeats,
            "scale": scale,
        },
        steps=steps,
        performing=performing,
        tables=_tables,
        not_measured=NOT_MEASURED,
        thinks=SCRIPT if sizes.script else f"{llm} computes every token, a director decides which",
        models={} if sizes.script else {"llm": llm},
    )


def _perform(agents: pairs.Pair, step: str, number: int, seed: int, scale: float) -> Case:
    kind, operations, load, repeat = step.split(", ")
    one = workload(kind, int(operations), f"{seed} {repeat}", scale=scale)
    busy = int(load.split()[1])
    with slowing.busy(busy):
        return {"kind": kind, "operations": int(operations), "busy": busy, **agents.play(one, number)}


def _tables(cases: Mapping[str, Case]) -> tuple[Table, ...]:
    loads = sorted({case["busy"] for case in cases.values()})
    by_load = {load: [case for case in cases.values() if case["busy"] == load] for load in loads}
    tables = [_table(_rows(own), load) for load, own in by_load.items()]
    return (*tables, *(_table(_each(own), load, "each workload") for load, own in by_load.items()))


_Group = tuple[str, list[Case]]


def _rows(cases: Sequence[Case]) -> list[_Group]:
    """Every kind of work, then every size of it, then all."""
    sizes = sorted({case["operations"] for case in cases})
    return [
        *((kind, [case for case in cases if case["kind"] == kind]) for kind in KINDS),
        *(
            (f"{size} operation" + "s" * (size > 1), [case for case in cases if case["operations"] == size])
            for size in sizes
        ),
        ("all of these", list(cases)),
    ]


def _each(cases: Sequence[Case]) -> list[_Group]:
    groups = dict.fromkeys((case["kind"], case["operations"]) for case in cases)
    return [
        (f"{kind}, {count}", [c for c in cases if (c["kind"], c["operations"]) == (kind, count)])
        for kind, count in groups
    ]


def _table(groups: Sequence[_Group], load: int, what: str = "") -> Table:
    title = "Beside processes that compute all the time" if load else "Without a load of its own"
    return Table(
        title=f"{title}: {what}" if what else title,
        columns=(
            "first answer, async",
            "first answer, sync",
            "all answers, async",
            "all answers, sync",
            "sync takes, of all answers",
            "answers heard, async",
            "answers heard, sync",
        ),
        rows=tuple(_row(label, own) for label, own in groups if own),
        note=f"{load} processes beside it. "
        * bool(load)
        + "Seconds after the first sentence was typed until an answer "
        "was read whole, or by voice after its last sound until it was heard whole; by kind of work and number of "
        "operations. Intervals are told from three runs on.",
        drawn=() if what else ("all answers, async", "all answers, sync"),
    )


def _row(label: str, cases: Sequence[Case]) -> Row:
    return Row(
        label=label,
        cells=(
            *pairs.both(cases, "first_s", "s"),
            *pairs.both(cases, "all_s", "s"),
            pairs.times_sooner(cases, "all_s"),
            *pairs.completed(cases),
        ),
    )
