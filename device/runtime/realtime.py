"""Real-time priority for the sound's thread, where the system allows it (RLIMIT_RTPRIO, as the service has).

A block of sound is due every few milliseconds; a thread of that class is never behind those that compute.
"""

import logging
import os
import threading

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
