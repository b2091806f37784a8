"""`device audio`: the microphone and the loudspeaker as they stand."""

import argparse
import sys
from pathlib import Path
from typing import Any

from device.cli.arguments import add_json_option, count
from device.cli.bench_options import write

TEST = """Play a rising tone, listen to what of it comes back, record you for three seconds and play that back: the
levels, the way from the loudspeaker to the microphone and how long it takes, how much of the echo can be taken away,
and what all that means."""

SOAK = """Let the agent talk on the sound card for a long time, hearing itself all the while, and count what was lost:
no sound should be. The voice, the echo canceller and the voice detector are real; what it says is a script."""


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `audio` to the command line."""
    parser = subparsers.add_parser("audio", help="test the sound card", description="Test the sound card.")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    test = actions.add_parser(
        "test",
        help="levels, delay and echo of microphone and loudspeaker",
        description=TEST,
        examples=("device audio test --silent",),
    )
    test.add_argument("--silent", action="store_true", help="nobody is there to speak: measure the rest")
    test.add_argument("--recording", metavar="FILE", type=Path, help="keep what you said")
    test.add_argument("--svg", metavar="FILE", type=Path, help="draw the levels")
    add_json_option(test)
    test.set_defaults(run=_test)
    soak = actions.add_parser(
        "soak",
        help="talk for long, and count lost sound",
        description=SOAK,
        examples=("device audio soak --minutes 1",),
    )
    soak.add_argument("--minutes", metavar="N", type=count, default=60, help="for so long (default: 60)")
    add_json_option(soak)
    soak.set_defaults(run=_soak)


def _test(args: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from device import app, logs
    from device.bench import sound_check, sound_verdict
    from device.config import load
    from device.errors import AudioError

    config = load(args.config, overrides=args.set).config
    logs.start(config.logging.level)
    card, tape = app.sound_card(config), sound_check.Tape()
    cancels = config.audio.echo_cancellation
    canceller = app.load_echo_canceller() if cancels else None
    card.open(tape.exchange, lambda reason: _tell(f"The sound card is gone: {reason}.") if reason else None)
    try:
        _tell(f"Testing {card.name} …")
        found, spoken = sound_check.check(
            card, canceller, block_ms=config.audio.block_ms, speech=lambda: _ask(args), tape=tape
        )
    except TimeoutError as error:
        raise AudioError(f"{card.name} stopped asking for sound: unplug it, plug it in again, and try anew.") from error
    finally:
        card.close()
    judged = sound_verdict.verdict(found, cancels=cancels)
    if args.recording is not None and len(spoken):
        app.write_recording(args.recording, app.at_recognition_rate(spoken, found.rate_hz))
    if args.svg is not None:
        write(args.svg, sound_verdict.picture(found, judged))
    result = {**asdict(found), "usable": judged.usable, "verdict": judged.sentences}
    print(json.dumps(result, indent=2) if args.json else sound_verdict.as_text(found, judged))
    return 0 if judged.usable else AudioError.exit_code


def _ask(args: argparse.Namespace) -> bool:
    if args.silent:
        return False
    _tell("Please say something now, for three seconds; then you will hear it.")
    return True


def _soak(args: argparse.Namespace) -> int:
    import json

    import uvloop

    from device import logs
    from device.bench import soak
    from device.config import load

    config = load(args.config, overrides=["tools.enabled=none", *args.set]).config
    logs.start(config.logging.level)
    result: dict[str, Any] = uvloop.run(soak.measure(config, seconds=args.minutes * 60, tell=_tell))
    print(json.dumps(result, indent=2) if args.json else soak.as_text(result))
    return 0 if not result["underruns"] and not result["overruns"] and not result["lost_by_agent"] else 1


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
