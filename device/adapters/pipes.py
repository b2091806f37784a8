"""Pipes to other processes, on the event loop or filled beforehand.

The rule it owns: a descriptor has one owner. The loops' own pipe transports share theirs with a file object, and in
uvloop both close it, by when it may be somebody else's.
"""

import asyncio
import fcntl
import os
from contextlib import suppress
from types import TracebackType
from typing import Self

CHUNK_BYTES = 1 << 16
MOST_FILLED_BYTES = 1 << 20
"""What a pipe can be made to hold (/proc/sys/fs/pipe-max-size)."""


class Descriptor:
    """An open file's descriptor, closed once."""

    def __init__(self, number: int) -> None:
        self._number = number

    def fileno(self) -> int:
        """Its number. Raises ValueError once it is closed."""
        if self._number < 0:
            raise ValueError("the descriptor is closed")
        return self._number

    def close(self) -> None:
        """Close it; again is harmless."""
        number, self._number = self._number, -1
        if number >= 0:
            os.close(number)

    def __enter__(self) -> Self:
        """It is open already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    async def read(self) -> bytes:
        """The next bytes, 64 KiB at most; b"" at the end. Others get a turn in between, however fast they come."""
        os.set_blocking(self.fileno(), False)
        while True:
            await self.readable()
            with suppress(BlockingIOError):
                return os.read(self.fileno(), CHUNK_BYTES)

    async def readable(self) -> None:
        """Wait until there is something to read."""
        loop, number = asyncio.get_running_loop(), self.fileno()
        ready = asyncio.Event()
        loop.add_reader(number, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(number)


def pipe() -> tuple[Descriptor, Descriptor]:
    """A pipe's reading and writing end, which child processes do not inherit."""
    reading, writing = os.pipe()
    return Descriptor(reading), Descriptor(writing)


def filled_pipe(given: bytes) -> Descriptor:
    """A pipe that holds `given` and its end; nobody waits, whether it is read or not.

    Raises ValueError if it is more than fits, a MiB.
    """
    reading, writing = pipe()
    with writing:
        try:
            if len(given) > fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ):
                fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, min(len(given), MOST_FILLED_BYTES))
            os.set_blocking(writing.fileno(), False)
            if os.write(writing.fileno(), given) < len(given):
                raise ValueError(f"a pipe cannot hold {len(given)} bytes")
        except BaseException:
            reading.close()
            raise
    return reading
