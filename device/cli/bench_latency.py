"""`device bench latency`: from the user's last sound to the reply's first."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from device.cli.arguments import count, whole
from device.cli.bench_options import add_models, add_output, add_utterances, clips_of, config_of, tell, write

DESCRIPTION = """Speak recordings to the agent at real-time pace, each to a fresh conversation, and measure the time
from the true end of the speech (the last 10 ms within 40 dB of the clip's peak, or what a sidecar beside it says) to
the first audible sample of the reply. An utterance counts as cut off if any of the reply is audible before that end."""

EPILOG = """The split says what was waited for: until the endpoint was decided, then for the words, the first text and
the first sound; a part that was ready before it was needed costs nothing. A sidecar is utterances.json
({"NAME.wav": {"text": "…", "end_seconds": 1.23}}), NAME.json with the inner object, or NAME.txt with the words."""

MADE_UTTERANCES = 40
"""How many of the utterances that it makes itself are spoken unless a limit is given: about five minutes."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `latency` to the measurements."""
    parser = subparsers.add_parser(
        "latency",
        help="voice to voice: the user's last sound to the reply's first",
        examples=("device bench latency tests/data/capital.flac",),
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    what = add_utterances(parser, made=MADE_UTTERANCES)
    what.add_argument("--rounds", type=count, default=1, metavar="N", help="speak each N times")
    _add_conditions(parser)
    add_output(parser, "draw where the time of each utterance went")
    other = parser.add_argument_group("instead of one measurement")
    other.add_argument("--ablate", action="store_true", help="turn off one mechanism after the other")
    other.add_argument(
        "--compare", nargs=2, metavar=("A.json", "B.json"), type=Path, help="show two results side by side"
    )
    parser.add_argument("--slowed", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def _add_conditions(parser: argparse.ArgumentParser) -> None:
    conditions = parser.add_argument_group("conditions")
    add_models(conditions)
    conditions.add_argument(
        "--cpu-quota", metavar="PERCENT", type=whole(5, 100), default=100, help="run as on a machine of this speed"
    )
    conditions.add_argument(
        "--load", metavar="N", type=whole(0), default=0, help="with N processes beside it that compute all the time"
    )


def run(args: argparse.Namespace) -> int:
    """Measure, ablate or compare; returns the exit code."""
    import json

    from device.bench import ablation, comparison, results
    from device.bench.timeline_picture import picture

    if args.compare:
        found = comparison.compare(*map(comparison.read, args.compare))
        as_text = comparison.as_text
    elif args.ablate:
        found = _ablated(args)
        as_text = ablation.as_text
    else:
        found = _measured(args)
        as_text = results.as_text
        if args.svg is not None:
            write(args.svg, picture(found))
    print(json.dumps(found, indent=2) if args.json else as_text(found))
    return 0


def _measured(args: argparse.Namespace) -> dict[str, Any]:
    """One measurement; here, or in a process that is slowed down."""
    import json

    from device.bench import slowing

    quota = None
    with slowing.busy(args.load):
        if args.cpu_quota < 100:
            output, quota = slowing.run_slowed(_command(args, "--rounds", args.rounds, "--slowed"), args.cpu_quota)
            found: dict[str, Any] = json.loads(output)
        else:
            found = _measured_here(args)
    found["machine"] |= {"cpu_quota": quota, "busy_processes": args.load}
    return found


def _measured_here(args: argparse.Namespace) -> dict[str, Any]:
    import uvloop

    from device import logs
    from device.bench import results, session, slowing
    from device.bench.figures import Utterance

    if args.slowed:
        slowing.end_with_parent()
    config = config_of(args)
    logs.start(config.logging.level)
    clips = clips_of(args, config, made=MADE_UTTERANCES) * args.rounds

    def tell_one(one: Utterance) -> None:
        total = "cut off" if one.cut_off else "no answer"
        total = total if one.voice_to_voice_ms is None else f"{one.voice_to_voice_ms:.0f} ms"
        tell(f"{total:>10}  {one.text or one.name}")

    return results.result(config, uvloop.run(session.speak(config, clips, on_spoken=tell_one)))


def _ablated(args: argparse.Namespace) -> dict[str, Any]:
    """Every ablation, each in a process of its own, so that none inherits what another has warmed."""
    import json
    import subprocess

    from device.bench import ablation

    def measure(options: Sequence[str]) -> dict[str, Any]:
        command = _command(args, "--cpu-quota", args.cpu_quota, "--load", args.load, options=options)
        ran = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603
        if ran.returncode:
            sys.exit(ran.returncode)
        found: dict[str, Any] = json.loads(ran.stdout)
        return found

    return ablation.ablate(measure, ablation.values(config_of(args)), rounds=args.rounds, tell=tell)


def _command(args: argparse.Namespace, *more: object, options: Sequence[str] = ()) -> list[str]:
    """The same measurement as a command of its own, with its result as JSON."""
    program = [sys.executable, "-m", "device", *(("--config", args.config) if args.config else ())]
    chosen = [part for option in (*args.set, *options) for part in ("--set", option)]
    what = [
        *("--seed", args.seed, "--models", args.models),
        *(("--wavs", args.wavs) if args.wavs else ()),
        *(("--limit", args.limit) if args.limit else ()),
    ]
    measurement = ["bench", "latency", "--json", *what, *more, "--", *args.recordings]
    return list(map(str, [*program, *chosen, *measurement]))
