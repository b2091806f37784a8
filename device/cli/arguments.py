"""What several commands' arguments have in common: types that argparse has none for, and setting options.

What does not fit is a sentence and exit code 2.
"""

import argparse
import math
from collections.abc import Callable

MOST_DIGITS = 15
"""Of a whole number: what is longer is a slip, and takes long to read."""


def seconds(text: str) -> float:
    """A time that can be waited for. Raises argparse.ArgumentTypeError."""
    value = _number(text)
    if not 0.0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, such as 10 or 2.5")
    return value


def share(text: str) -> float:
    """A share above 0, up to 1. Raises argparse.ArgumentTypeError."""
    value = _number(text)
    if not 0.0 < value <= 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0 and up to 1, such as 0.2")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """The type of whole numbers from `least` to `most`; it raises argparse.ArgumentTypeError."""
    wanted = f"from {least} on" if most is None else f"from {least} to {most}"

    def number(text: str) -> int:
        readable = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
        value = int(text) if readable else least - 1
        if value < least or (most is not None and value > most):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {wanted}")
        return value

    return number


count = whole(1)
"""How often something is done, or how many of something there are."""


def add_set_option(parser: argparse.ArgumentParser, *, dest: str = "set_here") -> None:
    """Let the command line set options of the configuration, before a command and after it."""
    parser.add_argument(
        "--set",
        metavar="SECTION.KEY=VALUE",
        action="append",
        default=[],
        dest=dest,
        help="set one option of the configuration (may be repeated)",
    )


def add_socket_option(parser: argparse.ArgumentParser) -> None:
    """Let the command line name the agent that is meant, by its socket."""
    parser.add_argument("--socket", metavar="PATH", help="the control socket of the agent that is meant")


def add_json_option(parser: "argparse._ActionsContainer") -> None:
    """Let a command answer in JSON."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON, for scripts")
