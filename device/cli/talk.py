"""`device say`, `ask`, `hear`, `interrupt`, `mute`: talking to the running agent; making it talk, be silent or deaf."""

import argparse
import sys
from pathlib import Path
from typing import Any

from device.cli.arguments import add_json_option
from device.cli.output import show

PIECE_SECONDS = 0.5
"""So much of a recording is sent at once."""


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the command line."""
    ask = subparsers.add_parser(
        "ask",
        help="ask it something, and read the reply",
        examples=("device ask What is six times seven?",),
        description="Ask the running agent as if you had typed it. The reply is printed as it is made, and spoken.",
    )
    ask.add_argument("text", metavar="TEXT", nargs="+", help="the question")
    add_json_option(ask)
    ask.set_defaults(run=_ask)

    say = subparsers.add_parser(
        "say",
        help="let it say something, word for word",
        examples=("device say Dinner is ready.",),
        description="Let the running agent say these words as soon as the floor is free. The conversation remembers "
        "them as its own.",
    )
    say.add_argument("text", metavar="TEXT", nargs="+", help="the words")
    add_json_option(say)
    say.set_defaults(run=_say)

    hear = subparsers.add_parser(
        "hear",
        help="let it hear a recording",
        examples=("device hear tests/data/capital.flac",),
        description="Let the running agent hear a recording in the microphone's place, at its own pace; the reply is "
        "spoken, and printed.",
    )
    hear.add_argument("file", metavar="FILE", type=Path, help="a recording (any rate, mono or stereo)")
    add_json_option(hear)
    hear.set_defaults(run=_hear)

    interrupt = subparsers.add_parser(
        "interrupt",
        help="silence it at once",
        description="Silence the running agent at once, as its button does.",
        examples=("device interrupt",),
    )
    add_json_option(interrupt)
    interrupt.set_defaults(run=_interrupt)

    mute = subparsers.add_parser(
        "mute",
        help="close its microphone, or open it again",
        examples=("device mute on", "device mute off"),
        description="Close the running agent's microphone until it is opened again, also over a restart; what it says "
        "and alarms are still heard.",
    )
    mute.add_argument("switch", choices=("on", "off"), help="on closes the microphone, off opens it")
    add_json_option(mute)
    mute.set_defaults(run=_mute)


def _ask(args: argparse.Namespace) -> int:
    from device.cli import client

    with client.connect(args) as agent:
        return _report(args, agent.ask("ask", {"text": " ".join(args.text)}, on_part=_printer(args)))


def _say(args: argparse.Namespace) -> int:
    from device.cli import client

    with client.connect(args) as agent:
        return _report(args, agent.ask("say", {"text": " ".join(args.text)}))


def _hear(args: argparse.Namespace) -> int:
    from device.cli import client

    with client.connect(args) as agent:
        *pieces, last = _pieces(args.file)
        for piece in pieces:
            agent.ask("hear", {"samples": piece})
        return _report(args, agent.ask("hear", {"samples": last, "last": True}, on_part=_printer(args)))


def _interrupt(args: argparse.Namespace) -> int:
    from device.cli import client

    show(args, client.ask(args, "interrupt"))
    return 0


def _mute(args: argparse.Namespace) -> int:
    from device.cli import client

    show(args, client.ask(args, "mute", {"on": args.switch == "on"}))
    return 0


def _pieces(file: Path) -> list[str]:
    """The recording as the agent wants it, at least one piece. Raises AudioError."""
    import base64

    from device.app import read_recording
    from device.ports import RECOGNITION_HZ

    samples = read_recording(file).clip(-1.0, 1.0)
    raw = (samples * 32767.0).astype("<i2").tobytes()
    size = round(PIECE_SECONDS * RECOGNITION_HZ) * 2
    return [base64.b64encode(raw[at : at + size]).decode() for at in range(0, max(len(raw), 1), size)]


def _printer(args: argparse.Namespace) -> Any:
    """Prints a reply as it comes, each on a line of its own."""
    turns: list[int] = []

    def show_part(part: dict[str, Any]) -> None:
        if args.json:
            return
        if turns and turns[-1] != part["turn"]:
            print()
        turns.append(part["turn"])
        print(part["text"], end="", flush=True)

    return show_part


def _report(args: argparse.Namespace, outcome: dict[str, Any]) -> int:
    """Finish the output; exit code 9 for a reply that broke off."""
    from device.cli.output import as_json
    from device.errors import GenerationError

    if args.json:
        print(as_json(outcome))
    elif outcome["text"] and args.command != "say":
        print()
    if outcome["interrupted"] and not args.json:
        print("It was interrupted.", file=sys.stderr)
    if outcome["failure"]:
        raise GenerationError(f"The reply broke off: {outcome['failure']}")
    return 0
