"""How other threads reach the engine's thread, and how that thread sleeps.

The rule it owns: what is posted is done in the order posted, on the engine's thread, between two batches; without
work the thread waits on a condition and uses no time.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from device.errors import GenerationError

_Result = TypeVar("_Result")


class Mailbox:
    """Wishes from any thread for one thread that reads them."""

    def __init__(self) -> None:
        self._wishes: deque[Callable[[], None]] = deque()
        self._wake = threading.Condition()
        self._closed = False

    def post(self, wish: Callable[[], None]) -> None:
        """Have it done. Raises GenerationError once the mailbox is closed."""
        with self._wake:
            if self._closed:
                raise GenerationError("The language model is closed.")
            self._wishes.append(wish)
            self._wake.notify()

    def call(self, function: Callable[[], _Result]) -> "Future[_Result]":
        """Have it done and get its result, or whatever it raises."""
        future: Future[_Result] = Future()

        def wish() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(function())
                except Exception as error:  # noqa: BLE001 - it is the caller's, and not the end of the thread
                    future.set_exception(error)

        self.post(wish)
        return future

    def close(self) -> None:
        """Take nothing more, and tell the reader to end; harmless if repeated."""
        with self._wake:
            self._closed = True
            self._wake.notify()

    def read(self, has_work: Callable[[], bool]) -> bool:
        """The reader's turn: do what was posted, and sleep while there is neither that nor work; False to end."""
        while True:
            with self._wake:
                while not (self._closed or self._wishes or has_work()):
                    self._wake.wait()
                if self._closed:
                    return False
                wish = self._wishes.popleft() if self._wishes else None
            if wish is None:
                return True
            wish()

    def drain(self) -> None:
        """After the end: do what was posted before it, so that nobody waits for ever."""
        while self._wishes:
            self._wishes.popleft()()
