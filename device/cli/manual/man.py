"""The page device(1), in the man macros of groff and mandoc."""

import time
from collections.abc import Iterator

import device as program
from device.cli.exit_codes import EXIT_CODES
from device.cli.manual.places import FILES, VARIABLES
from device.cli.tree import Argument, Command


def page(device: Command) -> str:
    """The whole page."""
    return "\n".join(_lines(device)) + "\n"


def _lines(device: Command) -> Iterator[str]:
    yield f'.TH DEVICE 1 "{time.strftime("%Y-%m-%d")}" "device {program.__version__}" "User Commands"'
    yield from (".SH NAME", r"device \- offline voice agent for a Raspberry Pi or a Jetson")
    yield ".SH SYNOPSIS"
    yield from (".B device", r"[\fIoption\fR ...] \fIcommand\fR [\fIargument\fR ...]")
    yield from (".SH DESCRIPTION", _plain(device.description), ".PP")
    yield _plain("What a command prints is for people; with --json it is for scripts, and its keys are stable.")
    yield _plain("Colour is used on terminals alone.")
    yield ".SH OPTIONS"
    for option in device.options:
        yield from _argument(option)
    yield ".SH COMMANDS"
    for command in device.leaves():
        yield from _command(command)
    yield ".SH EXIT STATUS"
    for code, meaning in EXIT_CODES.items():
        yield from (".TP", f".B {code}", _plain(meaning))
    yield ".SH ENVIRONMENT"
    for name, about in VARIABLES.items():
        yield from (".TP", f".B {_plain(name)}", _plain(about))
    yield ".SH FILES"
    for name, about in FILES.items():
        yield from (".TP", f".I {_plain(name)}", _plain(about))
    yield from (".SH SEE ALSO", ".BR systemctl (1),", ".BR journalctl (1)")


def _command(command: Command) -> Iterator[str]:
    yield f".SS {_plain(command.usage)}"
    yield _plain(command.description)
    for argument in (*command.operands, *(one for one in command.options if one.flags[0] != "-h")):
        yield from _argument(argument)
    if command.notes:
        yield ".PP"
        yield from _notes(command.notes)
    if command.examples:
        yield from (".PP", "For example:", ".PP", ".RS 4", ".nf")
        yield from map(_plain, command.examples)
        yield from (".fi", ".RE")


def _argument(argument: Argument) -> Iterator[str]:
    value = rf" \fI{_plain(argument.wants)}\fR" if argument.wants else ""
    names = ", ".join(rf"\fB{_plain(flag)}\fR{value}" for flag in argument.flags) or value.strip()
    yield from (".TP", names, _plain(f"{argument.about[:1].upper()}{argument.about[1:]}."))


def _notes(text: str) -> Iterator[str]:
    """Paragraphs, of which those that begin with a space are shown as they are."""
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ".PP"
        if paragraph.startswith(" "):
            yield from (".RS 4", ".nf", *(_plain(line.strip()) for line in paragraph.splitlines()), ".fi", ".RE")
        else:
            yield _plain(" ".join(paragraph.split()))


def _plain(text: str) -> str:
    """Text that means nothing to roff."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti").replace("^", "\\(ha")
    text = text.replace("`", "\\(ga").replace("'", "\\(aq")
    text = "".join(sign if sign.isascii() else f"\\[u{ord(sign):04X}]" for sign in text)
    return f"\\&{text}" if text.startswith(".") else text
