"""`device run`: start the agent, with a microphone, on a recording, or at the keyboard."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from device.cli.arguments import add_set_option, seconds

if TYPE_CHECKING:
    from device.config import Config

QUESTION = Path(__file__).parents[2] / "tests" / "data" / "question.wav"
"""The spoken question that ships with the repository."""


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `run` to the command line."""
    parser = subparsers.add_parser(
        "run",
        help="talk to the agent",
        examples=(
            "device run",
            "device run --wav tests/data/question.wav --out reply.wav",
            "device --set speaking.speed=1.2 run --text",
        ),
        description=(
            "Start the agent. With a microphone and a loudspeaker you talk to it. Without them it answers the spoken "
            "question that ships with the repository; --text is a conversation at the keyboard."
        ),
        epilog="The conversation is kept in the state directory; a recording begins a fresh one in a temporary place "
        "unless --continue is given. Ctrl-C ends the agent; nothing is lost.",
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--wav", metavar="FILE", type=Path, help="answer this recording (any rate, mono or stereo)")
    way.add_argument("--text", action="store_true", help="type instead of talking; one line is one turn")
    way.add_argument("--service", action="store_true", help="be a service of systemd (systemd/device.service)")
    way.add_argument("--devices", action="store_true", help="list the sound devices, and end")
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        default=Path("reply.wav"),
        help="with --wav: where the spoken reply goes (default: reply.wav)",
    )
    parser.add_argument("--speak", action="store_true", help="with --text: speak the replies, too")
    parser.add_argument(
        "--continue", dest="go_on", action="store_true", help="with --wav: go on with the last conversation"
    )
    parser.add_argument("--new", action="store_true", help="begin a fresh conversation")
    parser.add_argument("--state", metavar="DIR", type=Path, help="where the conversation is kept")
    parser.add_argument("--fast", action="store_true", help="with --wav: do not keep real-time pace")
    parser.add_argument(
        "--linger",
        metavar="S",
        type=seconds,
        default=0.0,
        help="with --wav: listen for S seconds more, for a timer to ring, say",
    )
    parser.add_argument("--json", action="store_true", help="with --wav: print what happened as JSON")
    add_set_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Start the agent the way that was asked for."""
    from device import logs
    from device.app import list_sound_devices

    config = configuration(args)
    logs.start(config.logging.level)
    if args.devices:
        print(list_sound_devices())
        return 0
    import uvloop

    from device.cli import conversation

    if args.service:
        from device.cli.service import serve

        return uvloop.run(serve(args, config))
    return uvloop.run(conversation.hold(args, config))


def configuration(args: argparse.Namespace) -> "Config":
    """What is in force, read anew each time. A service tells more in its log unless it is told otherwise."""
    from msgspec.structs import replace

    from device.config import load

    loaded = load(args.config, overrides=args.set)
    if args.service and loaded.origins["logging", "level"] == "default":
        return replace(loaded.config, logging=replace(loaded.config.logging, level="info"))
    return loaded.config
