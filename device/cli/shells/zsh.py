"""Completions for zsh, with what each option does."""

from device.cli.shells.values import DIRECTORIES, FILES, kind, offered
from device.cli.tree import Argument, Command

_HEAD = """#compdef device
# Completions of the command `device` for zsh, made by `device completions zsh`.
"""

_TAIL = """
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _device "$@"
else
  compdef _device device
fi
"""


def script(device: Command) -> str:
    """The whole script: a function for each command, and one for each kind of value."""
    values = offered(device)
    names = {kind: f"_device_values_{number}" for number, kind in enumerate(values)}
    kinds = [_values(names[kind], found) for kind, found in values.items()]
    functions = [_command(one, names) for one in device.walk()]
    return "\n".join([_HEAD, *kinds, *functions, _TAIL])


def _values(name: str, values: list[str]) -> str:
    whole = " ".join(_quoted(value) for value in values if not value.endswith("="))
    begun = " ".join(_quoted(value) for value in values if value.endswith("="))
    lines = [f"{name}() {{"]
    if whole:
        lines.append(f'  compadd "$@" -- {whole}')
    if begun:
        lines.append(f"  compadd \"$@\" -S '' -- {begun}")
    return "\n".join([*lines, "}"])


def _command(command: Command, names: dict[str, str]) -> str:
    name = "_".join(("_device", *command.path))
    specs = [spec for option in command.options for spec in _option(option, names)]
    if not command.commands:
        specs += [_operand(number, operand, names) for number, operand in enumerate(command.operands, 1)]
        return "\n".join([f"{name}() {{", "  _arguments " + " \\\n    ".join(specs), "}"])
    listed = " ".join(_quoted(f"{one.path[-1]}:{one.about}") for one in command.commands)
    specs += ["'1:command:->command'", "'*::argument:->argument'"]
    return f"""{name}() {{
  local curcontext=$curcontext state line
  local -a commands=({listed})
  _arguments -C {" ".join(specs)}
  case $state in
    command) _describe -t commands 'command' commands ;;
    argument) (( $+functions[{name}_$line[1]] )) && {name}_$line[1] ;;
  esac
}}"""


def _option(option: Argument, names: dict[str, str]) -> list[str]:
    value = f":{_plain(option.wants)}:{_action(option, names)}" if option.wants else ""
    several = "(" + " ".join(option.flags) + ")" if len(option.flags) > 1 else ""
    return [_quoted(f"{several}{flag}[{_plain(option.about)}]{value}") for flag in option.flags]


def _operand(number: int, operand: Argument, names: dict[str, str]) -> str:
    return _quoted(f"{'*' if operand.many else number}:{_plain(operand.wants)}:{_action(operand, names)}")


def _action(argument: Argument, names: dict[str, str]) -> str:
    found = kind(argument)
    if found == FILES:
        return "_files"
    if found == DIRECTORIES:
        return "_files -/"
    return names.get(found, " ")


def _plain(text: str) -> str:
    """Text that means nothing to _arguments."""
    for sign in "\\:[]":
        text = text.replace(sign, f"\\{sign}")
    return text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
