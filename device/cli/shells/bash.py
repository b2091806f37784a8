"""Completions for bash. They need no other package, and start no process when Tab is pressed."""

import shlex

from device.cli.shells.values import DIRECTORIES, FILES, kind, offered
from device.cli.tree import Argument, Command

_SCRIPT = r"""# Completions of the command `device` for bash, made by `device completions bash`.

_device_at() { # what there is after these words: other words, options, and the kinds of the operands
  commands= options= operands=
  case $1 in
@AT@
  esac
}

_device_wants() { # the kind of value that an option of a command wants
  kind=
  case $1' '$2 in
@WANTS@
  esac
}

_device_choices() {
  choices=
  case $1 in
@CHOICES@
  esac
}

_device_offer() { # values of a kind that begin with $cur
  case $1 in
    FILE) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    DIR) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    *)
      _device_choices "$1"
      mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$cur")
      [[ ${#COMPREPLY[@]} == 1 && $COMPREPLY != *= ]] || compopt -o nospace
      ;;
  esac
}

_device() {
  local line=${COMP_LINE:0:COMP_POINT} cur= at= word kind= number=0 commands options operands choices
  local -a words wanted
  COMPREPLY=()
  read -ra words <<< "$line"
  if [[ $line != *[[:space:]] ]]; then
    cur=${words[-1]}
    unset 'words[-1]'
  fi
  _device_at ''
  for word in "${words[@]:1}"; do
    if [[ $kind ]]; then
      kind=
    elif [[ $word == -* ]]; then
      _device_wants "$at" "$word"
    elif [[ " $commands " == *" $word "* ]]; then
      at=${at:+$at }$word
      _device_at "$at"
    else
      number=$((number + 1))
    fi
  done
  read -ra wanted <<< "$operands"
  if [[ $kind ]]; then
    _device_offer "$kind"
  elif [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
  elif [[ $commands ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
  elif ((number < ${#wanted[@]})); then
    _device_offer "${wanted[number]%...}"
  elif [[ $operands == *... ]]; then # the last one may be repeated
    kind=${wanted[-1]}
    _device_offer "${kind%...}"
  fi
  if [[ $cur == *=* && $COMP_WORDBREAKS == *=* ]]; then # bash replaces only what stands behind the sign
    COMPREPLY=("${COMPREPLY[@]#"${cur%"${cur##*=}"}"}")
  fi
}

complete -F _device device
"""


def script(device: Command) -> str:
    """The whole script."""
    commands = list(device.walk())
    at = [
        f"    {_quoted(' '.join(one.path))})\n"
        f"      commands={_quoted(' '.join(below.path[-1] for below in one.commands))}\n"
        f"      options={_quoted(' '.join(flag for option in one.options for flag in option.flags))}\n"
        f"      operands={_quoted(' '.join(map(_operand, one.operands)))} ;;"
        for one in commands
    ]
    wants = [
        f"    {'|'.join(_quoted(_words(one, flag)) for flag in option.flags)}) kind={_quoted(_kind(option))} ;;"
        for one in commands
        for option in one.options
        if option.wants
    ]
    choices = [
        f"    {_quoted(name)}) choices={_quoted(' '.join(values))} ;;" for name, values in offered(device).items()
    ]
    return (
        _SCRIPT.replace("@AT@", "\n".join(at))
        .replace("@WANTS@", "\n".join(wants))
        .replace("@CHOICES@", "\n".join(choices))
    )


def _kind(argument: Argument) -> str:
    """A kind as one word."""
    found = kind(argument)
    return found if found in (FILES, DIRECTORIES) else found.replace(" ", "_")


def _operand(argument: Argument) -> str:
    return _kind(argument) + ("..." if argument.many else "")


def _words(command: Command, flag: str) -> str:
    return f"{' '.join(command.path)} {flag}"


def _quoted(text: str) -> str:
    return shlex.quote(text)
