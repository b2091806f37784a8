"""`device ledger`: what the agent remembers, read from its file, beside a running agent and without one."""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from device.cli.arguments import add_json_option, count

SHOWN_LINES = 20
MOST_VALUE_CHARACTERS = 160


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    ledger = subparsers.add_parser(
        "ledger",
        help="read what the agent remembers",
        description="Read the ledger: every turn, call, result and alarm, in order. Nothing is changed.",
    )
    actions = ledger.add_subparsers(title="actions", metavar="ACTION", required=True)

    tail = actions.add_parser(
        "tail",
        help="the last records",
        description="Print the last records, a line each. Those that a running agent adds are printed as they come "
        "with --follow, until Ctrl-C.",
        examples=("device ledger tail -n 5",),
    )
    tail.add_argument("-n", type=count, default=SHOWN_LINES, metavar="N", help="so many (default: %(default)s)")
    tail.add_argument("-f", "--follow", action="store_true", help="go on with those that a running agent adds")
    add_json_option(tail)
    tail.set_defaults(run=_tail)

    show = actions.add_parser(
        "show",
        help="one record, whole",
        description="Print one record with all that is in it.",
        examples=("device ledger show 1",),
    )
    show.add_argument("id", type=count, metavar="ID", help="its number")
    add_json_option(show)
    show.set_defaults(run=_show)

    search = actions.add_parser(
        "search",
        help="the records that hold some words",
        examples=("device ledger search UserSaid capital",),
        description="Print the records in which all the words stand, large or small, a line each.",
    )
    search.add_argument("words", nargs="+", metavar="WORD", help="a word, or a part of one; also a kind of record")
    add_json_option(search)
    search.set_defaults(run=_search)

    export = actions.add_parser(
        "export",
        help="everything, as JSON lines",
        description="Write all records as JSON, one a line.",
        examples=("device ledger export --out ledger.jsonl",),
    )
    export.add_argument("--out", type=Path, metavar="FILE", help="to this file instead of standard output")
    export.set_defaults(run=_export)


def _tail(args: argparse.Namespace) -> int:
    from device import app
    from device.cli import client

    if args.follow:
        return client.follow(args, "follow", {"last": args.n}, on_part=lambda page: _print(args, page))
    _print(args, app.read_ledger(_directory(args), last=args.n))
    return 0


def _show(args: argparse.Namespace) -> int:
    from device import app
    from device.cli.output import as_json
    from device.errors import LedgerError

    record = next(iter(app.read_ledger(_directory(args), after_id=args.id - 1)), None)
    if record is None or record["id"] != args.id:
        raise LedgerError(f"There is no record {args.id}: `device ledger tail` shows the last ones.")
    print(as_json(record))
    return 0


def _search(args: argparse.Namespace) -> int:
    from device import app

    wanted = [word.casefold() for word in args.words]
    found = (
        record
        for record in app.read_ledger(_directory(args))
        if all(word in _line(record, whole=True).casefold() for word in wanted)
    )
    _print(args, found)
    return 0


def _export(args: argparse.Namespace) -> int:
    from device import app
    from device.errors import LedgerError

    records = app.read_ledger(_directory(args))
    if args.out is None:
        sys.stdout.writelines(_json_lines(records))
        return 0
    try:
        with args.out.open("w", encoding="utf-8") as file:
            file.writelines(_json_lines(records))
    except OSError as error:
        raise LedgerError(f"{args.out} cannot be written ({error.strerror}): choose another file.") from error
    return 0


def _directory(args: argparse.Namespace) -> Path:
    from device import app

    return app.conversation_directory(args.config, overrides=args.set)


def _print(args: argparse.Namespace, records: Iterable[dict[str, Any]]) -> None:
    sys.stdout.writelines(_json_lines(records) if args.json else (_line(record) + "\n" for record in records))
    sys.stdout.flush()


def _json_lines(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    import json

    return (json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _line(record: dict[str, Any], *, whole: bool = False) -> str:
    """A record in one line: its number, when it was, what it is, and what it says."""
    entry = dict(record["entry"])
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record["wall_seconds"]))
    context = "" if record["context"] == "main" else f" [{record['context']}]"
    said = "  ".join(f"{key}={_value(value, whole=whole)}" for key, value in entry.items() if key != "kind")
    return f"{record['id']:>6}  {when}  {entry.get('kind', '?')}{context}  {said}".rstrip()


def _value(value: Any, *, whole: bool) -> str:
    """A value as it is read best; long ones, such as a reply's tokens, are cut."""
    import json

    text = json.dumps(value, ensure_ascii=False)
    return text if whole or len(text) <= MOST_VALUE_CHARACTERS else f"{text[:MOST_VALUE_CHARACTERS]}…"
