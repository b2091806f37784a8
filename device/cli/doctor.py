"""`device doctor`: what is wrong with this device, and what to do about it."""

import argparse
import contextlib
import shutil
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device.cli.arguments import add_json_option

if TYPE_CHECKING:
    from device.adapters.doctor.patient import Patient
    from device.core.findings import Verdict

MARKS = {"failed": "✗", "warning": "!", "not known": "?", "ok": "✓"}
COLOURS = {"failed": "31;1", "warning": "33;1", "not known": "36", "ok": "32"}
NAME_COLUMNS = 16
WIDTH = 100

AGENT_SECONDS = 2.0
"""An agent that does not answer within this is stuck."""


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `doctor` to the command line."""
    parser = subparsers.add_parser(
        "doctor",
        help="what is wrong with this device, and what to do about it",
        description="Look at everything that can go wrong: power, heat, memory, disk, clock, sound, pins, the service, "
        "the configuration, models, packages, the ledger. Nothing is changed. With sudo it sees more.",
        examples=("device doctor", "device doctor --thorough", "device doctor --bundle report.tar.gz"),
        epilog="It ends with 0 if all is well, with 12 if there are warnings only, and with 1 if something has failed. "
        "What does not apply here, and what cannot be told, is no failure.",
    )
    parser.add_argument("--thorough", action="store_true", help="read every byte of the models and the ledger, too")
    parser.add_argument("--all", action="store_true", help="tell what does not apply here, too")
    parser.add_argument(
        "--record-latency",
        action="store_true",
        help="keep the running agent's latency of the last hour as what is usual here, to compare with later",
    )
    report = parser.add_argument_group("for a bug report")
    report.add_argument(
        "--bundle",
        metavar="FILE",
        type=Path,
        help="write all that a developer needs into this archive (.tar.gz), without secrets and without what was said",
    )
    report.add_argument(
        "--with-conversation", action="store_true", help="with --bundle: put what was said into it, too"
    )
    add_json_option(parser)
    parser.set_defaults(run=_doctor)


def _doctor(args: argparse.Namespace) -> int:
    from device.errors import UsageError

    if args.with_conversation and args.bundle is None:
        raise UsageError("--with-conversation goes with --bundle FILE.")
    if args.bundle is not None:
        return _bundle(args)
    return _record_latency(args) if args.record_latency else _look(args)


def _bundle(args: argparse.Namespace) -> int:
    from device import app
    from device.cli.output import show
    from device.core.findings import by_gravity

    device = patient(args)
    verdicts = as_values(by_gravity(app.examine(device)))
    entries = app.report(
        device,
        args.bundle,
        verdicts=verdicts,
        query=lambda command, arguments: _query(device.sockets, command, arguments),
        conversation=args.with_conversation,
    )
    told = {
        "file": str(args.bundle),
        "conversation": args.with_conversation,
        "entries": [{"name": one.name, "about": one.about, "bytes": len(one.text.encode())} for one in entries],
    }
    show(args, told, _contents)
    return 0


def _contents(told: dict[str, Any]) -> str:
    """What is in an archive, before somebody sends it."""
    lines = [f"{told['file']} holds:", ""]
    lines += [f"  {one['name']:<20} {one['bytes']:>8}  {one['about']}" for one in told["entries"]]
    said = "It holds WHAT WAS SAID, as you wished." if told["conversation"] else "Nothing that was said is in it."
    lines += ["", f"{said} Secrets are left out as far as they can be told by their look, and sound is never kept."]
    lines.append(f"Look into it before you send it: tar -xzf {told['file']}")
    return "\n".join(lines)


def _query(sockets: "Iterable[Path]", command: str, arguments: Any) -> Any:
    """What the running agent answers to a command. Raises DeviceError, also if there is none."""
    from device.cli.client import Client
    from device.errors import ControlError

    for path in sockets:
        with contextlib.suppress(PermissionError):
            if path.exists():
                with Client.connect(path, seconds=AGENT_SECONDS) as client:
                    return client.ask(command, arguments, seconds=AGENT_SECONDS)
    raise ControlError("No agent is running here.")


def _record_latency(args: argparse.Namespace) -> int:
    from device import app
    from device.cli.output import show

    kept = app.record_latency(patient(args))
    show(
        args, kept, lambda _: f"Recorded as usual here: {kept['p50_ms']:.0f} ms (the median of {kept['turns']} turns)."
    )
    return 0


def _look(args: argparse.Namespace) -> int:
    from device.cli.output import show
    from device.core.findings import by_gravity, exit_code

    verdicts = by_gravity(look(args))
    show(args, as_values(verdicts), lambda _: _text(verdicts, every=args.all))
    return exit_code(verdicts)


def look(args: argparse.Namespace) -> "list[Verdict]":
    """What every check finds on this device."""
    from device import app

    return app.examine(patient(args))


def patient(args: argparse.Namespace) -> "Patient":
    """The device that the command line means."""
    from device import app

    socket = None if args.socket is None else Path(args.socket)
    return app.patient(args.config, overrides=args.set, socket=socket, ask=_ask, thorough=args.thorough)


def _ask(path: Path) -> Any:
    """What the agent at a socket says of itself. Raises DeviceError."""
    from device.cli.client import Client

    with Client.connect(path, seconds=AGENT_SECONDS) as client:
        return client.ask("status", seconds=AGENT_SECONDS)


def as_values(verdicts: "Iterable[Verdict]") -> dict[str, Any]:
    """Verdicts as JSON has them."""
    import device
    from device.core.findings import exit_code

    verdicts = list(verdicts)
    return {
        "version": device.__version__,
        "exit_code": exit_code(verdicts),
        "checks": [
            {
                "check": one.check,
                "outcome": one.finding.outcome.value,
                "says": one.finding.says,
                "remedy": one.finding.remedy,
                "seconds": round(one.seconds, 3),
            }
            for one in verdicts
        ],
    }


def _text(verdicts: "list[Verdict]", *, every: bool) -> str:
    from device.cli.output import colourful
    from device.core.findings import Outcome

    shown = [one for one in verdicts if every or one.finding.outcome is not Outcome.NOT_APPLICABLE]
    coloured = colourful()
    lines = [line for one in shown for line in _lines(one, coloured=coloured)]
    if absent := [one.check for one in verdicts if one not in shown]:
        lines += ["", *textwrap.wrap(f"Not applicable here (--all says why): {', '.join(absent)}.", _width())]
    return "\n".join([*lines, "", _sum(verdicts)])


def _lines(one: "Verdict", *, coloured: bool) -> list[str]:
    outcome = one.finding.outcome.value
    mark = MARKS.get(outcome, "-")
    if coloured and outcome in COLOURS:
        mark = f"\033[{COLOURS[outcome]}m{mark}\033[0m"
    room, indent = _width() - NAME_COLUMNS - 2, " " * (NAME_COLUMNS + 2)
    said = _wrapped(one.finding.says, room) or [""]
    remedy = _wrapped(f"→ {one.finding.remedy}", room, indent="  ") if one.finding.remedy else []
    return [f"{mark} {one.check:<{NAME_COLUMNS}}{said[0]}", *(indent + line for line in (*said[1:], *remedy))]


def _wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """Lines that break at blanks only: names and commands stay whole."""
    return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)


def _width() -> int:
    return min(shutil.get_terminal_size((80, 24)).columns, WIDTH)


def _sum(verdicts: "list[Verdict]") -> str:
    from device.core.findings import Outcome

    count = {outcome: sum(one.finding.outcome is outcome for one in verdicts) for outcome in Outcome}
    parts = [f"{count[outcome]} {outcome.value}" for outcome in Outcome if count[outcome]]
    return f"{len(verdicts)} checks: {', '.join(parts)}."
