"""A write-ahead log that ends anywhere, as a power cut may leave what was not yet synchronized."""

import asyncio
import random
import shutil
import tempfile
from pathlib import Path

from device import app
from device.eval.result import Case


def torn(directory: Path, chance: random.Random) -> Case:
    """Open a copy of the ledger in `directory`, its log cut at a random byte; what is left of its records."""
    with tempfile.TemporaryDirectory(prefix="device-eval-") as place:
        copy = Path(place) / "state"
        shutil.copytree(directory, copy)
        log = next(iter(copy.glob("*-wal")), None)
        size = log.stat().st_size if log is not None else 0
        cut = chance.randrange(size + 1)
        if log is not None:
            with log.open("r+b") as file:
                file.truncate(cut)
        ids = asyncio.run(_ids(copy))
        return {
            "log_bytes": size,
            "kept_bytes": cut,
            "records": len(ids),
            "gapless": ids == list(range(1, len(ids) + 1)),
            "damaged": len(list(copy.glob("*.damaged-*"))),
        }


async def _ids(directory: Path) -> list[int]:
    ledger = app.open_ledger(directory)
    try:
        return [record.id for record in ledger.records()]
    finally:
        await ledger.close()
