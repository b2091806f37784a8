"""`device bench duplex`: listening while speaking."""

import argparse

from device.cli.arguments import count
from device.cli.bench_options import add_output, config_of, write
from device.cli.progress import bar

DESCRIPTION = """Let the agent talk in simulated rooms, its loudspeaker beside its microphone: nobody may say anything,
somebody talks over it, somebody coughs or says "right". Counted is how often it interrupts itself, how many
interruptions it notices and how soon it falls silent, whether it remembers exactly the words that were heard, and how
much of its echo is taken away. The voice, the echo canceller, the voice detector and the recognizer are real; the
language model is a script. Rooms differ in size, reverberation, the echo's loudness and delay, noise, drifting clocks
and an overdriven loudspeaker."""

ROOMS = 30
BARGE_INS = 2


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `duplex` to the measurements."""
    parser = subparsers.add_parser(
        "duplex",
        help="listening while speaking",
        description=DESCRIPTION,
        examples=("device bench duplex --rooms 1 --fast --wake-minutes 0",),
    )
    parser.add_argument("--rooms", metavar="N", type=count, default=ROOMS, help=f"so many rooms (default: {ROOMS})")
    parser.add_argument(
        "--barge-ins", metavar="N", type=count, default=BARGE_INS, help=f"so many in each room (default: {BARGE_INS})"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="other rooms, replies and interruptions")
    parser.add_argument(
        "--fast", action="store_true", help="do not keep real-time pace: as if this machine were infinitely fast"
    )
    parser.add_argument(
        "--wake-minutes",
        metavar="M",
        type=float,
        default=60.0,
        help="so much talk without the wake word, if its model is here (default: 60; 0 for none)",
    )
    add_output(parser, "draw the pauses and the rooms")
    parser.set_defaults(run=run, models="")


def run(args: argparse.Namespace) -> int:
    """Measure; returns the exit code."""
    import itertools
    import json

    from device import logs
    from device.bench.duplex import report, session

    args.set = ["tools.enabled=none", *args.set]
    config = config_of(args)
    logs.start(config.logging.level)
    done = itertools.count(1)
    with bar(args.rooms * (args.barge_ins + 2), "rooms") as tell:
        found = session.measure(
            config,
            rooms=args.rooms,
            barge_ins=args.barge_ins,
            seed=args.seed,
            paced=not args.fast,
            wake_minutes=args.wake_minutes,
            on_scene=lambda _: tell(next(done), "rooms"),
        )
    if args.svg is not None:
        from device.bench.duplex import picture

        write(args.svg, picture.picture(found))
    print(json.dumps(found, indent=2) if args.json else report.as_text(found))
    return 0
