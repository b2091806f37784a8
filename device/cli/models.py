"""`device models`: fetch, list, verify and remove the models."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from device.cli import suggest

if TYPE_CHECKING:
    from device.adapters.models.store import ModelStore


COLUMNS = {"": 1, "model": 34, "role": 4, "disk\nMB": 4, "RAM\nMB": 4, "boards": 6, "licence": 12, "sets": 7}
"""The columns of the list and their widths on a narrow terminal: together they fit one of 80, and no word is cut."""

WIDE = 126
"""From this width on every model has room on one line."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `models` to the command line."""
    parser = subparsers.add_parser(
        "models",
        help="fetch, list, verify and remove models",
        description="models/manifest.toml describes them; they are kept in ~/.cache/device/models (or $DEVICE_MODELS).",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="show every model, its size and licence, and which are here")
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(run=_list)
    fetch = actions.add_parser("fetch", help="fetch models or sets; interrupted, the same command goes on")
    fetch.add_argument(
        "names", nargs="*", metavar="NAME", default=["default"], help="models or sets (default: default)"
    )
    fetch.set_defaults(run=_fetch)
    verify = actions.add_parser("verify", help="check every byte of the models that are here")
    verify.add_argument("names", nargs="*", metavar="NAME", help="models or sets (default: all that are here)")
    verify.set_defaults(run=_verify)
    remove = actions.add_parser("remove", help="delete models")
    remove.add_argument("names", nargs="+", metavar="NAME", help="models or sets")
    remove.set_defaults(run=_remove)
    suggest.add_parsers(actions)


def _list(args: argparse.Namespace) -> int:
    store = _store()
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "role": artifact.role,
            "bytes": artifact.bytes,
            "memory_mb": artifact.memory_mb,
            "licence": artifact.licence,
            "boards": artifact.boards,
            "about": artifact.about,
            "sets": [key for key, names in store.manifest.sets.items() if name in names],
            "here": store.is_installed(name),
        }
        for name, artifact in store.manifest.artifacts.items()
    ]
    if args.json:
        import json

        print(json.dumps({"directory": str(store.directory), "models": rows}, indent=2))
        return 0
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    narrow = console.width < WIDE
    table = Table(box=None, pad_edge=False, collapse_padding=narrow, header_style="bold")
    for column, least in COLUMNS.items():
        table.add_column(column, justify="right" if "MB" in column else "left", width=least if narrow else None)
    for row in rows:
        size = f"{row['bytes'] / 1e6:.0f}" if row["bytes"] else "?"
        cells = (
            row["name"],
            row["role"],
            size,
            row["memory_mb"] or "?",
            row["boards"],
            row["licence"],
            " ".join(row["sets"]),
        )
        table.add_row("●" if row["here"] else "○", *map(str, cells))
    console.print(table)
    print(f"● is in {store.directory}    ○ `device models fetch NAME` brings it")
    return 0


def _fetch(args: argparse.Namespace) -> int:
    store = _store()
    missing = [name for name in _artifacts(store, args.names) if not store.is_installed(name)]
    for name in missing:
        artifact = store.manifest.artifacts[name]
        with _progress(name, artifact.bytes) as progress:
            store.fetch(name, progress)
        print(f"{name}: fetched and checked ({artifact.licence})", file=sys.stderr, flush=True)
    return 0


def _verify(args: argparse.Namespace) -> int:
    from device.errors import ModelError

    store = _store()
    names = _artifacts(store, args.names) if args.names else [n for n in store.manifest.artifacts if store.is_here(n)]
    if not names:
        print("No model is here: run `device models fetch`.")
    worst = 0
    for name in names:
        try:
            store.verify(name)
        except ModelError as error:
            print(error)
            worst = error.exit_code
        else:
            print(f"{name}: whole")
    return worst


def _remove(args: argparse.Namespace) -> int:
    store = _store()
    for name in _artifacts(store, args.names):
        print(f"{name}: {'removed' if store.remove(name) else 'was not here'}")
    return 0


def _artifacts(store: "ModelStore", names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(artifact for name in names for artifact in store.manifest.artifacts_of(name)))


def _store() -> "ModelStore":
    from device.app import model_store

    return model_store()


@contextmanager
def _progress(name: str, total_bytes: int) -> Iterator["_Bar | _Lines"]:
    """A bar on a terminal, a line every tenth elsewhere."""
    if not sys.stderr.isatty():
        yield _Lines(name, total_bytes)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[what]}", style="dim"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bar(bars, name, total_bytes)


class _Bar:
    """`Progress` as a rich bar."""

    def __init__(self, bars: "object", name: str, total_bytes: int) -> None:
        from rich.progress import Progress

        assert isinstance(bars, Progress)
        self._bars = bars
        self._task = bars.add_task(name, total=total_bytes or None, what="")

    def advance(self, count: int) -> None:
        self._bars.update(self._task, advance=count)

    def say(self, what: str) -> None:
        self._bars.update(self._task, what=what)


class _Lines:
    """`Progress` as lines, for a log."""

    def __init__(self, name: str, total_bytes: int) -> None:
        self._name = name
        self._total_bytes = total_bytes
        self._bytes = 0
        self._told = 0

    def advance(self, count: int) -> None:
        self._bytes += count
        tenths = min(10 * self._bytes // self._total_bytes, 10) if self._total_bytes else 0
        if tenths > self._told:
            self._told = tenths
            print(f"{self._name}: {tenths * 10} % of {self._total_bytes / 1e6:.0f} MB", file=sys.stderr, flush=True)

    def say(self, what: str) -> None:
        """Only the bar has room for that."""
