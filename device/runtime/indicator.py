"""Shows how the agent fares on the board's light, and wakes only when that changes or the pattern does.

Everything here happens on the loop's thread and at once: a state that begins is visible before its event is done with.
"""

import asyncio
import logging

from device.core.indication import Condition, Indication, frame, indication
from device.errors import BoardError
from device.ports import Light

log = logging.getLogger(__name__)

SHORTEST_SECONDS = 0.001
"""A timer may come a little early; looking again sooner than this would be spinning."""


class Indicator:
    """What is shown on one light; without one it only remembers."""

    def __init__(self, light: Light | None) -> None:
        """Show that the agent starts."""
        self.condition = Condition()
        self._light = light
        self._loop = asyncio.get_running_loop()
        self._shown: Indication | None = None
        self._since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.show(self.condition)

    def show(self, condition: Condition) -> None:
        """The agent fares so from now on."""
        self.condition = condition
        wanted = indication(condition)
        if wanted is not self._shown:
            self._shown, self._since = wanted, self._loop.time()
            self._light_up()

    def again(self) -> None:
        """Show the same anew: the lamp was changed."""
        self._light_up()

    def close(self) -> None:
        """Show nothing more."""
        self._disarm()
        self._light = None

    def _light_up(self) -> None:
        self._disarm()
        if self._light is None or self._shown is None:
            return
        now = frame(self._shown, self._light.lamp, self._loop.time() - self._since)
        try:
            self._light.show(now.lights)
        except BoardError as failure:
            log.error("%s The voice goes on without it.", failure)  # noqa: TRY400 - a sentence says it
            self._light = None
            return
        if now.changes_in_seconds is not None:
            self._timer = self._loop.call_later(max(now.changes_in_seconds, SHORTEST_SECONDS), self._light_up)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
