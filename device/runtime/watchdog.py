"""Says that the agent is alive as long as it gets on: its loop, and every thread that works for it.

The service manager ends a service that has not said so for its watchdog's time. So the loop says it, a few times in
that time, and only if every worker has come round to a *pulse* that it was given before: a wedged loop says nothing,
and for a stuck thread the loop falls silent. While the models load, the same loop asks for more time instead, within a
bound, so that a long load is waited for and an endless one is not.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from device.errors import DeviceError
from device.ports import Service

log = logging.getLogger(__name__)

Pulse = Callable[[], "Future[Any]"]
"""Asks a thread to do nothing; the future is done when it has come round to it."""

PARTS = 3
"""So many times in the watchdog's time the loop looks and tells."""

LOADING_SECONDS = 900.0
"""A load that takes longer than this is stuck: an 8B model from a slow card is there in five minutes."""

EXTENSION_SECONDS = 60.0


class Watchdog:
    """Watches an agent's threads for a service manager; used on the loop's thread."""

    def __init__(self, service: Service, pulses: Mapping[str, Pulse], *, patience_seconds: float) -> None:
        """`patience_seconds` is how long a thread may take to come round."""
        self._service = service
        self._pulses = dict(pulses)
        self._patience_seconds = patience_seconds
        self._given: dict[str, tuple[float, Future[Any]]] = {}
        self._told: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Look and tell, until cancelled; returns at once if nobody watches."""
        every_seconds = self._service.watchdog_seconds
        if every_seconds is None:
            return
        while True:
            if not self.stuck():
                self._service.alive()
            await asyncio.sleep(every_seconds / PARTS)

    def stuck(self) -> frozenset[str]:
        """The threads that have not come round in time; gives the others their next pulse."""
        now = asyncio.get_running_loop().time()
        stuck = frozenset(name for name in self._pulses if self._is_stuck(name, now))
        if stuck != self._told:
            self._told = stuck
            for name in sorted(stuck):
                log.error(
                    "The thread that is to %s has ended or not moved for %.0f seconds", name, self._patience_seconds
                )
            self._service.status(f"stuck: {', '.join(sorted(stuck))}" if stuck else "ready")
        return stuck

    def _is_stuck(self, name: str, now: float) -> bool:
        given_at, pulse = self._given.get(name, (now, None))
        if pulse is not None and not pulse.done():
            return now - given_at > self._patience_seconds
        try:
            self._given[name] = now, self._pulses[name]()
        except (RuntimeError, DeviceError):
            return True  # it has ended, and nobody asked it to: the watchdog is stopped before the threads are
        return False


async def keep_waiting(service: Service, *, most_seconds: float = LOADING_SECONDS) -> None:
    """Ask for more time while something long is under way; cancel it when that is done."""
    loop = asyncio.get_running_loop()
    until = loop.time() + most_seconds
    while loop.time() < until:
        service.extend(EXTENSION_SECONDS)
        await asyncio.sleep(EXTENSION_SECONDS / PARTS)
    log.error("Loading has taken %.0f seconds and is given up", most_seconds)
