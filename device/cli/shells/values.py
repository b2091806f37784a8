"""What can stand in the place of a value: the names that the program knows when the completions are made."""

import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal

from device.cli.tree import Argument, Command

FILES, DIRECTORIES = "FILE", "DIR"
"""Values that the shell itself completes."""


def offered(command: Command) -> dict[str, list[str]]:
    """For every kind of value that is wanted anywhere below a command and can be chosen: what there is to choose.

    A value that ends in "=" is the beginning of one.
    """
    kinds = {kind(argument) for one in command.walk() for argument in (*one.options, *one.operands)}
    found = {name: one.split("|") for one in kinds for name in [one] if "|" in one}
    found |= {name: known() for name, known in _KNOWN.items() if name in kinds}
    return dict(sorted(found.items()))


def kind(argument: Argument) -> str:
    """What an argument's value is: FILE, DIR, another metavar, or its choices with bars between; empty for none."""
    return "|".join(argument.choices) if argument.choices else argument.wants


def _settings() -> list[str]:
    """Every option of the configuration as `section.key=`, with its values where they can be chosen."""
    choices = _choices()
    return [f"{key}={value}" for key, values in choices.items() for value in ("", *values)]


def _choices() -> Mapping[str, tuple[str, ...]]:
    from device import app
    from device.config import Config

    found: dict[str, tuple[str, ...]] = {}
    for section, table in typing.get_type_hints(Config).items():
        for key, hint in typing.get_type_hints(table).items():
            found[f"{section}.{key}"] = _values_of(hint)
    for name, artifact in app.model_store().manifest.artifacts.items():
        key = f"models.{artifact.role}"
        if key in found:
            found[key] += (name,)
    return found


def _values_of(hint: Any) -> tuple[str, ...]:
    if hint is bool:
        return ("true", "false")
    if typing.get_origin(hint) is Literal:
        return tuple(map(str, typing.get_args(hint)))
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return tuple(value for one in typing.get_args(hint) for value in _values_of(one))
    return ()


def _sets() -> list[str]:
    from device import app

    return list(app.model_store().manifest.sets)


def _models() -> list[str]:
    from device import app

    return [*_sets(), *app.model_store().manifest.artifacts]


def _tools() -> list[str]:
    from device.tools import all_tools

    return list(all_tools())


_KNOWN: Mapping[str, Callable[[], list[str]]] = {
    "MODEL": _models,
    "SECTION.KEY": lambda: list(_choices()),
    "SECTION.KEY=VALUE": _settings,
    "SET": _sets,
    "TOOL": _tools,
}
