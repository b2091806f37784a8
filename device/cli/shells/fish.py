"""Completions for fish, with what each option does."""

from device.cli.shells.values import DIRECTORIES, FILES, kind, offered
from device.cli.tree import Argument, Command

_HEAD = """# Completions of the command `device` for fish, made by `device completions fish`.

function __device_at --description 'whether the words so far name this command and no longer one'
    set -l at
    set -l value 0
    for word in (commandline -opc)[2..]
        if test $value = 1
            set value 0
        else if string match -q -- '-*' $word
            contains -- $word @TAKING@; and set value 1
        else if contains -- "$at $word" @COMMANDS@
            set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end

complete -c device -f
"""


def script(device: Command) -> str:
    """The whole script."""
    commands = list(device.walk())
    taking = {flag for one in commands for option in one.options if option.wants for flag in option.flags}
    named = [_quoted(_at(one)) for one in commands if one.path]
    head = _HEAD.replace("@TAKING@", " ".join(sorted(taking))).replace("@COMMANDS@", " ".join(named))
    values = offered(device)
    lines = [line for one in commands for line in _command(one, values)]
    return "\n".join([head, *lines, ""])


def _at(command: Command) -> str:
    return "".join(f" {word}" for word in command.path)


def _command(command: Command, values: dict[str, list[str]]) -> list[str]:
    here = f"complete -c device -n {_quoted(f'__device_at {_quoted(_at(command))}')}"
    lines = [f"{here} -a {one.path[-1]} -d {_quoted(one.about)}" for one in command.commands]
    for option in command.options:
        flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
        lines.append(f"{here} {flags}{_value(option, values)} -d {_quoted(option.about)}")
    for operand in command.operands:
        if choices := values.get(kind(operand)):
            lines.append(f"{here} -a {_quoted(' '.join(choices))}")
        elif kind(operand) in (FILES, DIRECTORIES):
            lines.append(f"{here} -F")
    return lines


def _value(option: Argument, values: dict[str, list[str]]) -> str:
    if not option.wants:
        return ""
    if kind(option) in (FILES, DIRECTORIES):
        return " -r -F"
    choices = values.get(kind(option))
    return f" -x -a {_quoted(' '.join(choices))}" if choices else " -x"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
