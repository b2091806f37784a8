"""`device manual`: the manual and the page for man(1), made from the parser and from sessions that were really run."""

import argparse
from pathlib import Path

from device.cli.arguments import add_json_option
from device.cli.output import show

PLACE = Path(__file__).parents[2] / "manual"
"""Where the manual and its sessions are kept."""


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `manual` to the command line."""
    parser = subparsers.add_parser(
        "manual",
        help="print the manual",
        description="Print the manual of all commands: as Markdown, with a session of each, or as a page for man(1). "
        "scripts/install installs the page.",
        epilog="The sessions are taken from a live agent by scripts/manual.",
        examples=("device manual --man",),
    )
    parser.add_argument("--man", action="store_true", help="print the page for man(1)")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--check", action="store_true", help="fail if the manual is stale or a session is missing")
    change.add_argument("--write", action="store_true", help="renew the manual from the parser and the sessions")
    add_json_option(parser)
    parser.set_defaults(run=_manual)


def _manual(args: argparse.Namespace) -> int:
    from device.cli.main import parser
    from device.cli.manual import man, markdown, sessions
    from device.cli.tree import tree

    device = tree(parser())
    if args.man:
        page = man.page(device)
        show(args, {"page": page}, lambda _: page.rstrip("\n"))
        return 0
    taken = sessions.read(PLACE / "sessions")
    text, file = markdown.manual(device, taken), PLACE / "README.md"
    if args.write:
        file.write_text(text, encoding="utf-8")
        return 0
    if not args.check:
        show(args, {"manual": text}, lambda _: text.rstrip("\n"))
        return 0
    wrong = sessions.mistakes(device, taken)
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        wrong.append(f"{file} is stale: run `device manual --write`.")
    show(args, {"mistakes": wrong}, (lambda _: "\n".join(wrong)) if wrong else None)
    return 1 if wrong else 0
