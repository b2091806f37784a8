"""`device gpio`: the board's buttons and LED, seen, tried and pressed."""

import argparse
from pathlib import Path

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
    wiring = commands.add_parser(
        "wiring",
        help="say what goes to which pin, or draw it",
        description="Say which pins of the header the configured parts are connected to.",
    )
    wiring.add_argument("--draw", metavar="FILE", type=Path, help="draw it as SVG instead")
    change = wiring.add_mutually_exclusive_group()
    change.add_argument("--check-drawings", metavar="DIR", type=Path, help="fail if hardware.md's drawings are stale")
    change.add_argument("--write-drawings", metavar="DIR", type=Path, help="renew hardware.md's drawings")
    add_set_option(wiring)
    wiring.set_defaults(run=_wiring)
    press = commands.add_parser(
        "press",
        help="press a button of the running agent (board.kind = mock)",
        description="Press a button of the running agent, whose board must have its pins in memory.",
    )
    press.add_argument("name", metavar="NAME", help="button or second_button")
    press.add_argument("--seconds", metavar="S", type=seconds, default=0.1, help="for how long (default: 0.1)")
    press.set_defaults(run=_press)


DRAWINGS = {
    "led": ("Two buttons and a LED", ("board.led=plain", "board.led_pins=[23]")),
    "rgb": ("Two buttons and an RGB LED (common cathode)", ("board.led=rgb", "board.led_pins=[23, 24, 25]")),
    "strip": ("Two buttons and a strip of APA102", ("board.led=strip",)),
}
"""The drawings of hardware.md: each one's title, and what it is configured with besides two buttons."""

BUTTONS = ("board.button=27", "board.second_button=22")


def _wiring(args: argparse.Namespace) -> int:
    from device.cli import wiring
    from device.config import load

    directory: Path | None = args.check_drawings or args.write_drawings
    if directory is None:
        board = load(args.config, overrides=args.set).config.board
        if args.draw is None:
            print(wiring.listing(board))
        else:
            args.draw.write_text(wiring.drawing(board, "As configured"), encoding="utf-8")
        return 0
    stale = []
    for name, (title, options) in DRAWINGS.items():
        file = directory / f"wiring-{name}.svg"
        drawn = wiring.drawing(load(overrides=(*BUTTONS, *options), environment={}).config.board, title)
        if args.write_drawings:
            file.write_text(drawn, encoding="utf-8")
        elif not file.is_file() or file.read_text(encoding="utf-8") != drawn:
            stale.append(file)
    for file in stale:
        print(f"The drawing {file} is stale: run `device gpio wiring --write-drawings {directory}`.")
    return 1 if stale else 0


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
