"""What a tool's program writes to its standard error: logged at debug, and its last line kept.

The rule it owns: it is read at a bounded pace, so that a program that writes without end is slowed down, not the agent.
"""

import asyncio
import logging

from device.adapters.pipes import Descriptor

log = logging.getLogger(__name__)

BYTES_PER_SECOND = 1 << 20
KEPT_BYTES = 4096
LINE_CHARACTERS = 200
MOST_LOGGED_LINES = 200


class ErrorOutput:
    """Reads one program's standard error until that closes."""

    def __init__(self, pipe: Descriptor, name: str) -> None:
        self._pipe = pipe
        self._name = name
        self._tail = b""
        self._logged = 0
        self._reading = asyncio.create_task(self._read(), name=f"stderr of {name}")
        self._reading.add_done_callback(lambda _: pipe.close())

    async def last_line(self, *, timeout_seconds: float = 0.5) -> str:
        """The last line with words in it, "" if there is none; of a program that has ended."""
        await asyncio.wait({self._reading}, timeout=timeout_seconds)
        lines = [text for line in self._tail.splitlines() if (text := _printable(line))]
        return lines[-1] if lines else ""

    def close(self) -> None:
        """Read no more."""
        self._reading.cancel()

    async def _read(self) -> None:
        while chunk := await self._pipe.read():
            self._tail = (self._tail + chunk)[-KEPT_BYTES:]
            self._log(chunk)
            await asyncio.sleep(len(chunk) / BYTES_PER_SECOND)

    def _log(self, chunk: bytes) -> None:
        if not log.isEnabledFor(logging.DEBUG):
            return
        for line in chunk.splitlines()[: max(MOST_LOGGED_LINES - self._logged, 0)]:
            self._logged += 1
            log.debug("%s: %s", self._name, _printable(line))


def _printable(line: bytes) -> str:
    text = "".join(c if c.isprintable() else " " for c in line.decode("utf-8", "replace"))
    return text.strip()[:LINE_CHARACTERS]
