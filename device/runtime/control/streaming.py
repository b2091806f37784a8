"""Streaming to a client until it goes: what a command pushes, and how much of it waits for a client that is slow.

    added = Backlog[Record](most=1000)
    ...                                  # somewhere: added.put(record), as often as there is one
    await stream(live, added, every_seconds=0.1)

The rule it owns: whoever puts something never waits and never fails, whatever the client does. What a slow client has
not got yet is bounded. All streams share one pace, so that fifty clients cost the loop no more than a few.
"""

import asyncio
from typing import Generic, Protocol, TypeVar

from device.errors import ControlError
from device.runtime.control.live import Live

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Source(Protocol[T_co]):
    """Where a stream's parts come from."""

    async def take(self) -> T_co:
        """The next part, as soon as there is one."""
        ...


class Backlog(Generic[T]):
    """Everything, in order; who falls behind by more than `most` is told so, once, and gets nothing more."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: list[T] = []
        self._overflown = False
        self._news = asyncio.Event()

    def put(self, value: T) -> None:
        """Add a value; on the loop's thread."""
        if self._overflown:
            return
        if len(self._values) == self._most:
            self._overflown, self._values = True, []
        else:
            self._values.append(value)
        self._news.set()

    async def take(self) -> list[T]:
        """All that has gathered, at least one. Raises ControlError for who has fallen behind."""
        await self._news.wait()
        self._news.clear()
        if self._overflown:
            raise ControlError("This command reads more slowly than the agent tells: begin again.")
        taken, self._values = self._values, []
        return taken


async def stream(live: Live, source: Source[object], *, every_seconds: float) -> None:
    """Push what the source has, at most once in `every_seconds`, until the client goes; it never returns.

    Raises what `source.take` raises, and ConnectionError if the client has gone.
    """
    while True:
        await live.push(await source.take())
        await asyncio.sleep(max(every_seconds, live.pushes.wait_seconds(asyncio.get_running_loop().time())))
