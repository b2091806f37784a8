"""Writers that change shared values at once, through the agent's own values over the real ledger.

Each reads a value and writes it anew over the version that it read, or just reads; between its steps others run. What
they do and see goes to `note`, which may be a recorder in this process or a pipe to another.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from device.errors import Conflict
from device.eval.ledger.history import CONFLICT, DONE, READ, WRITE
from device.ports import Ledger
from device.runtime.values import LedgerValues

Note = Callable[[dict[str, Any]], None]

READS = 0.4
"""The share of operations that only read."""
MOST_STEPS = 4
"""So often others may run between a writer's reading and its writing."""


@dataclass(kw_only=True, eq=False)
class Writers:
    """Some writers on some keys. With `acknowledged`, what was seen counts as told only once the ledger is durable,
    as everything that leaves the agent is; without it, at once.
    """

    ledger: Ledger
    note: Note
    seed: str
    keys: int = 3
    acknowledged: bool = True
    waits_ms: list[float] = field(default_factory=list)
    """How long each write that was done took to be acknowledged."""

    def __post_init__(self) -> None:
        self._values = LedgerValues(self.ledger)
        self._numbers = count(1)

    async def run(self, writers: int, operations: int | None) -> None:
        """Let so many write at once, so many operations each; None for without end."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(writers):
                tasks.create_task(self._write(random.Random(f"{self.seed} {number}"), operations))  # noqa: S311

    async def _write(self, chance: random.Random, operations: int | None) -> None:
        done = 0
        while operations is None or done < operations:
            key = f"value {chance.randrange(self.keys)}"
            version = await self._read(key)
            done += 1
            for _ in range(chance.randrange(MOST_STEPS)):
                await asyncio.sleep(0)
            if chance.random() >= READS and (operations is None or done < operations):
                await self._put(key, version)
                done += 1

    async def read_all(self) -> None:
        """Read every key once."""
        for number in range(self.keys):
            await self._read(f"value {number}")

    async def _read(self, key: str) -> int:
        number = next(self._numbers)
        self.note({"begin": number, "key": key, "kind": READ})
        stored = self._values.get(key)
        await self._acknowledge()
        self.note({"end": number, "outcome": DONE, "value": stored.value, "version": stored.version})
        return stored.version

    async def _put(self, key: str, version: int) -> None:
        number = next(self._numbers)
        value = f"{self.seed} {number}"
        self.note({"begin": number, "key": key, "kind": WRITE, "value": value, "expected": version})
        began = time.perf_counter()
        try:
            stored = await self._values.put(key, value, version=version)
        except Conflict:
            await self._acknowledge()
            self.note({"end": number, "outcome": CONFLICT})
        else:
            self.waits_ms.append((time.perf_counter() - began) * 1000)
            self.note({"end": number, "outcome": DONE, "version": stored.version})

    async def _acknowledge(self) -> None:
        if self.acknowledged:
            await self.ledger.durable()
        else:
            await asyncio.sleep(0)
