"""`device status`: one screen that says how the running agent fares."""

import argparse

from device.cli.arguments import add_json_option
from device.cli.output import show


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `status` to the command line."""
    parser = subparsers.add_parser("status", help="how the running agent fares", description=__doc__)
    add_json_option(parser)
    parser.set_defaults(run=_status)


def _status(args: argparse.Namespace) -> int:
    from device.cli import client

    show(args, client.ask(args, "status"), _text)
    return 0


def _text(status: dict[str, object]) -> str:
    return "\n".join(f"{name:<16} {value}" for name, value in status.items())
