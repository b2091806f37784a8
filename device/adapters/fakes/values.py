"""Shared values that live as long as their process, and somebody who writes them at the worst moment."""

import copy
from collections.abc import Callable
from typing import Any

from device.errors import Conflict
from device.toolkit import Stored


class MemoryValues:
    """`device.toolkit.Values`; `meddle`, if given, runs before every write, as another context would."""

    def __init__(self, meddle: Callable[["MemoryValues"], None] | None = None) -> None:
        self.meddle = meddle
        self._values: dict[str, Stored] = {}

    def get(self, name: str) -> Stored:
        """The value as it is now."""
        stored = self._values.get(name, Stored(value=None, version=0))
        return Stored(value=copy.deepcopy(stored.value), version=stored.version)

    async def put(self, name: str, value: Any, *, version: int) -> Stored:
        """Replace the value if it still has `version`. Raises Conflict."""
        if self.meddle is not None:
            self.meddle(self)
        if version != self.get(name).version:
            raise Conflict(f"{name} was changed meanwhile.")
        return self.overwrite(name, value)

    def overwrite(self, name: str, value: Any) -> Stored:
        """Write, whatever the version."""
        stored = Stored(value=copy.deepcopy(value), version=self.get(name).version + 1)
        self._values[name] = stored
        return stored
