"""`device completions`: what Tab completes in bash, zsh and fish, made from the parser itself."""

import argparse

from device.cli.arguments import add_json_option
from device.cli.output import show

SHELLS = ("bash", "zsh", "fish")


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `completions` to the command line."""
    parser = subparsers.add_parser(
        "completions",
        help="print the completions for a shell",
        description="Print the completions for a shell: commands, options, models, tools and configuration keys. "
        "scripts/install installs them.",
        epilog="For yourself alone, after which a new shell knows them:\n\n"
        "  device completions bash > ~/.local/share/bash-completion/completions/device\n"
        "  device completions zsh > ~/.zfunc/_device    (a directory of $fpath)\n"
        "  device completions fish > ~/.config/fish/completions/device.fish",
        examples=("device completions bash",),
    )
    parser.add_argument("shell", choices=SHELLS, help="the shell")
    add_json_option(parser)
    parser.set_defaults(run=_completions)


def _completions(args: argparse.Namespace) -> int:
    from importlib import import_module

    from device.cli.main import parser
    from device.cli.tree import tree

    script: str = import_module(f"device.cli.shells.{args.shell}").script(tree(parser()))
    show(args, {"shell": args.shell, "script": script}, lambda _: script.rstrip("\n"))
    return 0
