"""`device status`: one screen that says how the running agent fares; `device updating`: that it is being updated."""

import argparse

from device.cli.arguments import add_json_option
from device.cli.output import show


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the command line."""
    parser = subparsers.add_parser(
        "status",
        help="how the running agent fares",
        description="One screen that says how the running agent fares.",
        examples=("device status",),
    )
    add_json_option(parser)
    parser.set_defaults(run=_status)
    updating = subparsers.add_parser(
        "updating",
        help="show on the LED that it is being updated",
        description="Show the pattern for updating on the LED until this command ends (Ctrl-C), as scripts/install "
        "does while it prepares a new version. The agent goes on talking.",
        examples=("device updating",),
    )
    updating.set_defaults(run=_updating)


def _status(args: argparse.Namespace) -> int:
    from device.cli import client

    show(args, client.ask(args, "status"), _text)
    return 0


def _text(status: dict[str, object]) -> str:
    return "\n".join(f"{name:<16} {value}" for name, value in status.items())


def _updating(args: argparse.Namespace) -> int:
    from device.cli import client

    client.ask(args, "updating")
    return 0
