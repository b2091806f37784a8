"""A setting that is the same after a restart. A disk that refuses it costs that, and nothing else."""

import asyncio
import logging
from typing import Any

from device.errors import DeviceError
from device.toolkit import Values, update

log = logging.getLogger(__name__)


class Kept:
    """A shared value that holds what was last set; `run` writes it down."""

    def __init__(self, values: Values, name: str) -> None:
        self.before: Any = values.get(name).value
        """What the last run kept; None if it kept nothing."""
        self._values = values
        self._name = name
        self._setting: Any = None
        self._changed = asyncio.Event()

    def keep(self, setting: Any) -> None:
        """It is this from now on; returns at once."""
        self._setting = setting
        self._changed.set()

    async def run(self) -> None:
        """Write down what is set, until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await update(self._values, self._name, lambda _: self._setting)
            except DeviceError as error:
                # It holds all the same, and what was written waits in memory for the disk.
                log.warning("A restart may forget the setting of the %s: %s", self._name, error)
