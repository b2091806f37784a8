"""Real-time priority is asked for one thread, and a system that does not give it harms nobody."""

import os
import threading

from device.runtime import realtime


def test_only_the_calling_thread_gets_it():
    policies: list[int] = []

    def sound():
        policies.append(realtime.prefer_this_thread() and os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK)

    thread = threading.Thread(target=sound)
    thread.start()
    thread.join()
    assert policies[0] in (os.SCHED_FIFO, False), "False where the system does not allow it"
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_a_refusal_is_no_failure(monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    assert realtime.prefer_this_thread() is False
