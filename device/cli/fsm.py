"""`device fsm`: the dialogue's machine, drawn from its own table."""

import argparse
import re
from pathlib import Path

from device.cli.arguments import add_json_option
from device.cli.output import show

BEGIN, END = "<!-- fsm:begin -->", "<!-- fsm:end -->"


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `fsm` to the command line."""
    parser = subparsers.add_parser(
        "fsm",
        help="draw the dialogue's state machine",
        examples=("device fsm --table",),
        description="Print the dialogue's state machine as a Mermaid diagram, or keep a document's copy up to date.",
    )
    parser.add_argument("--table", action="store_true", help="print the transitions as a table instead")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--check", metavar="FILE", type=Path, help="fail if FILE's copy between the markers is stale")
    change.add_argument("--write", metavar="FILE", type=Path, help="renew FILE's copy between the markers")
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print, check or write the diagram."""
    from device.core.fsm import diagram, listing, rows
    from device.errors import UsageError

    document: Path | None = args.check or args.write
    if document is None:
        show(args, rows(), lambda _: listing() if args.table else diagram())
        return 0
    try:
        text = document.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{document} cannot be read ({error}): name a document.") from error
    block = f"{BEGIN}\n```mermaid\n{diagram()}\n```\n{END}"
    renewed, found = re.subn(f"{BEGIN}.*?{END}", lambda _: block, text, flags=re.DOTALL)
    if not found:
        raise UsageError(f"{document} has no place for the diagram: add the lines {BEGIN} and {END}.")
    if args.write:
        document.write_text(renewed, encoding="utf-8")
    elif renewed != text:
        print(f"The state diagram in {document} is stale: run `device fsm --write {document}`.")
        return 1
    return 0
