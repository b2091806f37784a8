"""What an experiment came to, as it is kept: figures with their uncertainty, in tables, and all that they rest on."""

from collections.abc import Mapping
from typing import Any

import msgspec

from device.errors import UsageError

Case = dict[str, Any]
"""What one step yielded, as JSON has it."""


class Figure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A value of `n` observations, with the 95 % interval of it where that means something; None was not observed.

    Its unit is one of s, ms, MB, %, x (times), /s or empty; a share counts from 0 to 1 and has the unit %.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    unit: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a table."""

    label: str
    cells: tuple[Figure | str, ...]


class Table(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Figures side by side. `drawn` are the columns that a picture shows, which have one unit."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""
    drawn: tuple[str, ...] = ()


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment's outcome.

    `thinks` says what stood for the language model: its name, or that a script did; `command` is what repeats it.
    `complete` is false for a run that
    was interrupted; its tables are of the steps that were done.
    """

    experiment: str
    question: str
    thinks: str
    command: str
    version: str
    seed: int
    complete: bool
    steps_done: int
    steps: int
    options: dict[str, Any]
    models: dict[str, str]
    machine: dict[str, Any]
    tables: tuple[Table, ...]
    not_measured: tuple[str, ...]
    cases: tuple[Case, ...] = ()


def encoded(result: Result) -> str:
    """The result as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(result), indent=1).decode() + "\n"


def decoded(text: bytes, name: str) -> Result:
    """The result in a file's text. Raises UsageError, naming the file."""
    try:
        return msgspec.json.decode(text, type=Result)
    except msgspec.MsgspecError as error:
        raise UsageError(f"{name} is no result of `device eval` ({error}): make it anew, or move it away.") from error


def as_plain(tables: tuple[Table, ...]) -> Any:
    """Tables as JSON has them."""
    return msgspec.to_builtins(tables)


def without_cases(result: Result) -> Result:
    """The result with its tables alone."""
    return msgspec.structs.replace(result, cases=())


def column(rows: Mapping[str, tuple[Figure | str, ...]]) -> tuple[Row, ...]:
    """Rows by their labels."""
    return tuple(Row(label=label, cells=cells) for label, cells in rows.items())
