"""`device eval compare`: what the asynchronous agent and its strict turns get done when the model itself decides."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Self

from device.bench.overlap.player import Staging, says_nothing
from device.eval import bfcl, intervals, pairs
from device.eval.experiment import SCRIPT, Perform, Plan, Sizes
from device.eval.result import Case, Row, Table
from device.eval.workloads import TOOLS, workload

NAME = "compare"
QUESTION = "What do the asynchronous agent and a synchronous one get done, how soon, and at which cost?"
NOT_MEASURED = (
    "Other programs' synchronous agents: the one here is this program in strict turns, so that nothing else differs.",
    "Electric power: processor time stands for it.",
)
OPERATIONS, ALL_OPERATIONS = (1, 3), (1, 2, 4, 8, 16)
SCALE = 0.2
LEADERBOARD = "leaderboard"
REQUESTS, ALL_REQUESTS = 4, 200
"""Of each category of the leaderboard."""


def plan(sizes: Sizes) -> Plan:
    """Every kind with every number of operations; then the leaderboard's requests, where they are here."""
    operations = sizes.operations or (ALL_OPERATIONS if sizes.full else OPERATIONS)
    repeats = sizes.times(1, 10)
    scale = sizes.scale or (1.0 if sizes.full else SCALE)
    wanted = (ALL_REQUESTS if sizes.full else REQUESTS) if sizes.requests is None else sizes.requests
    requests = wanted if bfcl.is_here() and not sizes.script else 0
    played = [
        f"{kind}, {count}, {number}" for number in range(repeats) for kind, count in pairs.combinations(operations)
    ]
    asked = [f"{LEADERBOARD}, {category}, {number}" for category in bfcl.CATEGORIES for number in range(requests)]

    @contextmanager
    def performing() -> Iterator[Perform]:
        with _Performers(sizes, scale) as performers:
            yield performers.perform

    llm = sizes.config.models.llm
    left_out = () if requests else (f"The Berkeley Function-Calling Leaderboard's requests: {bfcl.ABSENT}.",)
    return Plan(
        name=NAME,
        question=QUESTION,
        options={"operations": list(operations), "repeats": repeats, "scale": scale, LEADERBOARD: requests},
        steps=[*played, *asked],
        performing=performing,
        tables=_tables,
        not_measured=(*NOT_MEASURED, *left_out),
        thinks=SCRIPT if sizes.script else f"{llm} decides",
        models={} if sizes.script else {"llm": llm},
    )


class _Performers:
    """Both agents for the workloads, then the model alone for the leaderboard; never all in memory at once."""

    def __init__(self, sizes: Sizes, scale: float) -> None:
        self._sizes, self._scale = sizes, scale
        self._number = 0
        self._stack = ExitStack()
        self._agents: pairs.Pair | None = None
        self._asker: bfcl.Asker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def perform(self, step: str) -> Case:
        """Do a step."""
        first, second, repeat = step.split(", ")
        self._number += 1
        if first == LEADERBOARD:
            return {"kind": first, **self._leaderboard().ask(second, int(repeat), self._sizes.seed)}
        one = workload(first, int(second), f"{self._sizes.seed} {repeat}", scale=self._scale)
        return {"kind": first, "operations": int(second), **self._pair().play(one, self._number)}

    def _pair(self) -> pairs.Pair:
        if self._agents is None:
            script = says_nothing if self._sizes.script else None
            staging = Staging(
                strict=False,
                scripted=self._sizes.script,
                spoken=self._sizes.voice,
                heard=self._sizes.voice,
                script=script,
                specs=TOOLS,
            )
            self._agents = self._stack.enter_context(pairs.pair(self._sizes.config, staging))
        return self._agents

    def _leaderboard(self) -> bfcl.Asker:
        if self._asker is None:
            self._stack.close()
            self._agents = None
            self._asker = self._stack.enter_context(bfcl.Asker(self._sizes.config))
        return self._asker


# --- tables ------------------------------------------------------------------------------------------------------


def _tables(cases: Mapping[str, Case]) -> tuple[Table, ...]:
    played = [case for case in cases.values() if case["kind"] != LEADERBOARD]
    asked = [case for case in cases.values() if case["kind"] == LEADERBOARD]
    tables = [_done(played), _cost(played)] if played else []
    return (*tables, *([bfcl.table(asked)] if asked else []))


def _groups(cases: Sequence[Case]) -> list[tuple[str, list[Case]]]:
    kinds = dict.fromkeys(case["kind"] for case in cases)
    return [
        *((kind, [case for case in cases if case["kind"] == kind]) for kind in kinds),
        ("all of these", list(cases)),
    ]


def _done(cases: Sequence[Case]) -> Table:
    return Table(
        title="What was done, and when",
        columns=(
            "answers heard, async",
            "answers heard, sync",
            "all answers, async",
            "all answers, sync",
            "sync takes, of all answers",
        ),
        rows=tuple(
            Row(
                label=kind,
                cells=(
                    *pairs.completed(own),
                    *pairs.both(own, "all_s", "s"),
                    pairs.times_sooner(own, "all_s"),
                ),
            )
            for kind, own in _groups(cases)
        ),
        note="Seconds after the first sentence. Where an answer was never heard, the whole run counts.",
        drawn=("answers heard, async", "answers heard, sync"),
    )


def _cost(cases: Sequence[Case]) -> Table:
    return Table(
        title="What it cost",
        columns=(
            "processor time, async",
            "processor time, sync",
            "most memory, async",
            "most memory, sync",
            "replies, async",
            "replies, sync",
        ),
        rows=tuple(
            Row(
                label=kind,
                cells=(
                    *pairs.both(own, "cpu_s", "s"),
                    *(intervals.largest([case[mode]["peak_mb"] for case in own], "MB") for mode in pairs.MODES),
                    *pairs.both(own, "replies", ""),
                ),
            )
            for kind, own in _groups(cases)
        ),
        note="Processor time of all threads for one workload; the most that was ever resident, weights included.",
        drawn=("processor time, async", "processor time, sync"),
    )
