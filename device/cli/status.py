"""`device status`: one screen that says how the running agent fares; `device updating`: that it is being updated."""

import argparse

from device.cli.arguments import add_json_option


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the command line."""
    parser = subparsers.add_parser(
        "status",
        help="how the running agent fares",
        description="How the running agent fares: state, board, memory, models, sound, latency, what it works on, and "
        "the last turns. Latency counts from your last sound, as the agent heard it, to the first of its answer.",
        examples=("device status", "device status --json"),
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
    from device.cli.output import show
    from device.cli.screen import status_lines
    from device.cli.text import printed

    show(args, client.ask(args, "status"), lambda view: printed(lambda width: status_lines(view, width)))
    return 0


def _updating(args: argparse.Namespace) -> int:
    from device.cli import client

    client.ask(args, "updating")
    return 0
