"""`device bench wake`: whether its name wakes it, and what else does."""

import argparse

from device.cli.arguments import add_json_option

DESCRIPTION = """Say the wake word in many voices, in a quiet room and in noise, and count how often it is heard; then
talk for an hour without it, and count how often it is heard all the same. The speech is made by the voices that are
there; it goes through the agent's own ears."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `wake` to the measurements."""
    parser = subparsers.add_parser(
        "wake",
        help="the wake word: heard, and falsely heard",
        description=DESCRIPTION,
        examples=("device bench wake --minutes 1 --calls 2",),
    )
    parser.add_argument("--minutes", type=float, default=60.0, metavar="M", help="of talk without it (default: 60)")
    parser.add_argument("--calls", type=int, default=40, metavar="N", help="in each noise (default: 40)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="make other speech")
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure; returns the exit code."""
    import json
    import sys

    from device import logs
    from device.bench import wake
    from device.config import load

    config = load(args.config, overrides=args.set).config
    logs.start(config.logging.level)
    options = wake.WakeOptions(minutes=args.minutes, calls=args.calls, seed=args.seed)
    result = wake.measure(config, options, lambda line: print(line, file=sys.stderr, flush=True))
    print(json.dumps(result, indent=2) if args.json else wake.as_text(result))
    return 0
