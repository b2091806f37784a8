"""The command `device`: parses the command line, and tells a person what went wrong in one sentence.

A command's module is imported only when the command is used, and imports what it needs only when it runs, so that
`device COMMAND --help` is quick on a slow board.
"""

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import device
from device.cli.arguments import add_set_option, add_socket_option
from device.cli.exit_codes import listing
from device.cli.parsing import Parser

INTERRUPTED = 130

MODULES = {
    "run": ("run",),
    "status": ("status", "updating"),
    "watch": ("watch",),
    "trace": ("trace",),
    "metrics": ("metrics",),
    "doctor": ("doctor",),
    "reload": ("reload",),
    "talk": ("ask", "say", "hear", "interrupt", "mute"),
    "work": ("cancel", "tools"),
    "memory": ("new", "forget"),
    "ledger": ("ledger",),
    "logs": ("logs",),
    "config": ("config",),
    "models": ("models",),
    "audio": ("audio",),
    "gpio": ("gpio",),
    "bench": ("bench",),
    "eval": ("eval",),
    "fsm": ("fsm",),
    "completions": ("completions",),
    "manual": ("manual",),
}
"""The modules of this package that add commands, and which, in the order of the help."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    from device.errors import DeviceError, UsageError

    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        args = parser(_module_of(arguments)).parse_args(arguments)
        args.set += getattr(args, "set_here", [])
        code: int = args.run(args)
        sys.stdout.flush()
    except DeviceError as error:
        from device.logs import printable

        print(printable(str(error)), file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, EOFError):  # EOFError: Ctrl-D at a question
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as in `device … | head`
        _write_no_more()
        return 0
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        _write_no_more()
        print("There is no room left where the output goes: free some, and run the command again.", file=sys.stderr)
        return UsageError.exit_code
    return code


def _write_no_more() -> None:
    """Else what is left in standard output's buffer fails once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser(module: str | None = None) -> Parser:
    """The whole command line, or that of one module's commands alone."""
    whole = Parser(
        prog="device",
        description="An offline voice agent for a Raspberry Pi or a Jetson.",
        epilog=f"exit codes:\n\n{listing()}",
    )
    whole.add_argument("--version", action="version", version=f"device {device.__version__}", help="print the version")
    whole.add_argument("--config", metavar="FILE", type=Path, help="read this configuration file, too")
    add_set_option(whole, dest="set")
    add_socket_option(whole)
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for name in [module] if module else MODULES:
        import_module(f"device.cli.{name}").add_parsers(commands)
    return whole


def _module_of(arguments: Sequence[str]) -> str | None:
    """The module of the command that is used; None if that is not clear at once, as in `device --set a.b=c run`."""
    first = arguments[0] if arguments else ""
    return next((module for module, names in MODULES.items() if first in names), None)
