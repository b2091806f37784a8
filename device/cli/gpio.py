"""`device gpio`: the board's buttons and LED, seen, tried and pressed."""

import argparse

from device.cli.arguments import add_set_option, seconds


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `gpio` to the command line."""
    parser = subparsers.add_parser("gpio", help="the board's buttons and LED", description=__doc__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    test = commands.add_parser(
        "test",
        help="walk through the wiring",
        description="Show every state on the LED in turn, then tell of every gesture of the buttons. The agent must "
        "not run meanwhile: it has the pins.",
    )
    test.add_argument(
        "--each", metavar="S", type=seconds, default=2.0, help="how long each state is shown (default: 2)"
    )
    test.add_argument(
        "--seconds", metavar="S", type=seconds, default=20.0, help="how long the buttons are listened to (default: 20)"
    )
    add_set_option(test)
    test.set_defaults(run=_test)
    press = commands.add_parser(
        "press",
        help="press a button of the running agent (board.kind = mock)",
        description="Press a button of the running agent, whose board must have its pins in memory.",
    )
    press.add_argument("name", metavar="NAME", help="button or second_button")
    press.add_argument("--seconds", metavar="S", type=seconds, default=0.1, help="for how long (default: 0.1)")
    press.set_defaults(run=_press)


def _press(args: argparse.Namespace) -> int:
    from device.cli import client

    client.ask(args, "press", {"button": args.name, "seconds": args.seconds})
    return 0


def _test(args: argparse.Namespace) -> int:
    import asyncio

    from device import logs
    from device.config import load

    config = load(args.config, overrides=args.set).config
    logs.start(config.logging.level)
    from device.cli.gpio_test import walk

    return asyncio.run(walk(config, each_seconds=args.each, listen_seconds=args.seconds))
