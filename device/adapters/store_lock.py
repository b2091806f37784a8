"""One process to a state directory, and which boot this is."""

import fcntl
import os
import uuid
from pathlib import Path

from device.errors import InUseError, LedgerError


class DirectoryLock:
    """Held from its making to `release`, or to the process's end however it comes."""

    def __init__(self, directory: Path) -> None:
        """Raises InUseError, naming the holder, if another process has the directory."""
        path = directory / "lock"
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LedgerError(f"The state directory {directory} cannot be used: {error.strerror}.") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 32).decode(errors="replace").strip() or "unknown"
            os.close(self._file)
            raise InUseError(
                f"Another instance uses {directory} (process {holder}): end it, or choose another place with --state."
            ) from error
        try:
            os.ftruncate(self._file, 0)
            os.write(self._file, f"{os.getpid()}\n".encode())
        except OSError:
            pass  # a full disk: the lock holds, only its holder stays unnamed

    def release(self) -> None:
        """Let the next process in."""
        os.close(self._file)


def boot_id() -> str:
    """The kernel's id of this boot; a random one where there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())
