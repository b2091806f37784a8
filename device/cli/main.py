"""The command `device`: parses the command line, and tells a person what went wrong in one sentence.

Commands import what they need only when they run, so that `--help` is quick on a slow board.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import device
from device.cli import audio, bench, config, fsm, gpio, ledger, logs, memory, models, run, status, talk, work
from device.cli.arguments import add_set_option, add_socket_option

EXIT_CODES = """exit codes: 0 done · 1 failed · 2 wrong command line · 3 configuration · 4 models · 5 sound · 6 board ·
7 the conversation cannot be kept · 8 another instance has it · 9 the language model · 10 a tool ·
11 no running agent · 130 interrupted"""

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    from device.errors import DeviceError

    try:
        args = _parser().parse_args(arguments)
        args.set += getattr(args, "set_here", [])
        code: int = args.run(args)
    except DeviceError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as in `device … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="device",
        description="An offline voice agent for a Raspberry Pi or a Jetson.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"device {device.__version__}")
    parser.add_argument("--config", metavar="FILE", type=Path, help="read this configuration file, too")
    add_set_option(parser, dest="set")
    add_socket_option(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for command in (run, audio):
        command.add_parser(commands)
    for family in (status, talk, work, memory):
        family.add_parsers(commands)
    for command in (ledger, logs, models, config, gpio, bench, fsm):
        command.add_parser(commands)
    return parser
