"""Waiting for several file descriptors on one thread, which sleeps until one of them has something to read."""

import os
import select
import threading
from collections.abc import Callable


class PollThread:
    """One thread that sleeps until one of some file descriptors has something to read."""

    def __init__(self) -> None:
        self._ready: dict[int, Callable[[], None]] = {}
        self._lock = threading.RLock()
        self._wake_read, self._wake_write = os.pipe()
        self._poll = select.poll()
        self._poll.register(self._wake_read, select.POLLIN)
        self._thread = threading.Thread(target=self._run, name="pins", daemon=True)
        self._thread.start()

    def add(self, fd: int, ready: Callable[[], None]) -> None:
        """Call `ready` whenever `fd` has something to read, until it is removed or `ready` raises OSError."""
        with self._lock:
            self._ready[fd] = ready
        self._poll.register(fd, select.POLLIN)
        self._nudge()

    def remove(self, fd: int) -> None:
        """No longer; when it returns, `ready` is not running, unless that is the caller."""
        with self._lock:  # while it is held, none is being called
            if self._ready.pop(fd, None) is None:
                return
        self._poll.unregister(fd)
        self._nudge()

    def close(self) -> None:
        """End the thread."""
        with self._lock:
            self._ready.clear()
        os.close(self._wake_write)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _nudge(self) -> None:
        os.write(self._wake_write, b".")

    def _run(self) -> None:
        while True:
            for fd, _ in self._poll.poll():
                if fd == self._wake_read:
                    if not os.read(fd, 64):  # the other end was closed
                        os.close(fd)
                        return
                    continue
                with self._lock:
                    ready = self._ready.get(fd)
                    if ready is None:
                        continue
                    try:
                        ready()
                    except OSError:
                        del self._ready[fd]
                        self._poll.unregister(fd)
