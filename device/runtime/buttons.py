"""Connects a board's buttons with what their gestures do.

Edges come on a thread of the board's and are judged on the loop's; a timer runs only while a gesture is under way.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from device.core.gestures import Button, Gesture, GestureTimes

log = logging.getLogger(__name__)

SHORTEST_SECONDS = 0.001
"""A timer may come a little early; looking again sooner than this would be spinning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What a gesture does: `begin`, and for one that lasts as long as the button is held `end`."""

    begin: Callable[[], None]
    end: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonUse:
    """One button: when a press of it is which gesture, and what each does; one that is missing does nothing."""

    times: GestureTimes
    actions: Mapping[Gesture, Action]


class Buttons:
    """All buttons of a board."""

    def __init__(self, uses: Mapping[str, ButtonUse]) -> None:
        self._uses = dict(uses)
        self._buttons = {name: Button(use.times) for name, use in uses.items()}
        self._loop = asyncio.get_running_loop()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._closed = False

    def edge(self, name: str, closed: bool) -> None:  # noqa: FBT001 - it is what a contact can be
        """A contact closed or opened; call it on any thread."""
        try:
            self._loop.call_soon_threadsafe(self._edge, name, closed)
        except RuntimeError:
            log.debug("%s was pressed after the end", name)

    def use(self, uses: Mapping[str, ButtonUse]) -> None:
        """Other gestures and times from now on; a hold ends now, any other gesture under way is forgotten."""
        for name, button in self._buttons.items():
            if button.held:  # what it began would never end: the new button does not know of it
                self._do(name, Gesture.HOLD_ENDED)
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._uses = dict(uses)
        self._buttons = {name: Button(use.times) for name, use in uses.items()}

    def close(self) -> None:
        """Nothing is done any more."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _edge(self, name: str, closed: bool) -> None:  # noqa: FBT001
        button = self._buttons.get(name)
        if button is not None and not self._closed:
            self._perform(name, button.edge(closed=closed, now=self._loop.time()))

    def _time_passed(self, name: str) -> None:
        self._timers.pop(name, None)
        self._perform(name, self._buttons[name].passed(self._loop.time()))

    def _perform(self, name: str, gestures: tuple[Gesture, ...]) -> None:
        self._arm(name)
        for gesture in gestures:
            self._do(name, gesture)

    def _do(self, name: str, gesture: Gesture) -> None:
        log.info("%s: %s", name, gesture.value)
        actions = self._uses[name].actions
        if gesture is Gesture.HOLD_ENDED:
            held = actions.get(Gesture.HOLD)
            if held is not None and held.end is not None:
                held.end()
        elif (action := actions.get(gesture)) is not None:
            action.begin()

    def _arm(self, name: str) -> None:
        if (timer := self._timers.pop(name, None)) is not None:
            timer.cancel()
        deadline = self._buttons[name].deadline
        if deadline is not None:
            wait = max(deadline - self._loop.time(), SHORTEST_SECONDS)
            self._timers[name] = self._loop.call_later(wait, self._time_passed, name)
