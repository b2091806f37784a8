"""`device new` and `device forget`: beginning anew, and deleting what was said for good."""

import argparse
import sys

from device.cli.arguments import add_json_option
from device.cli.output import show


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the command line."""
    new = subparsers.add_parser(
        "new",
        help="begin a fresh conversation",
        description="Let the running agent begin a fresh conversation. What was said stays in the ledger.",
        examples=("device new",),
    )
    add_json_option(new)
    new.set_defaults(run=_new)
    forget = subparsers.add_parser(
        "forget",
        help="delete the conversation for good",
        description="Delete the conversation from the disk, so that its words are in no file of the agent's any more. "
        "Alarms, lists, notes and settings stay unless --all is given.",
        examples=("device forget --yes",),
        epilog="It works with and without a running agent. The system's journal may hold what `device run` printed: "
        "sudo journalctl --rotate --vacuum-time=1s -u device",
    )
    forget.add_argument("--all", action="store_true", help="delete alarms, lists, notes and settings, too")
    forget.add_argument("--yes", action="store_true", help="do not ask first")
    add_json_option(forget)
    forget.set_defaults(run=_forget)


def _new(args: argparse.Namespace) -> int:
    from device.cli import client

    show(args, client.ask(args, "new"))
    return 0


def _forget(args: argparse.Namespace) -> int:
    from device.cli import client
    from device.errors import ControlError

    if not args.yes and not _agreed(everything=args.all):
        print("Nothing was deleted.", file=sys.stderr)
        return 1
    try:
        agent = client.connect(args)
    except ControlError:
        if args.socket is not None:
            raise
        count = _forget_without_agent(args)
    else:
        with agent:
            count = agent.ask("forget", {"everything": args.all})["records"]
    show(args, {"records": count}, lambda _: f"{count} records were deleted for good.")
    return 0


def _forget_without_agent(args: argparse.Namespace) -> int:
    import asyncio

    from device import app

    directory = app.conversation_directory(args.config, overrides=args.set)
    return asyncio.run(app.forget(directory, everything=args.all)) if directory.is_dir() else 0


def _agreed(*, everything: bool) -> bool:
    """Ask whoever sits at the terminal; nobody there means no."""
    if not sys.stdin.isatty():
        print("Say --yes to delete without being asked.", file=sys.stderr)
        return False
    what = "everything that the agent remembers" if everything else "the conversation"
    return input(f"Delete {what} for good? [y/N] ").strip().lower() in ("y", "yes")
