"""The tables of the experiment: before and after side by side, and every answer that was wrong."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from device.eval import intervals
from device.eval.result import Case, Figure, Row, Table
from device.eval.tuning import material

BOTH = ("before", "after")
PLAIN = ("questions", "remarks")
_SHOWN = 160
"""So many characters of an answer are shown among the errors."""


def tables(cases: Mapping[str, Case]) -> tuple[Table, ...]:
    """Of the cases by the names of their steps."""
    rows = list(cases.values())
    found = (_choices(rows), _dialogues(rows), _plain(rows), _times(rows), _errors(rows))
    return tuple(table for table in found if table.rows)


def _of(rows: Iterable[Case], state: str, *sets: str) -> list[Case]:
    return [row for row in rows if row["state"] == state and row["set"] in sets]


def _rate(rows: Sequence[Case], is_hit: Callable[[Case], bool]) -> Figure:
    return intervals.rate(sum(map(is_hit, rows)), len(rows))


def _choices(rows: Sequence[Case]) -> Table:
    found = []
    for name in material.CHOICES:
        both = [_of(rows, state, name) for state in BOTH]
        if not any(both):
            continue
        wanting = [[row for row in own if row["wanted"]] for own in both]
        idle = [[row for row in own if not row["wanted"]] for own in both]
        found += [
            Row(label=f"{name}: right choice", cells=tuple(_rate(own, lambda row: row["choice"]) for own in both)),
            Row(label=f"{name}: right arguments", cells=tuple(_rate(own, _right_arguments) for own in wanting)),
            Row(label=f"{name}: needless calls", cells=tuple(_rate(own, _called) for own in idle)),
        ]
    return Table(
        title="Requests",
        columns=BOTH,
        rows=tuple(found),
        note="The tools of held-out, mixed and strange are known to the model by their declarations alone; work has "
        "the agent's own. Arguments count among the requests that want a tool, needless calls among the others.",
        drawn=BOTH,
    )


def _right_arguments(row: Case) -> bool:
    return bool(row["arguments"])


def _called(row: Case) -> bool:
    return bool(row["called"])


def _dialogues(rows: Sequence[Case]) -> Table:
    found = []
    for kind, expected in material.EXPECTED.items():
        both = [_of(rows, state, kind) for state in BOTH]
        if any(both):
            cells = tuple(_rate(own, lambda row: row["right"]) for own in both)
            found.append(Row(label=f"{kind}: {expected}", cells=cells))
    return Table(
        title="Turns of dialogues that were never learnt from",
        columns=BOTH,
        rows=tuple(found),
        note="Made by the generator of the lessons, with tools, ways of asking and talk that are in no lesson.",
        drawn=BOTH,
    )


def _plain(rows: Sequence[Case]) -> Table:
    measures: tuple[tuple[str, tuple[str, ...], Callable[[Case], bool]], ...] = (
        ("questions with a checkable answer: right", ("questions",), lambda row: row["known"]),
        ("questions: needless calls", ("questions",), _called),
        ("questions: refused", ("questions",), lambda row: row["refused"]),
        ("remarks: needless calls", ("remarks",), _called),
        ("remarks: refused", ("remarks",), lambda row: row["refused"]),
        ("remarks: no answer at all", ("remarks",), lambda row: row["silent"]),
    )
    found = []
    for label, sets, is_hit in measures:
        both = [_of(rows, state, *sets) for state in BOTH]
        if any(both):
            found.append(Row(label=label, cells=tuple(_rate(own, is_hit) for own in both)))
    return Table(
        title="Plain conversation, with the agent's own tools offered",
        columns=BOTH,
        rows=tuple(found),
        note="Refused: it says that it cannot, has no function, or is a machine.",
        drawn=BOTH,
    )


def _times(rows: Sequence[Case]) -> Table:
    found = []
    for label, key, sets in (
        ("first token of a request, p50", "first_token_ms", material.CHOICES),
        ("first piece to speak in plain conversation, p50", "first_piece_ms", PLAIN),
        ("a token, p50", "ms_per_token", (*material.CHOICES, *PLAIN)),
    ):
        both = [[row[key] for row in _of(rows, state, *sets) if row.get(key) is not None] for state in BOTH]
        if any(both):
            found.append(Row(label=label, cells=tuple(intervals.median(own, "ms") for own in both)))
    return Table(
        title="Time",
        columns=BOTH,
        rows=tuple(found),
        note="After the prompt's fixed part is in the cache; of meaning only on a machine that does nothing else.",
    )


def _errors(rows: Sequence[Case]) -> Table:
    found = []
    for row in rows:
        if row["state"] == "after" and _is_error(row):
            wanted = row.get("wanted")
            got = json.dumps(row["called"], ensure_ascii=False) if row["called"] else row["answer"] or "silence"
            told = wanted or ("silence" if "right" in row else "words")
            told = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
            found.append(Row(label=f"{row['set']}: {row['said'][-_SHOWN:]}", cells=(told[:_SHOWN], got[:_SHOWN])))
    return Table(title="Every error after tuning", columns=("wanted", "got"), rows=tuple(found))


def _is_error(row: Case) -> bool:
    if "choice" in row:
        return not row["choice"] or (bool(row["wanted"]) and not row["arguments"])
    if "right" in row:
        return not row["right"]
    return bool(row["called"]) or row["refused"] or row["silent"] or not row.get("known", True)
