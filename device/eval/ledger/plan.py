"""The experiment: many writers, crashes at random points, torn logs, and the checker put to the test itself."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from device.eval import intervals
from device.eval.experiment import Perform, Plan, Sizes
from device.eval.ledger.concurrent import SPOILERS, concurrent
from device.eval.ledger.crashes import crashes
from device.eval.result import Case, Figure, Row, Table

NAME = "ledger"
QUESTION = "Does the ledger stay consistent when many change it at once, and when the process is killed at any point?"
NOT_MEASURED = (
    "A real power cut: what a killed process had written stays with the kernel, and a disk may lie about it.",
    "Several processes that write at once: the ledger lets only one have it, which its own tests show.",
)
WRITERS = (1, 4, 16)
ALL_WRITERS = (1, 2, 4, 8, 16, 32, 64)
OPERATIONS, ALL_OPERATIONS = 20, 60
"""Of each writer."""
CRASHING_WRITERS = 6
CRASHES_EACH = 5
"""So many processes are killed on one ledger."""
CUTS = 6
MODES = {"acknowledged": True, "at once": False}
"""When what was seen counts as told: when the ledger is durable, or at once."""


def plan(sizes: Sizes) -> Plan:
    """The steps: so many writers so often, then so many ledgers that suffer crashes in each mode."""
    writers = ALL_WRITERS if sizes.full else WRITERS
    operations = ALL_OPERATIONS if sizes.full else OPERATIONS
    repeats, ledgers = sizes.times(3, 20), sizes.times(2, 40)
    steps = [f"writers {count} {number}" for number in range(repeats) for count in writers]
    steps += [f"crashes {mode} {number}" for number in range(ledgers) for mode in MODES]

    @contextmanager
    def performing() -> Iterator[Perform]:
        yield lambda step: _perform(step, sizes.seed, operations)

    return Plan(
        name=NAME,
        question=QUESTION,
        options={"writers": list(writers), "operations": operations, "repeats": repeats, "ledgers": ledgers},
        steps=steps,
        performing=performing,
        tables=_tables,
        not_measured=NOT_MEASURED,
        thinks="nobody: the ledger alone",
    )


def _perform(step: str, seed: int, operations: int) -> Case:
    kind, what = step.split(" ", 1)
    if kind == "writers":
        return concurrent(f"{seed} {step}", int(what.split()[0]), operations)
    acknowledged = MODES[what.rsplit(" ", 1)[0]]
    return crashes(f"{seed} {step}", CRASHES_EACH, CRASHING_WRITERS, acknowledged=acknowledged, cuts=CUTS)


# --- tables ------------------------------------------------------------------------------------------------------


def _tables(cases: Mapping[str, Case]) -> tuple[Table, ...]:
    at_work = [case for step, case in cases.items() if step.startswith("writers")]
    killed = {mode: [c for step, c in cases.items() if step.startswith(f"crashes {mode} ")] for mode in MODES}
    tables = []
    if at_work:
        tables += [_writers(at_work), _rejected(at_work)]
    if any(killed.values()):
        tables += [_crashes(killed), _torn([cut for of_mode in killed.values() for c in of_mode for cut in c["torn"]])]
    return tuple(tables)


def _writers(cases: Sequence[Case]) -> Table:
    rows = []
    for count in sorted({case["writers"] for case in cases}):
        own = [case for case in cases if case["writers"] == count]
        waits = [ms for case in own for ms in case["wait_ms"]]
        rows.append(
            Row(
                label=f"{count} writer" + ("s" if count > 1 else ""),
                cells=(
                    intervals.count(_sum(own, "operations")),
                    intervals.rate(_sum(own, "conflicts"), _sum(own, "writes")),
                    intervals.mean([case["operations"] / case["seconds"] for case in own], "/s"),
                    intervals.median(waits, "ms"),
                    intervals.percentile(waits, 95, "ms"),
                    *_held(own),
                ),
            )
        )
    return Table(
        title="Many writers on three values",
        columns=(
            "operations",
            "writes that met a conflict",
            "operations a second",
            "acknowledged after, p50",
            "p95",
            "histories linearizable",
            "ledgers without a gap",
        ),
        rows=tuple(rows),
        note="A writer reads a value, lets others run and writes over the version that it read. Every operation waits "
        "until the ledger is on the disk. A history is that of one value in one run.",
        drawn=("acknowledged after, p50", "p95"),
    )


def _rejected(cases: Sequence[Case]) -> Table:
    found = {name: [case["rejected"][name] for case in cases if name in case["rejected"]] for name in SPOILERS}
    return Table(
        title="The checker itself: histories spoilt on purpose",
        columns=("rejected",),
        rows=tuple(Row(label=name, cells=(intervals.rate(sum(own), len(own)),)) for name, own in found.items()),
        note="In a history of the runs above one read is changed to what had been overwritten before it began, or one "
        "conflict to a write that was done.",
    )


def _crashes(killed: Mapping[str, Sequence[Case]]) -> Table:
    rows = [
        Row(
            label=f"what was seen counts {'when it is on the disk' if MODES[mode] else 'at once'}",
            cells=(
                intervals.count(_sum(own, "crashes")),
                intervals.count(_sum(own, "operations")),
                intervals.count(_sum(own, "acknowledged")),
                intervals.count(_sum(own, "cut_off")),
                *_held(own),
                intervals.count(_sum(own, "damaged")),
            ),
        )
        for mode, own in killed.items()
        if own
    ]
    return Table(
        title="Killed at random points",
        columns=(
            "crashes",
            "operations",
            "writes acknowledged",
            "writes cut off",
            "histories linearizable",
            "ledgers without a gap",
            "ledgers damaged",
        ),
        rows=tuple(rows),
        note="Writes are always acknowledged when they are on the disk. A read, or a conflict, that counts as told at "
        "once may have seen a write that the crash takes back: the second row shows how often. Nothing that was kept "
        "rests on such a read, since what follows it in the ledger is lost with it; what leaves the agent waits for "
        "the disk, but for the voice (`device.ports.Ledger`).",
    )


def _torn(cuts: Sequence[Case]) -> Table:
    whole = sum(cut["gapless"] and not cut["damaged"] for cut in cuts)
    return Table(
        title="The write-ahead log cut at a random byte",
        columns=("cuts", "opened with a whole beginning of the records", "taken for damaged"),
        rows=(
            Row(
                label="copies of the ledgers above",
                cells=(
                    intervals.count(len(cuts)),
                    intervals.rate(whole, len(cuts)),
                    intervals.count(_sum(cuts, "damaged")),
                ),
            ),
        ),
    )


def _held(cases: Sequence[Case]) -> tuple[Figure, Figure]:
    return (
        intervals.rate(_sum(cases, "linearizable"), _sum(cases, "keys")),
        intervals.rate(sum(case["gapless"] for case in cases), len(cases)),
    )


def _sum(cases: Sequence[Case], name: str) -> int:
    return sum(case[name] for case in cases)
