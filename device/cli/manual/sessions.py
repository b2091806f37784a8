"""Sessions: commands as they were really run, one file for each command, written by scripts/manual."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from device.cli.tree import Command

Sessions = Mapping[str, list[dict[str, Any]]]
"""By a command's name: for each of its examples `line`, `shown`, `exit_code`, and `json`, the shape of its JSON."""


EXPERIMENTS = "eval"
"""The group of commands that take minutes to hours, and speak to no live agent: they may go without a session."""


def file_name(command: Command) -> str:
    """Where a command's sessions are kept."""
    return f"{'-'.join(command.path)}.json"


def read(directory: Path) -> Sessions:
    """All sessions."""
    files = sorted(directory.glob("*.json"))
    found = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return {one["command"]: one["sessions"] for one in found}


def mistakes(device: Command, taken: Sessions) -> list[str]:
    """What is missing or too many, a sentence each."""
    leaves = {command.name: command for command in device.leaves()}
    wrong = [
        f"{name} has a session but is no command: delete it from device/manual/sessions."
        for name in taken.keys() - leaves
    ]
    for name, command in leaves.items():
        if command.path[0] == EXPERIMENTS and name not in taken:
            continue
        if [one["line"] for one in taken.get(name, [])] != list(command.examples):
            wrong.append(f"{name} has no session of its examples: run .venv/bin/python scripts/manual.")
    wrong += [
        f"The session of {one['line']} has colours in it."
        for found in taken.values()
        for one in found
        if "\x1b" in one["shown"]
    ]
    return wrong


def shape(value: Any) -> Any:
    """What JSON looks like, without what it says: keys, and the kinds of their values.

    A mapping from names that are data (a model's, an option's) to alike values is one entry called "…".
    """
    if isinstance(value, dict):
        if "kind" in value:  # a record of the ledger: its other keys go by that
            return {"kind": "text", "…": "by its kind"}
        shapes = {key: shape(item) for key, item in value.items()}
        if any(not re.fullmatch(r"[a-z][a-z0-9_]*", key) for key in shapes):
            return {"…": next(iter(shapes.values()))}
        return shapes
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return {bool: "true or false", str: "text", int: "number", float: "number"}.get(type(value), "null")


def agrees(one: Any, other: Any) -> bool:
    """Whether two shapes have the same keys, as far as both tell: null, and what is empty, may stand for anything."""
    if "null" in (one, other) or [] in (one, other) or {} in (one, other):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        if "…" in one or "…" in other:
            return True
        return one.keys() == other.keys() and all(agrees(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return agrees(one[0], other[0])
    return bool(one == other)
