"""The sheet of answers, a line for each person and agent. Rule: what cannot be read is named by its line."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from device.bench.overlap.summary import ASYNC, SYNC
from device.errors import UsageError
from device.eval.people.questionnaire import LEAST, MOST, STATEMENTS
from device.eval.people.tasks import SETS

COLUMNS = ("person", "agent", "place", "set", "seconds", *STATEMENTS, "preferred", "comment")
"""`place` is 1 for the first agent and 2 for the second; `seconds` from the first card to the last one's end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What one person said of one agent; None for what they left out."""

    person: str
    agent: str
    place: int
    tasks: str
    seconds: float | None
    statements: Mapping[str, int | None]
    preferred: str


def read(path: Path) -> list[Answers]:
    """All lines of a sheet. Raises UsageError, naming the line, for what cannot be read or stands there twice."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if missing := set(COLUMNS[:-1]) - set(rows.fieldnames or ()):
                raise UsageError(f"{path} has no column {min(missing)}: use the sheet that --kit writes.")
            found = [_answers(path, number, row) for number, row in enumerate(rows, 2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read ({error}): name the sheet with the answers.") from error
    keys = [(one.person, one.agent) for one in found]
    for number, key in enumerate(keys):
        if key in keys[:number]:
            raise UsageError(f"{path}, line {number + 2}: person {key[0]} with {key[1]} is there twice.")
    return found


def _answers(path: Path, number: int, row: Mapping[str, str | None]) -> Answers:
    cells = {name: (value or "").strip() for name, value in row.items() if name}

    def one_of(name: str, allowed: tuple[str, ...]) -> str:
        if cells[name] not in allowed:
            raise UsageError(f"{path}, line {number}: {name} is {cells[name]!r}, not one of {', '.join(allowed)}.")
        return cells[name]

    def figure(name: str, least: float, most: float) -> float | None:
        try:
            value = float(cells[name]) if cells[name] else None
        except ValueError:
            value = float("nan")
        if value is not None and not least <= value <= most:
            raise UsageError(f"{path}, line {number}: {name} is {cells[name]!r}, not from {least:g} to {most:g}.")
        return value

    if not cells["person"]:
        raise UsageError(f"{path}, line {number}: person is empty.")
    statements = {name: figure(name, LEAST, MOST) for name in STATEMENTS}
    return Answers(
        person=cells["person"],
        agent=one_of("agent", (ASYNC, SYNC)),
        place=int(one_of("place", ("1", "2"))),
        tasks=one_of("set", tuple(SETS)),
        seconds=figure("seconds", 1, 24 * 3600),
        statements={name: None if value is None else round(value) for name, value in statements.items()},
        preferred=one_of("preferred", ("", "first", "second")),
    )
