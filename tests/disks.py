"""Disks of their own, as tests mount and fill them."""

import contextlib
import os
import subprocess
from pathlib import Path

import pytest


@contextlib.contextmanager
def mounted(directory: Path, *what: object):
    """A file system in `directory`; skips the test where none can be mounted."""
    directory.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    if subprocess.run(["mount", *what, directory], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "-l", directory], check=False)


def small_disk(directory: Path, *, kib: int):
    """A disk with so little room."""
    return mounted(directory, "-t", "tmpfs", "-o", f"size={kib}k", "none")


def fill_up(disk: Path) -> Path:
    """Leave no room on it; returns the file that takes it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 512)
    return filler
