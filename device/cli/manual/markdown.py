"""The manual as Markdown."""

import json
from collections.abc import Iterator

from device.cli.exit_codes import EXIT_CODES
from device.cli.manual.places import FILES, VARIABLES
from device.cli.manual.sessions import Sessions
from device.cli.tree import Argument, Command

HEAD = """# The command `device`

<!-- Made by `device manual --write` from the parser and from sessions that scripts/manual ran. -->

Every command, what it takes, and, but for the experiments of `device eval`, a session of it, run against a live agent
with the default models on a virtual sound card. `device COMMAND --help` tells the same. With `--json` a command prints
JSON for scripts, whose keys are stable; they stand behind each session. Colour is used on terminals alone, and not
with NO_COLOR. What goes wrong is told in one sentence on standard error."""

MOST_LINES = 40


def manual(device: Command, taken: Sessions) -> str:
    """The whole manual."""
    return "\n".join(_lines(device, taken)) + "\n"


def _lines(device: Command, taken: Sessions) -> Iterator[str]:
    yield from (HEAD, "", "| command | what it does |", "|---|---|")
    for command in device.leaves():
        yield f"| [`{command.name}`](#{command.name.replace(' ', '-')}) | {command.about} |"
    yield from ("", "## Before a command", "", *_arguments(device.options))
    for command in device.leaves():
        yield from _command(command, taken)
    yield from ("", "## Exit codes", "", "| code | meaning |", "|---|---|")
    yield from (f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    yield from ("", "## Files", "")
    yield from (f"- `{name}`: {about}" for name, about in FILES.items())
    yield from ("", "## Environment", "")
    yield from (f"- `{name}`: {about}" for name, about in VARIABLES.items())


def _command(command: Command, taken: Sessions) -> Iterator[str]:
    yield from ("", f"## {command.name}", "", command.description, "", "```", command.usage, "```", "")
    yield from _arguments((*command.operands, *(one for one in command.options if one.flags[0] != "-h")))
    if command.notes:
        yield from ("", *_notes(command.notes))
    for one in taken.get(command.name, []):
        yield from ("", "```console", f"$ {one['line']}", *_cut(one["shown"]), "```")
        if one["exit_code"]:
            yield from ("", f"It ended with the exit code {one['exit_code']}.")
        if one.get("json") is not None:
            yield from ("", f"JSON: `{_shape(one['json'])}`")


def _arguments(arguments: tuple[Argument, ...]) -> Iterator[str]:
    for one in arguments:
        value = f" {one.wants}" if one.wants else ""
        names = ", ".join(f"`{flag}{value}`" for flag in one.flags) or f"`{one.wants}`"
        yield f"- {names}: {one.about}"


def _notes(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        if paragraph.startswith(" "):
            yield from ("```", *(line.strip() for line in paragraph.splitlines()), "```", "")
        else:
            yield from (" ".join(paragraph.split()), "")


def _cut(shown: str) -> list[str]:
    """The output; of a long one its beginning."""
    lines = shown.splitlines()
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], f"… ({len(lines) - MOST_LINES} more lines)"]


def _shape(shape: object) -> str:
    """A shape as it would be written."""
    if isinstance(shape, dict):
        return (
            "{"
            + ", ".join(f"{'…' if key == '…' else json.dumps(key)}: {_shape(item)}" for key, item in shape.items())
            + "}"
        )
    if isinstance(shape, list):
        return f"[{', '.join(map(_shape, shape))}]"
    return str(shape)
