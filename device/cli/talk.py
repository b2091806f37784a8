"""`device interrupt` and its like: speaking to the running agent, and making it speak or be silent."""

import argparse


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the command line."""
    parser = subparsers.add_parser("interrupt", help="silence the agent at once", description="Silence it at once.")
    parser.set_defaults(run=_interrupt)


def _interrupt(args: argparse.Namespace) -> int:
    from device.cli import client

    client.ask(args, "interrupt")
    return 0
