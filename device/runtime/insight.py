"""What is known of a running agent beside the conversation, for people who look into it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from device.ports import Clock
from device.runtime.glance import Glance
from device.runtime.mishaps import Mishaps
from device.runtime.turns import Turns
from device.toolkit import Health

FRESH_SECONDS = 5.0
"""How the computer fares is not read more often than this, however many look."""


class Vitals:
    """How the computer fares, read beside the loop: a board's firmware may take its time."""

    def __init__(self, health: Health | None, clock: Clock) -> None:
        self._health = health
        self._clock = clock
        self._read: Mapping[str, float | str] = {}
        self._at_seconds = float("-inf")

    async def read(self) -> Mapping[str, float | str]:
        """`device.toolkit.Health.read`, at most FRESH_SECONDS old; nothing where nothing can be read."""
        now = self._clock.monotonic_seconds()
        if self._health is not None and now - self._at_seconds >= FRESH_SECONDS:
            self._at_seconds = now
            self._read = await asyncio.to_thread(self._health.read)
        return self._read


@dataclass(frozen=True, kw_only=True)
class Insight:
    """The turns, the states, the mishaps and the computer's vitals."""

    turns: Turns
    glance: Glance
    mishaps: Mishaps
    vitals: Vitals

    def forget(self) -> None:
        """Forget all that was said."""
        self.turns.forget()
        self.glance.forget()
        self.mishaps.forget()
