"""`device models`: fetch, list, verify and remove the models."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from device.cli import suggest
from device.cli.arguments import add_json_option
from device.cli.output import show

if TYPE_CHECKING:
    from device.adapters.models.store import ModelStore


COLUMNS = {"": 1, "model": 34, "role": 5, "disk\nMB": 4, "RAM\nMB": 4, "boards": 6, "licence": 12, "sets": 7}
"""The columns of the list and their widths on a narrow terminal: together they fit one of 80, and no word is cut."""

WIDE = 126
"""From this width on every model has room on one line."""


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `models` to the command line."""
    parser = subparsers.add_parser(
        "models",
        help="fetch, list, verify and remove models",
        description="models/manifest.toml describes them; they are kept in ~/.cache/device/models (or $DEVICE_MODELS).",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser(
        "list",
        help="show every model, its size and licence, and which are here",
        description="Show every model: its role, size and licence, the sets that it is in, and whether it is here.",
        examples=("device models list",),
    )
    add_json_option(listing)
    listing.set_defaults(run=_list)
    fetch = actions.add_parser(
        "fetch",
        help="fetch models or sets; interrupted, the same command goes on",
        description="Fetch models or sets of models, check every byte, and prepare them for use. Interrupted, the same "
        "command goes on where it stopped.",
        examples=("device models fetch tiny",),
    )
    fetch.add_argument(
        "names", nargs="*", metavar="MODEL", default=["default"], help="models or sets (default: default)"
    )
    add_json_option(fetch)
    fetch.set_defaults(run=_fetch)
    verify = actions.add_parser(
        "verify",
        help="check every byte of the models that are here",
        description="Check every byte of the models that are here against the manifest.",
        examples=("device models verify silero-vad",),
    )
    verify.add_argument("names", nargs="*", metavar="MODEL", help="models or sets (default: all that are here)")
    add_json_option(verify)
    verify.set_defaults(run=_verify)
    remove = actions.add_parser(
        "remove",
        help="delete models",
        description="Delete models or sets of models from this computer.",
        examples=("device models remove hey-mycroft",),
    )
    remove.add_argument("names", nargs="+", metavar="MODEL", help="models or sets")
    add_json_option(remove)
    remove.set_defaults(run=_remove)
    suggest.add_parsers(actions)


def _list(args: argparse.Namespace) -> int:
    from device.app import needed_models
    from device.config import load

    store, config = _store(), load(args.config, overrides=args.set).config
    used = needed_models(config)
    adapter = config.thinking.adapter
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
            "in_use": name in used,
            "tuned_from": artifact.tuned_from,
        }
        for name, artifact in store.manifest.artifacts.items()
    ]
    if args.json:
        import json

        print(json.dumps({"directory": str(store.directory), "adapter": adapter, "models": rows}, indent=2))
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
        table.add_row(("◉" if row["in_use"] else "●") if row["here"] else "○", *map(str, cells))
    console.print(table)
    print(f"◉ is in use    ● is in {store.directory}    ○ `device models fetch NAME` brings it")
    for row in rows:
        if row["in_use"] and row["tuned_from"]:
            print(f"{row['name']} is tuned for this agent; models.llm = {row['tuned_from']} is the same without.")
    if adapter:
        print(f"The adapter {adapter} (option thinking.adapter) is used with the language model.")
    return 0


def _fetch(args: argparse.Namespace) -> int:
    store = _store()
    wanted = _artifacts(store, args.names)
    missing = [name for name in wanted if not store.is_installed(name)]
    for name in missing:
        artifact = store.manifest.artifacts[name]
        with _progress(name, artifact.bytes) as progress:
            store.fetch(name, progress)
        print(f"{name}: fetched and checked ({artifact.licence})", file=sys.stderr, flush=True)
    show(args, {"fetched": missing, "here": wanted})
    return 0


def _verify(args: argparse.Namespace) -> int:
    from device.errors import ModelError

    store = _store()
    names = _artifacts(store, args.names) if args.names else [n for n in store.manifest.artifacts if store.is_here(n)]
    damaged: dict[str, str] = {}
    for name in names:
        try:
            store.verify(name)
        except ModelError as error:
            damaged[name] = str(error)
        if not args.json:
            print(damaged.get(name, f"{name}: whole"), flush=True)
    whole = [name for name in names if name not in damaged]
    nothing = None if names else lambda _: "No model is here: run `device models fetch`."
    show(args, {"whole": whole, "damaged": damaged}, nothing)
    return ModelError.exit_code if damaged else 0


def _remove(args: argparse.Namespace) -> int:
    store = _store()
    removed = {name: store.remove(name) for name in _artifacts(store, args.names)}
    gone = {"removed": [name for name, was_here in removed.items() if was_here]}
    show(
        args, gone, lambda _: "\n".join(f"{name}: {'removed' if removed[name] else 'was not here'}" for name in removed)
    )
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
