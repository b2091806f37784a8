"""The whole command line as plain values, read from the parser: what completions, man page and manual are made of."""

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass

from device.cli.parsing import Parser


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """An option or an operand. `wants` is what its value is called, empty for an option that has none."""

    flags: tuple[str, ...] = ()
    wants: str = ""
    choices: tuple[str, ...] = ()
    many: bool = False
    required: bool = False
    about: str = ""
    group: str = "options"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command, by the words that name it after `device`; the empty tuple for `device` itself."""

    path: tuple[str, ...]
    about: str
    description: str
    notes: str
    usage: str
    examples: tuple[str, ...]
    options: tuple[Argument, ...]
    operands: tuple[Argument, ...]
    commands: tuple["Command", ...]

    @property
    def name(self) -> str:
        """As it is typed."""
        return " ".join(("device", *self.path))

    def walk(self) -> Iterator["Command"]:
        """The command itself and all below it, in the order of the help."""
        yield self
        for command in self.commands:
            yield from command.walk()

    def leaves(self) -> list["Command"]:
        """The commands that do something."""
        return [command for command in self.walk() if not command.commands]


def tree(parser: argparse.ArgumentParser, path: tuple[str, ...] = (), about: str = "") -> Command:
    """A parser and all its commands."""
    options: list[Argument] = []
    operands: list[Argument] = []
    commands: tuple[Command, ...] = ()
    for group in parser._action_groups:  # noqa: SLF001 - argparse tells it nowhere else
        for action in group._group_actions:  # noqa: SLF001
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
                commands = _below(action, path)
            elif action.help is not argparse.SUPPRESS:
                (options if action.option_strings else operands).append(_argument(action, group.title or "options"))
    epilog = parser.epilog or ""
    examples = getattr(parser, "examples", ()) if isinstance(parser, Parser) else ()
    return Command(
        path=path,
        about=about,
        description=_whole(parser.description or ""),
        notes=epilog,
        usage=" ".join(parser.format_usage().removeprefix("usage: ").split()),
        examples=tuple(examples),
        options=tuple(options),
        operands=tuple(operands),
        commands=commands,
    )


def _below(action: "argparse._SubParsersAction[argparse.ArgumentParser]", path: tuple[str, ...]) -> tuple[Command, ...]:
    about = {choice.dest: choice.help or "" for choice in action._choices_actions}  # noqa: SLF001
    return tuple(tree(parser, (*path, name), about.get(name, "")) for name, parser in action.choices.items())


def _argument(action: argparse.Action, group: str) -> Argument:
    metavar = action.metavar
    wants = " ".join(metavar) if isinstance(metavar, tuple) else metavar or ""
    if action.nargs == 0:
        wants = ""
    elif not wants:
        wants = "|".join(map(str, action.choices)) if action.choices else action.dest.upper()
    return Argument(
        flags=tuple(action.option_strings),
        wants=wants,
        choices=tuple(map(str, action.choices or ())),
        many=action.nargs in ("*", "+") or (isinstance(action.nargs, int) and action.nargs > 1),
        required=action.required,
        about=_whole((action.help or "") % vars(action) if "%(" in (action.help or "") else (action.help or "")),
        group=group,
    )


def _whole(text: str) -> str:
    """Text whose lines were broken in the source, a paragraph a line."""
    return "\n\n".join(re.sub(r"\s+", " ", paragraph).strip() for paragraph in text.split("\n\n"))
