"""The study's table: either agent, and the difference within each person with its interval, drawn over people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from device.bench.overlap.summary import ASYNC, SYNC
from device.eval import intervals
from device.eval.people.answers import Answers
from device.eval.people.questionnaire import satisfaction
from device.eval.people.sessions import Session
from device.eval.result import Figure, Row, Table

Sessions = Mapping[tuple[str, str], Session]
"""By person and agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measure:
    unit: str
    of: Callable[[Answers, Session | None], float | None]


_MEASURES = {
    "satisfaction": _Measure(unit="%", of=lambda answers, _: satisfaction(answers.statements)),
    "tasks done": _Measure(unit="%", of=lambda _, one: None if one is None else one.done / one.tasks),
    "time for all tasks": _Measure(unit="s", of=lambda answers, _: answers.seconds),
    "wrong or needless calls": _Measure(unit="", of=lambda _, one: None if one is None else one.errors),
    "utterances": _Measure(unit="", of=lambda _, one: None if one is None else one.said),
    "interruptions": _Measure(unit="", of=lambda _, one: None if one is None else one.interruptions),
}


def tables(answers: Sequence[Answers], sessions: Sessions) -> tuple[Table, ...]:
    """The figures of all people who tried both agents, and what they would rather have."""
    by_key = {(one.person, one.agent): one for one in answers}
    people = sorted({one.person for one in answers if {(one.person, ASYNC), (one.person, SYNC)} <= by_key.keys()})
    pairs = [(by_key[person, ASYNC], by_key[person, SYNC]) for person in people]
    rows = tuple(_row(name, measure, pairs, sessions) for name, measure in _MEASURES.items())
    left_out = len({one.person for one in answers}) - len(people)
    note = f"{len(people)} people tried both agents"
    note += f"; {left_out} tried only one and are left out. " if left_out else ". "
    figures = Table(
        title="Either agent",
        columns=("people", "async", "sync", "async − sync"),
        rows=rows,
        note=note + "Means; the difference is within each person, its 95 % interval by the bootstrap over people.",
    )
    return figures, _preference(pairs)


def _row(name: str, measure: _Measure, pairs: Sequence[tuple[Answers, Answers]], sessions: Sessions) -> Row:
    values = [[measure.of(one, sessions.get((one.person, one.agent))) for one in pair] for pair in pairs]
    known = [(one, other) for one, other in values if one is not None and other is not None]
    ones, others = [one for one, _ in known], [other for _, other in known]
    cells: tuple[Figure, ...] = (
        intervals.count(len(known)),
        intervals.mean(ones, measure.unit),
        intervals.mean(others, measure.unit),
        intervals.paired_difference(ones, others, measure.unit),
    )
    return Row(label=name, cells=cells)


def _preference(pairs: Sequence[tuple[Answers, Answers]]) -> Table:
    """Whom people would rather have; what stands in the line of the second agent counts."""
    chosen = [_chosen(pair) for pair in pairs]
    decided = [one for one in chosen if one]
    rows = [Row(label=agent, cells=(intervals.rate(decided.count(agent), len(decided)),)) for agent in (ASYNC, SYNC)]
    return Table(
        title="Whom they would rather have",
        columns=("of those who chose",),
        rows=tuple(rows),
        note=f"{len(chosen) - len(decided)} had no preference.",
    )


def _chosen(pair: tuple[Answers, Answers]) -> str:
    second = max(pair, key=lambda one: one.place)
    first = min(pair, key=lambda one: one.place)
    return {"first": first.agent, "second": second.agent, "": ""}[second.preferred]
