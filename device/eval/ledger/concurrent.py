"""Many writers in one process: how much they get done, how often they meet, and whether their history holds."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from device import app
from device.eval.ledger.history import (
    CONFLICT,
    DONE,
    WRITE,
    Operation,
    Recorder,
    by_key,
    with_lost_update,
    with_stale_read,
)
from device.eval.ledger.linearizability import judge
from device.eval.ledger.writers import Writers
from device.eval.result import Case

SPOILERS: dict[str, Callable[[Sequence[Operation]], list[Operation] | None]] = {
    "stale read": with_stale_read,
    "lost update": with_lost_update,
}
"""What is done to a history that holds, so that the checker must reject it."""


def concurrent(seed: str, writers: int, operations: int) -> Case:
    """Let so many write at once into a new ledger, and judge what they saw."""
    with tempfile.TemporaryDirectory(prefix="device-eval-") as directory:
        return asyncio.run(_concurrent(Path(directory), seed, writers, operations))


async def _concurrent(directory: Path, seed: str, writers: int, operations: int) -> Case:
    history = Recorder.empty()
    ledger = app.open_ledger(directory)
    began = time.perf_counter()
    try:
        work = Writers(ledger=ledger, note=history.take, seed=seed)
        await work.run(writers, operations)
        seconds = time.perf_counter() - began
        snapshot = [record.id for record in ledger.records()]
    finally:
        await ledger.close()
    writes = [one for one in history.operations if one.kind == WRITE]
    return {
        "writers": writers,
        "operations": len(history.operations),
        "writes": len(writes),
        "conflicts": sum(one.outcome == CONFLICT for one in writes),
        "acknowledged": sum(one.outcome == DONE for one in writes),
        "seconds": seconds,
        "wait_ms": work.waits_ms,
        "gapless": snapshot == list(range(1, len(snapshot) + 1)),
        **judged(history.operations),
        "rejected": spoiled(history.operations),
    }


def judged(operations: Sequence[Operation]) -> Case:
    """Whether every key's history is linearizable, and what was not."""
    verdicts = {key: judge(of_key) for key, of_key in by_key(operations).items()}
    stuck = [f"{one.stuck}" for one in verdicts.values() if one.linearizable is False]
    return {
        "keys": len(verdicts),
        "linearizable": sum(one.linearizable is True for one in verdicts.values()),
        "undecided": sum(one.linearizable is None for one in verdicts.values()),
        "states": sum(one.states for one in verdicts.values()),
        "stuck": stuck[:3],
    }


def spoiled(operations: Sequence[Operation]) -> dict[str, bool]:
    """By what was done to the history: whether the checker rejects it then."""
    found = {}
    for name, spoil in SPOILERS.items():
        for of_key in by_key(operations).values():
            if (worse := spoil(of_key)) is not None:
                found[name] = judge(worse).linearizable is False
                break
    return found
