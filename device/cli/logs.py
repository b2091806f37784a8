"""`device logs`: what the service wrote to the journal."""

import argparse
import sys

from device.cli.arguments import add_json_option, count

PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
SHOWN_LINES = 50


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `logs` to the command line."""
    parser = subparsers.add_parser(
        "logs",
        help="what the service wrote to the journal",
        description="Print the service's log lines from systemd's journal. What was said is not in them.",
        examples=("device logs -n 20", "device logs -p warning --since '1 hour ago'"),
        epilog="An agent that was started with `device run` logs to its terminal instead.",
    )
    parser.add_argument("-f", "--follow", action="store_true", help="go on with lines as they come; Ctrl-C ends it")
    parser.add_argument(
        "-n",
        "--lines",
        type=count,
        metavar="N",
        help=f"the last so many (default: {SHOWN_LINES}; all with --since)",
    )
    parser.add_argument(
        "--since", default="", metavar="TIME", help="none older: today, '1 hour ago', '2026-11-25 08:00'"
    )
    parser.add_argument(
        "-p",
        "--priority",
        default="",
        choices=PRIORITIES,
        metavar="LEVEL",
        help="this grave or graver: err, warning, …",
    )
    add_json_option(parser)
    parser.set_defaults(run=_logs)


def _logs(args: argparse.Namespace) -> int:
    from device import app
    from device.ports import LogLines

    most = args.lines or (None if args.since else SHOWN_LINES)
    wanted = LogLines(count=most, since=args.since, priority=args.priority, json=args.json)
    if args.follow:
        try:
            return 1 if app.follow_journal(wanted) else 0
        except KeyboardInterrupt:  # how following ends
            return 0
    lines = app.read_journal(wanted)
    print(lines, end="")
    if not lines:
        print("The service has written nothing of that kind.", file=sys.stderr)
    return 0
