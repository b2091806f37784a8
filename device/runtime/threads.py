"""What the system knows of the agent's threads: their names, and real-time priority for the sound's.

A block of sound is due every few milliseconds; a thread of the real-time class is never behind those that compute. The
system allows it where RLIMIT_RTPRIO does, as in the service.
"""

import logging
import os
import threading
from pathlib import Path

log = logging.getLogger(__name__)

PRIORITY = 10
"""Of 1 to 99; above all that computes, below the kernel's own threads for the sound card (50)."""


def prefer_this_thread() -> bool:
    """Give the calling thread real-time priority; returns whether the system let it."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))
    except OSError as error:
        log.debug("no real-time priority for the sound: %s", error.strerror)
        return False
    log.info("The thread %s has real-time priority", threading.current_thread().name)
    return True


def name_this_thread(name: str) -> None:
    """Let `top -H` and its like show the calling thread by this name, of which 15 bytes count."""
    try:
        Path(f"/proc/self/task/{threading.get_native_id()}/comm").write_text(name, encoding="ascii")
    except OSError as error:
        log.debug("the thread %s goes without a name: %s", name, error.strerror)
