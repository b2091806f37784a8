"""What the agent remembers, read and deleted beside it or without one."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from device.app.configuration import in_force, service_meant
from device.config import Config
from device.logs import log_failure
from device.ports import Ledger


def conversation_directory(file: Path | None, *, overrides: Sequence[str] = ()) -> Path:
    """Where the conversation is that commands read: the service's where one is installed, else the user's own.

    Raises ConfigError.
    """
    service = service_meant(file)
    return kept_in(in_force(file, overrides, service).config, service or {})


def kept_in(config: Config, environment: Mapping[str, str]) -> Path:
    """Where an agent with this configuration and a service's variables keeps the conversation."""
    state = environment.get("XDG_STATE_HOME")
    return Path(state) / "device" if state and not config.conversation.state else config.state_directory()


def read_ledger(directory: Path, *, after_id: int = 0, last: int | None = None) -> Iterator[dict[str, Any]]:
    """The records above an id, or the `last` ones, as JSON has them, beside an agent or not. Raises LedgerError."""
    from device.adapters import ledger_reading

    if last is not None:
        return iter(ledger_reading.last_records(directory, last))
    return ledger_reading.records(directory, after_id=after_id)


def open_ledger(directory: Path) -> Ledger:
    """The ledger in `directory`, which this process alone has until it is closed. Raises InUseError, LedgerError."""
    from device.adapters.clock_system import SystemClock
    from device.adapters.store_sqlite import SqliteLedger

    return SqliteLedger.open(directory, SystemClock(), on_failure=log_failure)


async def forget(state_directory: Path, *, everything: bool) -> int:
    """Delete what no running agent remembers, for good; how many records. Raises InUseError, LedgerError."""
    from device.runtime.control.memory import is_kept

    ledger = open_ledger(state_directory)
    try:
        return await ledger.forget(lambda record: is_kept(record, everything=everything))
    finally:
        await ledger.close()
