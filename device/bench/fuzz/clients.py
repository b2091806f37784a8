"""The clients that fuzz: many at once in a process of their own, which may be told to rest.

`python -m device.bench.fuzz.clients SOCKET …` goes on until the requests are made; the lines `rest` and `go` on its
standard input say when. It prints what came of it as JSON. It leaves the processor to the agent (nice 19).
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device.bench.fuzz.requests import Attempt, attempt, request
from device.bench.statistics import percentiles

READ_SECONDS = 30.0
"""Who gets nothing for so long is not waited for any more."""

STALL_SECONDS, WAIT_SECONDS = 3.0, 3.0
POLITE_SECONDS = 1.0


@dataclass(kw_only=True, eq=False)
class Fuzz:
    """The requests that are left, and what came of the others."""

    path: Path
    requests: int
    seed: int
    made: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    polite_ms: list[float] = field(default_factory=list)
    unanswered: int = 0
    going: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def left(self) -> int:
        """How many requests are still to be made."""
        return self.requests - self.made.total()

    async def run(self, clients: int) -> None:
        """Make them all, with so many clients, and one beside them that is polite."""
        polite = asyncio.create_task(self._polite())
        await asyncio.gather(*(self._client(random.Random(f"{self.seed} {number}")) for number in range(clients)))  # noqa: S311
        polite.cancel()
        await asyncio.gather(polite, return_exceptions=True)

    def told(self) -> dict[str, Any]:
        """What came of it."""
        return {
            "requests": dict(self.made),
            "answers": dict(sorted(self.answers.items())),
            "polite": {"n": len(self.polite_ms), "unanswered": self.unanswered, "ms": percentiles(self.polite_ms)},
        }

    async def _client(self, chance: random.Random) -> None:
        while self.left > 0:
            await self.going.wait()
            tried = attempt(chance)
            self.made[tried.kind] += tried.requests
            self.answers[await self._outcome(tried)] += 1

    async def _outcome(self, tried: Attempt) -> str:
        """How a connection ended."""
        writer = None
        try:
            reader, writer = await asyncio.open_unix_connection(self.path, limit=4 << 20)
            async with asyncio.timeout(READ_SECONDS):
                greeting = json.loads(await reader.readline() or b"{}")
                if greeting.get("kind") != "hello":
                    return "too many clients"
                return await self._try(tried, reader, writer)
        except TimeoutError:
            return f"no end within {READ_SECONDS:g} s ({tried.kind})"
        except (ConnectionError, BlockingIOError):
            return "hung up"
        finally:
            if writer is not None:
                writer.transport.abort()

    async def _try(self, tried: Attempt, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        for piece in tried.pieces:
            writer.write(piece)
            await asyncio.sleep(0)
        if tried.then == "vanish":
            return "gone before the answer"
        if tried.then == "wait":
            await asyncio.sleep(WAIT_SECONDS)
            return "gone after silence"
        if tried.then == "stall":
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await asyncio.sleep(STALL_SECONDS)
            return "gone after stalling"
        ends = ""
        for _ in range(tried.requests):
            if not (ends := await self._end(reader)).startswith("done"):
                break
        return ends

    async def _end(self, reader: asyncio.StreamReader) -> str:
        """How a request ended."""
        while True:
            line = await reader.readline()
            if not line:
                return "hung up"
            answer = json.loads(line)
            if answer["kind"] == "failed":
                broke = " broke" if " broke (" in answer["sentence"] else ""
                return f"failed with {answer['exit_code']}{broke}"
            if answer["kind"] == "done":
                return "done"

    async def _polite(self) -> None:
        """A person beside them, who asks for the status now and then."""
        while True:
            await self.going.wait()
            began = time.monotonic()
            try:
                async with asyncio.timeout(READ_SECONDS):
                    reader, writer = await asyncio.open_unix_connection(self.path, limit=4 << 20)
                    await reader.readline()
                    writer.write(request("status"))
                    if await self._end(reader) == "done":
                        self.polite_ms.append((time.monotonic() - began) * 1000)
                    else:
                        self.unanswered += 1
                    writer.close()
            except (OSError, TimeoutError, ValueError):
                self.unanswered += 1
            await asyncio.sleep(POLITE_SECONDS)


async def _obey(fuzz: Fuzz) -> None:
    """Do as standard input says, until it ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        fuzz.going.set() if line.strip() == b"go" else fuzz.going.clear()
    fuzz.going.set()


async def _main(args: argparse.Namespace) -> None:
    fuzz = Fuzz(path=args.socket, requests=args.requests, seed=args.seed)
    obeying = asyncio.create_task(_obey(fuzz))
    try:
        await fuzz.run(args.clients)
    finally:
        obeying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await obeying
    print(json.dumps(fuzz.told()))  # noqa: T201 - whoever started it reads that


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("socket", type=Path)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    os.nice(19)  # what they themselves compute is not to be measured
    asyncio.run(_main(parser.parse_args()))
