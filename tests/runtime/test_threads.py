"""Threads have names that the system shows; real-time priority is asked for one of them, and a system that does not
give it harms nobody.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from device.runtime import threads


def test_only_the_calling_thread_gets_it():
    policies: list[int] = []
    ours = os.sched_getscheduler(0)

    def sound():
        policies.append(threads.prefer_this_thread() and os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK)

    thread = threading.Thread(target=sound)
    thread.start()
    thread.join()
    assert policies[0] in (os.SCHED_FIFO, False), "False where the system does not allow it"
    assert os.sched_getscheduler(0) == ours


def test_a_refusal_is_no_failure(monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    assert threads.prefer_this_thread() is False


def test_the_system_shows_a_threads_name():
    def comm() -> str:
        return Path(f"/proc/self/task/{threading.get_native_id()}/comm").read_text().strip()

    with ThreadPoolExecutor(1, initializer=threads.name_this_thread, initargs=("hear",)) as worker:
        assert worker.submit(comm).result() == "hear"
    assert comm() != "hear"
