"""The cases that are done, a line of JSON each, so that an interrupted experiment goes on where it stopped.

The rule it owns: what belongs to another seed, other sizes, other models or another version is never mixed in.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from device.errors import UsageError
from device.eval.result import Case


class Journal:
    """The cases of one experiment by the names of their steps."""

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        """Reads what is there if it is `about` the same. Raises UsageError if the place cannot be used."""
        self._path = path
        self._head = json.dumps(about, sort_keys=True)
        self.cases: dict[str, Case] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            kept = _lines(path)
            if kept and kept[0] == self._head:
                self.cases = dict(map(_case, kept[1:]))
            else:
                path.write_text(f"{self._head}\n", encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written ({error.strerror}): choose another place with --out."
            ) from error

    def add(self, step: str, case: Case) -> None:
        """Keep what a step yielded; it is on the disk when this returns."""
        self.cases[step] = case
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([step, case]) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise UsageError(f"{self._path} cannot be written ({error.strerror}): free some room.") from error

    def close(self) -> None:
        """All steps are done and kept elsewhere: the next run begins anew."""
        self._path.unlink(missing_ok=True)


def _lines(path: Path) -> list[str]:
    """Whole lines; the last of an interrupted run may be torn."""
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole, encoding="utf-8")
    return whole.splitlines()


def _case(line: str) -> tuple[str, Case]:
    step, case = json.loads(line)
    return step, case
