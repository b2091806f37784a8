"""Keeps a sound device open: reopens it when it vanishes, and tells the machine.

The conversation goes on without it: a reply that was being heard counts as heard up to the loss. Whether sound gets on
is asked by `pulse`: a card that claims to be open but exchanges nothing is reopened by its adapter, and where not even
that comes round, the pulse stays unanswered and the watchdog has the process restarted. A device that
asks to be opened anew is, as soon as nobody speaks.
"""

import asyncio
import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from device.core.events import AudioLost
from device.errors import AudioError
from device.ports import AudioDevice, Exchange, Samples

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
CALM_SECONDS = 0.2
MOST_CALM_LOOKS = 50
"""A moment in which nobody speaks is looked for so often, so far apart; then the device is opened anew all the same."""

READY_SECONDS = 1.0
"""A device's block waits no longer for the agent to be ready for it; a recording would run through meanwhile."""


class SoundSupervisor:
    """Owns the device's being open."""

    def __init__(
        self,
        device: AudioDevice,
        exchange: Exchange,
        *,
        on_open: Callable[[AudioDevice], None],
        post: Callable[[AudioLost], None],
        calm: Callable[[], bool] = lambda: True,
    ) -> None:
        """`calm()` is whether nobody speaks."""
        self._device = device
        self._exchange_when_ready = exchange
        self._ready = threading.Event()
        self._on_open = on_open
        self._post = post
        self._calm = calm
        self._renewal: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._lost: asyncio.Queue[str] = asyncio.Queue()
        self._listens = True
        self._opened = False
        self._odd = ""
        """The last failure to open it that is none of its own."""
        self._closed = threading.Event()
        self._pulses: deque[Future[None]] = deque()  # two threads take from it

    def open(self) -> None:
        """Open the device. Raises AudioError if it cannot be opened now."""
        self._open()
        self._use()
        self._opened = True

    def listen(self, listening: bool) -> None:  # noqa: FBT001 - the one thing it says
        """Open or close the microphone; the loudspeaker goes on. Returns at once."""
        if listening != self._listens:
            self._listens = listening
            if self._opened:
                self._lost.put_nowait("")

    def miss(self, reason: str) -> None:
        """Wait for a device that could not be opened, as for one that was lost."""
        self._opened = True
        self._lost.put_nowait(reason)

    def pulse(self) -> "Future[None]":
        """Done with the next block that is exchanged, or the next time that a missing device is looked for."""
        done: Future[None] = Future()
        self._pulses.append(done)
        return done

    async def run(self) -> None:
        """Reopen the device whenever it is lost, until cancelled."""
        while True:
            reason = await self._lost.get() or await self._reopened()
            if not reason:
                continue
            log.error("The sound device %s is gone (%s); waiting for it to return", self._device.name, reason)
            self._post(AudioLost(reason=reason))
            await asyncio.to_thread(self._device.close)
            await self._reopen()
            log.warning("The sound device %s is back", self._device.name)

    def _renew(self) -> None:
        if self._renewal is None or self._renewal.done():
            self._renewal = self._loop.create_task(self._reopen_in_a_calm())

    async def _reopen_in_a_calm(self) -> None:
        for _ in range(MOST_CALM_LOOKS):
            if self._calm():
                break
            await asyncio.sleep(CALM_SECONDS)
        self._lost.put_nowait("")

    async def _reopened(self) -> str:
        """Open the device anew, with or without its microphone; why it could not be, if so."""
        try:
            await asyncio.to_thread(self._open)
        except Exception as error:  # noqa: BLE001 - see _not_yet
            self._not_yet(error)
            return str(error) or type(error).__name__
        self._use()
        return ""

    def close(self) -> None:
        """Close the device for good, also one that is being opened in another thread."""
        self._closed.set()
        self._device.close()

    async def _reopen(self) -> None:
        while True:
            await asyncio.sleep(RETRY_SECONDS)
            self._beat()
            try:
                await asyncio.to_thread(self._open)
            except Exception as error:  # noqa: BLE001 - see _not_yet
                self._not_yet(error)
            else:
                self._use()
                return

    def _not_yet(self, error: Exception) -> None:
        """A device that cannot be opened now may be later, whatever its library raises: the conversation goes on."""
        if isinstance(error, AudioError):
            log.debug("%s", error)
        elif repr(error) != self._odd:  # it is tried every second
            self._odd = repr(error)
            log.error("Opening the sound device failed oddly; it is tried again", exc_info=error)

    def _open(self) -> None:
        self._ready.clear()
        if self._closed.is_set():
            raise AudioError("The sound device was closed: start the agent again.")
        self._device.open(self._exchange, self._on_lost, listening=self._listens)
        if self._closed.is_set():  # while it was opened
            self._device.close()

    def _use(self) -> None:
        """The device's rates are known now; nothing is exchanged before all are ready for them."""
        self._odd = ""
        self._on_open(self._device)
        self._ready.set()

    def _exchange(self, captured: Samples, out: Samples) -> None:
        if self._pulses:
            self._beat()
        if self._ready.is_set() or self._ready.wait(READY_SECONDS):  # the first takes no lock
            self._exchange_when_ready(captured, out)
        else:
            out[:] = 0.0

    def _beat(self) -> None:
        """Sound gets on; called on the loop's thread and the device's."""
        with contextlib.suppress(IndexError):  # the other thread took the last one
            while self._pulses:
                self._pulses.popleft().set_result(None)

    def _on_lost(self, reason: str) -> None:
        try:
            self._loop.call_soon_threadsafe(*((self._lost.put_nowait, reason) if reason else (self._renew,)))
        except RuntimeError:
            log.debug("the sound device ended after the loop")
