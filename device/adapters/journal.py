"""The journal of systemd, where the service's log lines go, read through journalctl."""

import grp
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from device.adapters import programs
from device.adapters.programs import Ask
from device.errors import ControlError, UsageError
from device.ports import LogLines

READERS = ("systemd-journal", "adm", "wheel")
"""Whose members may read the system's journal."""

PLACES = (Path("/var/log/journal"), Path("/run/log/journal"))
UNIT = "device.service"


def command(wanted: LogLines, *, follow: bool = False) -> list[str]:
    """How journalctl is asked for the service's lines. Raises ControlError if nobody could answer."""
    _check()
    chosen = ["journalctl", f"--unit={UNIT}", "--no-pager", "--quiet"]
    if wanted.count is not None:
        chosen.append(f"--lines={wanted.count}")
    if wanted.since:
        chosen.append(f"--since={wanted.since}")
    if wanted.priority:
        chosen.append(f"--priority={wanted.priority}")
    if follow:
        chosen.append("--follow")
    return [*chosen, f"--output={'json' if wanted.json else 'short-iso'}"]


def read(wanted: LogLines, *, seconds: float = 10.0, ask: Ask = programs.ask) -> str:
    """The lines at once. Raises ControlError if they cannot be read, UsageError if they are asked for wrongly."""
    found = ask(command(wanted), seconds=seconds)
    if found is None:
        raise ControlError(_NO_JOURNAL)
    if found.code:
        raise UsageError(f"The journal cannot answer that: {(found.err.strip() or 'no reason given').splitlines()[-1]}")
    return found.out


_NO_JOURNAL = (
    "There is no journal of systemd here, so there are no logs: `device run` prints what it has to tell to its "
    "terminal (more of it with --set logging.level=info)."
)


def _check() -> None:
    kept = any(file.is_dir() for place in PLACES if place.is_dir() for file in place.iterdir())
    if shutil.which("journalctl") is None or not kept:
        raise ControlError(_NO_JOURNAL)
    if not may_read(os.geteuid(), os.getgroups()):
        raise ControlError(
            "You may not read the system's journal: sudo device logs, or join its readers "
            "(sudo usermod -aG systemd-journal $USER) and log in anew."
        )


def may_read(user: int, groups: Sequence[int]) -> bool:
    """Whether a user in these groups sees the lines of a service that is not theirs."""
    return user == 0 or any(group.gr_gid in groups for group in map(_group, READERS) if group is not None)


def _group(name: str) -> grp.struct_group | None:
    try:
        return grp.getgrnam(name)
    except KeyError:
        return None
