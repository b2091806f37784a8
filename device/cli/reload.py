"""`device reload`: let the running agent take on a changed configuration."""

import argparse
from typing import Any

from device.cli.arguments import add_json_option


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `reload` to the command line."""
    parser = subparsers.add_parser(
        "reload",
        help="let the running agent take on a changed configuration",
        description="Let the running agent read its configuration anew. What it can take on while it runs is in force "
        "at once; what needs a restart is named. If the configuration cannot be used, nothing changes.",
        examples=("device reload",),
        epilog="`sudo systemctl reload device` and the signal SIGHUP to the service do the same.",
    )
    add_json_option(parser)
    parser.set_defaults(run=_reload)


def _reload(args: argparse.Namespace) -> int:
    from device.cli import client
    from device.cli.output import show

    show(args, client.ask(args, "reload"), _text)
    return 0


def _text(told: dict[str, Any]) -> str:
    lines = [f"In force now: {', '.join(told['applied'])}."] if told["applied"] else []
    if told["restart"]:
        lines.append("Only after a restart (sudo systemctl restart device, or end `device run` and start it):")
        lines += [f"  {option}: {why}" for option, why in told["restart"].items()]
    return "\n".join(lines) or "Nothing has changed."
