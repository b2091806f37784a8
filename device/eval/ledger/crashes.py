"""Crashes: a process writes, is killed (SIGKILL) at a random point, another goes on with what is on the disk.

The history spans all of them. What was acknowledged must be there; what was cut off may be there or not, but never
later than the crash. `serve` is the process that is killed.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from device import app
from device.bench.slowing import end_with_parent
from device.errors import DeviceError
from device.eval.ledger.concurrent import judged
from device.eval.ledger.history import CONFLICT, DONE, WRITE, Recorder
from device.eval.ledger.torn import torn
from device.eval.ledger.writers import Writers

LATEST_LINE = 400
"""The process is killed after it has told at most so many beginnings and ends of operations …"""
LONGEST_SECONDS = 0.03
"""… and then at most so much later, which is longer than a commit waits for others to share it."""


def crashes(seed: str, rounds: int, writers: int, *, acknowledged: bool, cuts: int) -> dict[str, Any]:
    """Kill so many processes on one ledger and judge the whole history; then cut its log short `cuts` times."""
    chance = random.Random(seed)  # noqa: S311 - points to be repeated, not secrets
    history, cut_off, damaged = Recorder.empty(), 0, 0
    with tempfile.TemporaryDirectory(prefix="device-eval-") as place:
        directory = Path(place) / "state"
        for number in range(rounds):
            _one_life(directory, f"{seed} {number}", writers, chance, history, acknowledged=acknowledged)
            cut_off += history.crash()
        torn_logs = [torn(directory, chance) for _ in range(cuts)]
        ids = asyncio.run(_read_back(directory, history))
        damaged = len(list(directory.glob("*.damaged-*")))
    writes = [one for one in history.operations if one.kind == WRITE]
    return {
        "crashes": rounds,
        "operations": len(history.operations),
        "acknowledged": sum(one.outcome == DONE for one in writes),
        "conflicts": sum(one.outcome == CONFLICT for one in writes),
        "cut_off": cut_off,
        "records": len(ids),
        "gapless": ids == list(range(1, len(ids) + 1)),
        "damaged": damaged,
        **judged(history.operations),
        "torn": torn_logs,
    }


def _one_life(
    directory: Path, seed: str, writers: int, chance: random.Random, history: Recorder, *, acknowledged: bool
) -> None:
    """A process writes until it is killed; all that it told is in the history."""
    lines, seconds = chance.randrange(1, LATEST_LINE), chance.uniform(0.0, LONGEST_SECONDS)
    command = [
        sys.executable,
        "-m",
        "device.eval.ledger.crashes",
        str(directory),
        seed,
        str(writers),
        str(acknowledged),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - itself
        assert process.stdout is not None
        for number, line in enumerate(process.stdout):
            history.take(json.loads(line))
            if number == lines:
                time.sleep(seconds)
                process.send_signal(signal.SIGKILL)
    if process.returncode != -signal.SIGKILL:
        raise DeviceError(f"A process that wrote into the ledger ended with {process.returncode}: see above.")


async def _read_back(directory: Path, history: Recorder) -> list[int]:
    """Read every value as the next agent would, into the history; returns the ids of all records."""
    ledger = app.open_ledger(directory)
    try:
        await Writers(ledger=ledger, note=history.take, seed="after").read_all()
        return [record.id for record in ledger.records()]
    finally:
        await ledger.close()


def serve(directory: Path, seed: str, writers: int, *, acknowledged: bool) -> None:
    """Write for ever, and tell of every beginning and end on standard output before anything else happens."""
    end_with_parent()

    def note(what: dict[str, Any]) -> None:
        os.write(sys.stdout.fileno(), json.dumps(what).encode() + b"\n")

    async def write() -> None:
        ledger = app.open_ledger(directory)
        await Writers(ledger=ledger, note=note, seed=seed, acknowledged=acknowledged).run(writers, None)

    asyncio.run(write())


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), acknowledged=sys.argv[4] == "True")
