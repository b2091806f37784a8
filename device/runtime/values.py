"""`device.toolkit.Values` over the ledger."""

import copy
from typing import Any

import msgspec

from device.core.values import SharedValues
from device.errors import LedgerError, ToolError
from device.ports import Ledger
from device.toolkit import Stored

MOST_BYTES = 64 * 1024
"""A larger value is refused: each write is a record, kept for good."""


class LedgerValues:
    """Shared values that survive a restart; a write is on the disk before it is acknowledged."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._values = SharedValues.replay(ledger.records())

    def get(self, name: str) -> Stored:
        """The value as it is now, for the caller to change as it likes."""
        return Stored(value=copy.deepcopy(self._values.value(name)), version=self._values.version(name))

    def reread(self) -> None:
        """Hold what the ledger's records say, of which some were deleted."""
        self._values = SharedValues.replay(self._ledger.records())

    async def put(self, name: str, value: Any, *, version: int) -> Stored:
        """Replace the value if it still has `version`. Raises Conflict, or ToolError if it cannot be kept."""
        try:
            written = msgspec.json.encode(value)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise ToolError(f"{name} holds something that cannot be written down.") from error
        if len(written) > MOST_BYTES:
            raise ToolError(f"{name} has become too large to keep.")
        entry = self._values.write(name, msgspec.json.decode(written), version=version)
        for record in self._ledger.append(entry):
            self._values.apply(record)
        await kept(self._ledger)
        return Stored(value=value, version=entry.version)


async def kept(ledger: Ledger) -> None:
    """Wait until all that was appended is on the disk. Raises ToolError if the disk refuses; it holds all the same."""
    try:
        await ledger.durable()
    except LedgerError as error:
        raise ToolError("It is done, but the disk does not take it: a restart would forget it.") from error
