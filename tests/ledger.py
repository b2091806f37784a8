"""Reads a ledger on the disk while its process may be at work or dead."""

import sqlite3
from pathlib import Path

from device.core.entries import AnyEntry, decode


def entries_of(state: Path) -> list[AnyEntry]:
    """All entries of the ledger in `state`, in order; none if there is no ledger yet."""
    path = state / "ledger.sqlite3"
    if not path.exists():
        return []
    database = sqlite3.connect(path)
    try:
        return [decode(entry) for (entry,) in database.execute("SELECT entry FROM record ORDER BY id")]
    except sqlite3.OperationalError:
        return []
    finally:
        database.close()
