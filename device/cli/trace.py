"""`device trace`: where the time of a turn went."""

import argparse
from pathlib import Path
from typing import Any

from device.cli.arguments import add_json_option, whole


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `trace` to the command line."""
    parser = subparsers.add_parser(
        "trace",
        help="where a turn's time went",
        description="One turn as a timeline: what took from when until when, in milliseconds from your last sound "
        "(from the reply's beginning where nobody spoke): your speech, the wait for its end, recognition, what was "
        "read ahead or rehearsed and whether that was wanted, the prompt, the first words and their sound, calls, and "
        "the wait for the floor.",
        epilog="The last 64 turns since the agent's start can be traced. A Perfetto trace opens at ui.perfetto.dev.",
        examples=("device trace", "device trace --list", "device trace --svg turn.svg --perfetto turn.json"),
    )
    parser.add_argument("turn", metavar="TURN", nargs="?", type=whole(0), help="its number (default: the last one's)")
    parser.add_argument("--list", action="store_true", help="list the turns that can be traced")
    parser.add_argument("--svg", metavar="FILE", type=Path, help="draw it")
    parser.add_argument("--perfetto", metavar="FILE", type=Path, help="write it as a Perfetto (Chrome) trace")
    add_json_option(parser)
    parser.set_defaults(run=_trace)


def _trace(args: argparse.Namespace) -> int:
    from device.cli import client
    from device.cli.output import as_json, show
    from device.cli.text import printed

    if args.list:
        show(args, client.ask(args, "turns"), lambda turns: printed(lambda _: _listing(turns)))
        return 0
    found = client.ask(args, "trace", {} if args.turn is None else {"turn": args.turn})
    _write_files(args, found)
    if args.json:
        print(as_json(found))
    elif args.svg is None and args.perfetto is None:
        from device.cli.trace_text import trace_lines

        print(printed(lambda width: trace_lines(found, min(width, 120))))
    return 0


def _write_files(args: argparse.Namespace, found: dict[str, Any]) -> None:
    from device.cli.metrics import write_whole

    if args.svg is not None:
        from device.cli.trace_picture import picture

        write_whole(args.svg, picture(found))
    if args.perfetto is not None:
        import json

        from device.cli.trace_perfetto import chrome_trace

        write_whole(args.perfetto, json.dumps(chrome_trace(found), ensure_ascii=False))


def _listing(turns: list[dict[str, Any]]) -> list[Any]:
    from device.cli.screen import clock
    from device.cli.text import Part, clean, line, milliseconds

    if not turns:
        return [line("There was no turn yet since the agent started.")]
    return [
        line(
            f"{turn['turn']:>6}  {clock(turn['wall_seconds'])}  {_waited(turn, milliseconds):>9}  ",
            Part(f"{turn['outcome']:<11}  ", "" if turn["outcome"] == "heard" else "yellow"),
            clean(turn["said"]) or f"({turn['cause']}) {clean(turn['answered'])}",
        )
        for turn in turns
    ]


def _waited(turn: dict[str, Any], milliseconds: Any) -> str:
    ms = turn["voice_to_voice_ms"]
    return turn["cause"] if ms is None else str(milliseconds(ms))
