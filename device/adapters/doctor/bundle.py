"""The archive for a bug report: what a developer needs, and nothing that was said unless it is asked for.

Everything goes through `device.core.redaction`. No sound is ever kept by the agent, so there is none to leave out.
"""

import contextlib
import gzip
import importlib.metadata
import io
import json
import os
import platform
import sys
import tarfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from device.adapters import journal, ledger_reading
from device.adapters.doctor.patient import Patient
from device.core.redaction import LEFT_OUT, Sieve, plain, texts
from device.errors import DeviceError, LedgerError, UsageError
from device.ports import LogLines

LOG_LINES = 1000
MOST_RECORDS = 5000
"""Of the conversation, the newest, where it is wanted."""

TRACES = 5
MODE = 0o600
TOOLS_LOGGER = "device.adapters.tool_stderr"
"""What tools write: it may repeat what they were told."""

SYSTEM_FILES = (
    "etc/os-release",
    "proc/meminfo",
    "proc/loadavg",
    "proc/uptime",
    "proc/asound/cards",
    "proc/self/mounts",
)

Query = Callable[[str, Mapping[str, Any]], Any]
"""Asks the running agent a command; raises DeviceError, also without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of the archive, and what it is."""

    name: str
    about: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What goes into it: the doctor's `verdicts` as JSON, what `query` tells, and the conversation if it is wanted."""

    verdicts: Mapping[str, Any]
    query: Query
    conversation: bool = False


def gather(patient: Patient, wanted: Wanted, *, read_log: Callable[[LogLines], str] = journal.read) -> list[Entry]:
    """What the archive holds, redacted."""
    said = list(_said(patient.state_directory))
    sieve = Sieve(() if wanted.conversation else said, _names())
    parts: list[tuple[str, str, Callable[[], Any]]] = [
        ("doctor.json", "what device doctor found", lambda: wanted.verdicts),
        ("versions.json", "versions of the program, its packages and the system", lambda: _versions(patient)),
        ("configuration.json", "the options in force and where they come from", lambda: _options(patient)),
        ("system.txt", "memory, load, sound cards, mounted disks, the board", lambda: _system(patient)),
        ("log.txt", "the service's last log lines", lambda: _log(read_log)),
        ("status.json", "how the running agent fares", lambda: _asked(wanted, "status")),
        ("metrics.json", "the running agent's metrics", lambda: _asked(wanted, "metrics")),
        ("traces.json", "where the time of the last turns went", lambda: _traces(wanted)),
    ]
    if wanted.conversation:
        parts.append(("conversation.jsonl", "what was said, as you wished", lambda: _conversation(patient)))
    entries = [_entry(name, about, make, sieve) for name, about, make in parts]
    return [_cover(entries, conversation=wanted.conversation), *entries]


def write(path: Path, entries: Sequence[Entry], *, wall_seconds: float) -> None:
    """Write the archive for its owner alone to read, whole or not at all. Raises UsageError."""
    folder = f"device-report-{time.strftime('%Y%m%d-%H%M%S', time.gmtime(wall_seconds))}"
    part = path.with_name(f".{path.name}.part")
    try:
        if path.exists():
            raise UsageError(f"{path} is there already: choose another name.")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "wb") as file:
            with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
                _pack(packed, folder, entries, wall_seconds)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def _pack(packed: Any, folder: str, entries: Iterable[Entry], wall_seconds: float) -> None:
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for entry in entries:
            content = entry.text.encode("utf-8", "replace")
            about = tarfile.TarInfo(f"{folder}/{entry.name}")
            about.size, about.mode, about.mtime = len(content), MODE, int(wall_seconds)
            tar.addfile(about, io.BytesIO(content))


# --- the parts ---------------------------------------------------------------------------------------------------


def _entry(name: str, about: str, make: Callable[[], Any], sieve: Sieve) -> Entry:
    """One part, sieved; what cannot be had says why."""
    try:
        made = make()
    except DeviceError as error:
        made = f"Could not be had: {error}\n"
    except Exception as error:  # noqa: BLE001 - the report is wanted most where something is broken
        made = f"Could not be had: {type(error).__name__}: {error}\n"
    if not isinstance(made, str):
        made = json.dumps(sieve.value(made), ensure_ascii=False, indent=1, default=str) + "\n"
        return Entry(name=name, about=about, text=made)
    return Entry(name=name, about=about, text=sieve.text(made))


def _cover(entries: Iterable[Entry], *, conversation: bool) -> Entry:
    lines = ["A report of device, for whoever is to find out what is wrong.", ""]
    lines += [f"{entry.name:<20} {entry.about}" for entry in entries]
    lines += [
        "",
        "Left out: secrets, names of the machine and its user, tools' arguments and results, your instructions.",
    ]
    lines.append(
        "WITH the conversation, since --with-conversation was given."
        if conversation
        else "Left out: everything that was said (--with-conversation puts it in)."
    )
    return Entry(name="README.txt", about="what is in it", text="\n".join([*lines, "No sound is ever kept.", ""]))


def _versions(patient: Patient) -> dict[str, Any]:
    packages = {
        str(one.metadata["Name"]): one.version for one in importlib.metadata.distributions() if one.metadata["Name"]
    }
    return {
        "device": patient.version,
        "python": sys.version,
        "kernel": f"{platform.system()} {platform.release()} {platform.version()}",
        "machine": platform.machine(),
        "board": patient.text("proc/device-tree/model") or "unknown",
        "packages": dict(sorted(packages.items())),
    }


def _options(patient: Patient) -> Any:
    if patient.config is None:
        return f"The configuration cannot be read: {patient.config_problem}\n"
    options = msgspec.json.decode(msgspec.json.encode(patient.config))
    if options["thinking"]["instructions"]:
        options["thinking"]["instructions"] = LEFT_OUT
    for family in ("commands", "mcp"):
        options["tools"][family] = {name: _tool(about) for name, about in options["tools"][family].items()}
    return {
        f"{section}.{name}": {"value": value, "origin": patient.origins.get(f"{section}.{name}", "")}
        for section, table in options.items()
        for name, value in table.items()
    }


def _tool(about: Mapping[str, Any]) -> dict[str, Any]:
    """A tool of the user's: its program's name and its rules, but none of its arguments and words."""
    kept = {name: value for name, value in about.items() if isinstance(value, (int, float))}
    command = [Path(word).name if number == 0 else LEFT_OUT for number, word in enumerate(about["command"])]
    return {"command": command, **kept}


def _system(patient: Patient) -> str:
    pieces = [f"# /{name}\n{patient.text(name)}\n" for name in SYSTEM_FILES]
    unit = patient.unit("ActiveState", "SubState", "Result", "NRestarts", "UnitFileState", "MemoryCurrent")
    if unit is not None:
        pieces.append("# systemctl show device\n" + "".join(f"{name}={value}\n" for name, value in unit.items()))
    return "\n".join(pieces)


def _log(read_log: Callable[[LogLines], str]) -> str:
    lines = []
    for line in read_log(LogLines(count=LOG_LINES, json=True)).splitlines():
        fields = json.loads(line)
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(int(fields.get("__REALTIME_TIMESTAMP", 0)) / 1e6))
        logger, message = str(fields.get("LOGGER", "")), fields.get("MESSAGE")
        if not isinstance(message, str) or logger == TOOLS_LOGGER:
            message = LEFT_OUT
        flat = message.replace("\n", " ⏎ ")
        lines.append(f"{when} {fields.get('PRIORITY', '?')} {logger} {flat}")
    return "\n".join(lines) + "\n" if lines else "The service has written nothing.\n"


def _asked(wanted: Wanted, command: str) -> Any:
    told = wanted.query(command, {})
    return told if wanted.conversation else plain(told)


def _traces(wanted: Wanted) -> Any:
    turns = [turn["turn"] for turn in wanted.query("turns", {})][-TRACES:]
    told = [wanted.query("trace", {"turn": turn}) for turn in turns]
    return told if wanted.conversation else plain(told)


def _conversation(patient: Patient) -> str:
    records = ledger_reading.last_records(patient.state_directory, MOST_RECORDS)
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _said(directory: Path) -> Iterable[str]:
    """Everything that is remembered as text; nothing if it cannot be read, since then it cannot be quoted either."""
    try:
        for record in ledger_reading.records(directory):
            entry = {name: value for name, value in record["entry"].items() if name not in ("kind", "model")}
            yield from texts(entry)
    except LedgerError:
        return


def _names() -> dict[str, str]:
    """Names of the machine and its user, and what stands for them."""
    home = str(Path.home())
    return ({home: "~"} if home not in ("/", "/root") else {}) | {platform.node(): "(host)"}
