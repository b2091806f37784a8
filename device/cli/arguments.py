"""What several commands' arguments have in common: types that argparse has none for, and setting options.

What does not fit is a sentence and exit code 2.
"""

import argparse
import math


def seconds(text: str) -> float:
    """A time that can be waited for. Raises argparse.ArgumentTypeError."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, such as 10 or 2.5")
    return value


def count(text: str) -> int:
    """How often something is done: once or more. Raises argparse.ArgumentTypeError."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of times, such as 3")
    return value


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
