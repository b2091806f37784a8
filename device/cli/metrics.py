"""`device metrics`: the running agent's metrics as Prometheus reads them."""

import argparse
import contextlib
import os
from pathlib import Path

from device.cli.arguments import add_json_option


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `metrics` to the command line."""
    parser = subparsers.add_parser(
        "metrics",
        help="its metrics, for Prometheus",
        description="The running agent's metrics in Prometheus's text format; nothing that was said is in them.",
        epilog="With --textfile, every minute, say, node-exporter's textfile collector passes them on: name a .prom "
        "file of its directory. If no agent runs, the file is left as it is, and grows old.",
        examples=("device metrics", "device metrics --textfile device.prom"),
    )
    parser.add_argument("--textfile", metavar="FILE", type=Path, help="write them there, whole or not at all")
    add_json_option(parser)
    parser.set_defaults(run=_metrics)


def _metrics(args: argparse.Namespace) -> int:
    import msgspec

    from device.cli import client
    from device.cli.output import as_json
    from device.core.exposition import Family, exposition

    told = client.ask(args, "metrics")
    text = exposition(msgspec.convert(told, list[Family]))
    if args.textfile is not None:
        write_whole(args.textfile, text)
    if args.json:
        print(as_json(told))
    elif args.textfile is None:
        print(text, end="")
    return 0


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step, readable for everybody; whoever reads it sees the old or the new.

    Raises DeviceError.
    """
    from tempfile import NamedTemporaryFile

    from device.errors import DeviceError

    temporary = ""
    try:
        # The name does not end with .prom: the collector must not read it.
        with NamedTemporaryFile("w", dir=path.parent, prefix=".", delete=False, encoding="utf-8") as file:
            temporary = file.name
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
        Path(temporary).replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise DeviceError(f"{path} cannot be written: {error.strerror or error}.") from error
