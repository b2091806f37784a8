"""The agent says that it is alive while its loop and its threads get on, and falls silent when one does not."""

import asyncio
import itertools
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from device.errors import GenerationError
from device.runtime.watchdog import EXTENSION_SECONDS, Watchdog, keep_waiting
from tests.virtual_time import in_virtual_time


class Manager:
    """`device.ports.Service` that notes when it was told what."""

    def __init__(self, watchdog_seconds: float | None = 30.0) -> None:
        self.watchdog_seconds = watchdog_seconds
        self.told: list[tuple[float, str]] = []

    def _note(self, what: str) -> None:
        self.told.append((asyncio.get_running_loop().time(), what))

    def ready(self) -> None:
        self._note("ready")

    def stopping(self) -> None:
        self._note("stopping")

    def status(self, text: str) -> None:
        self._note(text)

    def alive(self) -> None:
        self._note("alive")

    def extend(self, seconds: float) -> None:
        self._note(f"extend {seconds:g}")

    def times(self, what: str) -> list[float]:
        return [at for at, said in self.told if said == what]


class Thread:
    """A worker that comes round to its pulses at once, unless it is stuck."""

    def __init__(self) -> None:
        self.stuck = False
        self.waiting: list[Future[None]] = []
        self.pulses = 0

    def pulse(self) -> "Future[None]":
        self.pulses += 1
        done: Future[None] = Future()
        self.waiting.append(done)
        if not self.stuck:
            self.go_on()
        return done

    def go_on(self) -> None:
        self.stuck = False
        for done in self.waiting:
            done.set_result(None)
        self.waiting.clear()


def watched(*names: str, manager: Manager | None = None) -> tuple[Manager, dict[str, Thread], asyncio.Task[None]]:
    manager = manager or Manager()
    threads = {name: Thread() for name in names}
    watchdog = Watchdog(manager, {name: thread.pulse for name, thread in threads.items()}, patience_seconds=60)
    return manager, threads, asyncio.create_task(watchdog.run())


@in_virtual_time
async def test_it_says_so_three_times_in_the_watchdogs_time():
    manager, threads, task = watched("hear", "speak")
    await asyncio.sleep(60.5)
    assert manager.times("alive") == [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
    assert threads["hear"].pulses == 7
    task.cancel()


@in_virtual_time
async def test_for_a_stuck_thread_it_falls_silent_and_says_which():
    manager, threads, task = watched("hear", "speak")
    await asyncio.sleep(25)
    threads["speak"].stuck = True
    await asyncio.sleep(200)
    assert max(manager.times("alive")) == 90.0, "60 seconds after the pulse that was not answered"
    assert manager.told[-1] == (100.0, "stuck: speak")
    assert threads["speak"].pulses == 4, "a stuck thread is not heaped with pulses"
    threads["speak"].go_on()
    await asyncio.sleep(20)
    assert max(manager.times("alive")) > 200.0
    assert manager.times("ready")
    task.cancel()


@in_virtual_time
async def test_a_thread_that_is_only_slow_is_not_stuck():
    manager, threads, task = watched("think")
    threads["think"].stuck = True
    await asyncio.sleep(55)
    threads["think"].go_on()
    await asyncio.sleep(100)
    assert len(manager.times("alive")) == 16
    task.cancel()


@pytest.mark.parametrize(
    "error", [RuntimeError("cannot schedule new futures"), GenerationError("The language model is closed.")]
)
@in_virtual_time
async def test_a_thread_that_has_ended_is_stuck_for_good(error):
    def ended():
        raise error

    manager = Manager()
    task = asyncio.create_task(Watchdog(manager, {"think": ended}, patience_seconds=1).run())
    await asyncio.sleep(100)
    assert manager.times("alive") == []
    assert manager.told == [(0.0, "stuck: think")]
    task.cancel()


@in_virtual_time
async def test_where_nobody_watches_nothing_is_said():
    manager, threads, task = watched("hear", manager=Manager(None))
    await task
    assert (manager.told, threads["hear"].pulses) == ([], 0)


@in_virtual_time
async def test_a_long_load_is_waited_for_and_an_endless_one_is_not():
    manager = Manager()
    loading = asyncio.create_task(keep_waiting(manager, most_seconds=600))
    await asyncio.sleep(590)
    extended = manager.times(f"extend {EXTENSION_SECONDS:g}")
    assert extended[0] == 0.0
    assert all(later - earlier < EXTENSION_SECONDS for earlier, later in itertools.pairwise(extended))
    await asyncio.sleep(1000)
    assert max(manager.times(f"extend {EXTENSION_SECONDS:g}")) <= 600
    await loading


async def test_a_real_thread_that_is_held_is_noticed():
    """With real threads: the pulse waits behind what the thread does."""
    held = threading.Event()
    with ThreadPoolExecutor(1) as worker:
        worker.submit(held.wait)
        watchdog = Watchdog(Manager(), {"hear": lambda: worker.submit(int)}, patience_seconds=0.0)
        assert not watchdog.stuck()
        await asyncio.sleep(0.01)
        assert watchdog.stuck() == {"hear"}
        held.set()
        worker.submit(int).result()
        assert not watchdog.stuck()


@pytest.mark.parametrize("seconds", [0.5, 30.0])
def test_a_wedged_loop_says_nothing(seconds):
    """While the loop is held, no time passes for the watchdog's task."""

    async def scenario():
        manager, _, task = watched("hear", manager=Manager(seconds))
        await asyncio.sleep(0)
        before = len(manager.told)
        deadline = time.monotonic() + 0.05
        while time.monotonic() < deadline:
            pass
        assert len(manager.told) == before
        task.cancel()

    in_virtual_time(scenario)()
