"""What the agent remembers, read and deleted beside it or without one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from device.logs import log_failure


def read_ledger(directory: Path, *, after_id: int = 0, last: int | None = None) -> Iterator[dict[str, Any]]:
    """The records above an id, or the `last` ones, as JSON has them, beside an agent or not. Raises LedgerError."""
    from device.adapters import ledger_reading

    if last is not None:
        return iter(ledger_reading.last_records(directory, last))
    return ledger_reading.records(directory, after_id=after_id)


async def forget(state_directory: Path, *, everything: bool) -> int:
    """Delete what no running agent remembers, for good; how many records. Raises InUseError, LedgerError."""
    from device.adapters.clock_system import SystemClock
    from device.adapters.store_sqlite import SqliteLedger
    from device.runtime.control.memory import is_kept

    ledger = SqliteLedger.open(state_directory, SystemClock(), on_failure=log_failure)
    try:
        return await ledger.forget(lambda record: is_kept(record, everything=everything))
    finally:
        await ledger.close()
