"""The loop: the only owner of the machine's state.

Everything that happens is posted here, from the loop's own thread or from any other; every event is one pure step,
and the step's effects are performed in order, at once. Nothing here waits for anything but the next event.
"""

import asyncio
import logging
from collections.abc import Callable

from device.core.effects import CancelReply, Effect, FinishReply, ShutDown, StartReply
from device.core.events import Event, ReplyFailed
from device.core.fsm import Machine, step
from device.core.inbox import Inbox
from device.runtime.marks import Mark, Marks, Stage

log = logging.getLogger(__name__)

Observer = Callable[[Machine, Event, Machine], None]
"""`observer(before, event, after)`: told of every step, for LEDs, timelines and the like.

One that fails is logged, the first time, and told of the next step all the same.
"""


class Loop:
    """Takes events from the inbox, steps the machine and hands its effects to `perform`."""

    def __init__(self, marks: Marks, *, last_turn: int = 0) -> None:
        """`last_turn`: the number of the last turn that the ledger knows; the next one is above it.

        How long an event waited for the floor is noted in `marks`.
        """
        self.machine = Machine(turn=last_turn)
        self.inbox = Inbox()
        self._perform: Callable[[Effect], None] = _ignore
        self._is_moot: Callable[[Event], bool] = _never
        self._observers: list[Observer] = []
        self._failed: list[Observer] = []
        self._marks = marks
        self._waiting_since: dict[type[Event], Mark] = {}
        self._woken = asyncio.Event()
        self._asyncio_loop = asyncio.get_running_loop()
        self._ended = False

    def connect(self, perform: Callable[[Effect], None], is_moot: Callable[[Event], bool] | None = None) -> None:
        """Say who performs the effects; `perform` must return at once.

        An event that asked for the floor and gets it is dropped if it `is_moot`: what it tells of was told or taken
        back while it waited, and a reply to it would have nothing to say.
        """
        self._perform = perform
        self._is_moot = is_moot or self._is_moot

    def observe(self, observer: Observer) -> None:
        """Tell `observer` of every step from now on."""
        self._observers.append(observer)

    def forget(self, observer: Observer) -> None:
        """Tell `observer` nothing more."""
        self._observers.remove(observer)
        if observer in self._failed:
            self._failed.remove(observer)

    def post(self, event: Event) -> None:
        """Add an event; call it on the loop's thread."""
        if event.takes_floor and not self.inbox.keeps(type(event)):
            self._waiting_since[type(event)] = self._marks.now(Stage.FLOOR_ASKED, type(event).__name__)
        self.inbox.post(event)
        self._woken.set()

    def post_threadsafe(self, event: Event) -> None:
        """Add an event from any thread; after the loop's end it is dropped."""
        self.call_threadsafe(lambda: self.post(event))

    def call_threadsafe(self, action: Callable[[], None]) -> None:
        """Do something on the loop's thread soon, from any thread; after the loop's end it is dropped."""
        try:
            self._asyncio_loop.call_soon_threadsafe(action)
        except RuntimeError:
            log.debug("something was to be done after the end")

    async def run(self) -> None:
        """Handle events until the machine asks to shut down."""
        while not self._ended:
            while not self._ended and (event := self.inbox.take(self.machine)) is not None:
                self._handle(event)
            self._woken.clear()
            if not self._ended:
                await self._woken.wait()

    def _handle(self, event: Event) -> None:
        since = self._waiting_since.pop(type(event), None)
        if self._is_moot(event):
            return
        if since is not None:
            self._marks.put(since)
            self._marks.add(Stage.FLOOR_TAKEN, since.note)
        before = self.machine
        self.machine, effects = step(before, event)
        for effect in effects:
            if isinstance(effect, ShutDown):
                self._ended = True
            self._perform_safely(effect)
        for observer in tuple(self._observers):
            self._tell_safely(observer, before, event)

    def _tell_safely(self, observer: Observer, before: Machine, event: Event) -> None:
        try:
            observer(before, event, self.machine)
        except Exception:
            if observer not in self._failed:
                self._failed.append(observer)
                log.exception("Who was told of %s failed; it will not be logged again", type(event).__name__)

    def _perform_safely(self, effect: Effect) -> None:
        try:
            self._perform(effect)
        except Exception as error:
            log.exception("%s failed", type(effect).__name__)
            if isinstance(effect, StartReply):
                self.post(ReplyFailed(turn=effect.turn, reason=str(error)))
            elif isinstance(effect, (CancelReply, FinishReply)):
                log.error("Turn %d may be remembered incompletely", effect.turn)  # noqa: TRY400


def _ignore(effect: Effect) -> None:
    raise RuntimeError(f"nobody performs {type(effect).__name__}: call Loop.connect first")


def _never(event: Event) -> bool:
    del event
    return False
