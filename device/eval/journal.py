"""The cases that are done, a line of JSON each, so that an interrupted experiment goes on where it stopped.

The rule it owns: what belongs to another seed, other sizes, other models or another version is never mixed in, nor what
another process measures at the same time.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from device.errors import UsageError
from device.eval.result import Case


class Journal:
    """The cases of one experiment by the names of their steps; close it to let go of its file."""

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        """Reads what is there if it is `about` the same. Raises UsageError if the place cannot be used."""
        self._path = path
        self.cases: dict[str, Case] = {}
        head = json.dumps(about, sort_keys=True).encode()
        with self._writing():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise UsageError(
                f"{path.stem} is being measured already: wait for that, or choose another place with --out."
            ) from error
        with self._writing():
            kept = self._lines()
            if kept and kept[0] == head:
                self.cases = dict(map(json.loads, kept[1:]))
            else:
                self._file.truncate(0)
                self._append(head)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def add(self, step: str, case: Case) -> None:
        """Keep what a step yielded; it is on the disk when this returns."""
        self.cases[step] = case
        with self._writing():
            self._append(json.dumps([step, case]).encode())

    def remove(self) -> None:
        """All steps are done and kept elsewhere: the next run begins anew."""
        self._path.unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UsageError(
                f"{self._path} cannot be written ({error.strerror}): free some room, or choose a place with --out."
            ) from error

    def _append(self, line: bytes) -> None:
        self._file.write(line + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _lines(self) -> list[bytes]:
        """Whole lines; the last of an interrupted run may be torn."""
        self._file.seek(0)
        found = self._file.read()
        whole = found[: found.rfind(b"\n") + 1]
        self._file.truncate(len(whole))
        return whole.splitlines()
