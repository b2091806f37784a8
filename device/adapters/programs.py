"""Asking the system's own programs, such as systemctl: what they print, in bounded time."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from device.errors import DeviceError

SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a program printed, and how it ended."""

    code: int
    out: str = ""
    err: str = ""


class Ask(Protocol):
    """`ask`, or what stands in for it."""

    def __call__(self, command: Sequence[str], *, seconds: float = SECONDS) -> Finished | None:
        """What the program said; None if there is none of that name."""
        ...


def ask(command: Sequence[str], *, seconds: float = SECONDS) -> Finished | None:
    """Run a program in the C locale; None if there is none of that name. Raises DeviceError if it takes too long."""
    try:
        done = subprocess.run(  # noqa: S603 - the callers' commands are written by themselves
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
        )
    except FileNotFoundError:
        return None
    except subprocess.TimeoutExpired as error:
        raise DeviceError(f"{command[0]} did not answer within {seconds:g} seconds.") from error
    except OSError as error:
        raise DeviceError(f"{command[0]} cannot be run: {error.strerror}.") from error
    return Finished(
        code=done.returncode, out=done.stdout.decode("utf-8", "replace"), err=done.stderr.decode("utf-8", "replace")
    )
