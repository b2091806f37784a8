"""`device gpio`: the board's buttons and LED, seen, tried and pressed."""

import argparse
from collections.abc import Callable
from pathlib import Path

from device.cli.arguments import add_json_option, add_set_option, seconds
from device.cli.output import show


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `gpio` to the command line."""
    parser = subparsers.add_parser(
        "gpio", help="the board's buttons and LED", description="The board's buttons and LED: seen, tried and pressed."
    )
    commands = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    test = commands.add_parser(
        "test",
        help="walk through the wiring",
        examples=("device gpio test --set board.kind=mock --each 0 --seconds 0",),
        description="Show every state on the LED in turn, then tell of every gesture of the buttons. The agent must "
        "not run meanwhile: it has the pins.",
    )
    test.add_argument(
        "--each", metavar="S", type=seconds, default=2.0, help="how long each state is shown (default: 2)"
    )
    test.add_argument(
        "--seconds", metavar="S", type=seconds, default=20.0, help="how long the buttons are listened to (default: 20)"
    )
    add_json_option(test)
    add_set_option(test)
    test.set_defaults(run=_test)
    wiring = commands.add_parser(
        "wiring",
        help="say what goes to which pin, or draw it",
        examples=("device gpio wiring --set board.button=27 --set board.led=plain",),
        description="Say which pins of the header the configured parts are connected to.",
    )
    wiring.add_argument("--draw", metavar="FILE", type=Path, help="draw it as SVG instead")
    change = wiring.add_mutually_exclusive_group()
    change.add_argument("--check-drawings", metavar="DIR", type=Path, help="fail if hardware.md's drawings are stale")
    change.add_argument("--write-drawings", metavar="DIR", type=Path, help="renew hardware.md's drawings")
    add_json_option(wiring)
    add_set_option(wiring)
    wiring.set_defaults(run=_wiring)
    press = commands.add_parser(
        "press",
        help="press a button of the running agent (board.kind = mock)",
        examples=("device gpio press button --seconds 0.2",),
        description="Press a button of the running agent, whose board must have its pins in memory.",
    )
    press.add_argument("name", metavar="NAME", choices=("button", "second_button"), help="button or second_button")
    press.add_argument("--seconds", metavar="S", type=seconds, default=0.1, help="for how long (default: 0.1)")
    add_json_option(press)
    press.set_defaults(run=_press)


DRAWINGS = {
    "led": ("Two buttons and a LED", ("board.led=plain", "board.led_pins=[23]")),
    "rgb": ("Two buttons and an RGB LED (common cathode)", ("board.led=rgb", "board.led_pins=[23, 24, 25]")),
    "strip": ("Two buttons and a strip of APA102", ("board.led=strip",)),
}
"""The drawings of hardware.md: each one's title, and what it is configured with besides two buttons."""

BUTTONS = ("board.button=27", "board.second_button=22")


def _wiring(args: argparse.Namespace) -> int:
    from dataclasses import asdict

    from device.cli import wiring
    from device.cli.bench_options import write
    from device.config import load

    directory: Path | None = args.check_drawings or args.write_drawings
    if directory is None:
        board = load(args.config, overrides=args.set).config.board
        if args.draw is not None:
            write(args.draw, wiring.drawing(board, "As configured"))
        told = None if args.draw else lambda _: wiring.listing(board)
        show(args, [asdict(part) for part in wiring.parts(board)], told)
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

    show(args, client.ask(args, "press", {"button": args.name, "seconds": args.seconds}))
    return 0


def _test(args: argparse.Namespace) -> int:
    import asyncio

    from device import logs
    from device.config import load
    from device.errors import BoardError

    config = load(args.config, overrides=args.set).config
    logs.start(config.logging.level)
    from device.cli.gpio_test import walk

    found = asyncio.run(walk(config, each_seconds=args.each, listen_seconds=args.seconds, tell=_teller(args)))
    show(args, found)
    return BoardError.exit_code if found["failures"] else 0


def _teller(args: argparse.Namespace) -> Callable[[str], None]:
    """Prints a line at once, or nothing where the result is wanted as a whole."""
    return (lambda _: None) if args.json else lambda line: print(line, flush=True)
