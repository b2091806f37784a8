"""Values that parallel contexts share, with versions: a stale write is refused, never a silent overwrite; pure.

A value's version counts its writes. Whoever writes says which version they read; if another write came between, they
get a `Conflict` and decide anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from device.core.entries import Record, ValueWritten
from device.errors import Conflict


@dataclass(slots=True)
class SharedValues:
    """The fold of the values' entries."""

    _values: dict[str, ValueWritten] = field(default_factory=dict)

    @classmethod
    def replay(cls, records: Iterable[Record]) -> Self:
        """The values that `records`, in order, amount to."""
        values = cls()
        for record in records:
            values.apply(record)
        return values

    def apply(self, record: Record) -> None:
        """Take the next record; what is no write, or not the next version, is passed over.

        The first may have any version: what a later write has replaced is not kept for ever.
        """
        entry = record.entry
        if isinstance(entry, ValueWritten) and self.version(entry.name) in (0, entry.version - 1):
            self._values[entry.name] = entry

    def value(self, name: str) -> Any:
        """The value; None if it was never written."""
        found = self._values.get(name)
        return None if found is None else found.value

    def version(self, name: str) -> int:
        """How often it was written."""
        found = self._values.get(name)
        return 0 if found is None else found.version

    def write(self, name: str, value: Any, *, version: int) -> ValueWritten:
        """The entry that writes `value` over `version`. Raises Conflict if that is not the value's version."""
        if version != (current := self.version(name)):
            raise Conflict(f"{name} was changed meanwhile (version {current}, not {version}); read it again.")
        return ValueWritten(name=name, value=value, version=version + 1)
