"""An event loop whose clock jumps to the next deadline, so that minutes pass in milliseconds and every run is the same.

Worker threads are left out, too: what is handed to one is done at once.
"""

import asyncio
import functools
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualClock:
    """`device.ports.Clock` over the running loop's time."""

    def __init__(self, *, wall_seconds: float = 1_800_000_000.0) -> None:
        self._wall_seconds = wall_seconds

    def monotonic_seconds(self) -> float:
        return asyncio.get_running_loop().time()

    def boot_seconds(self) -> float:
        return self.monotonic_seconds()

    def wall_seconds(self) -> float:
        return self._wall_seconds + self.monotonic_seconds()


class _JumpingSelector:
    """A selector that lets virtual time pass instead of waiting."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self.now_seconds = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = self._selector.select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise RuntimeError("everything waits, and nothing is going to happen")
        self.now_seconds += timeout
        return []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._selector, name)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Time stands still while anything computes and jumps when nothing does."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)  # type: ignore[arg-type]

    def time(self) -> float:
        return self._jumping.now_seconds

    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> "asyncio.Future[T]":
        return asyncio.wrap_future((executor or InlineExecutor()).submit(func, *args), loop=self)


class InlineExecutor(Executor):
    """Does at once what it is given."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
            future.set_exception(error)
        return future


def run(main: Coroutine[Any, Any, T], *, processor_seconds: float = 60.0) -> T:
    """Run `main` in virtual time. It fails if it keeps computing for so long without coming to its end.

    Counted in the processor's time, since the machine may be busy with something else.
    """
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(_bounded(main, time.process_time() + processor_seconds))


def in_virtual_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make an async test a plain one that runs in virtual time."""

    @functools.wraps(test)
    def runs(*args: Any, **kwargs: Any) -> None:
        run(test(*args, **kwargs))

    return runs


async def _bounded(main: Coroutine[Any, Any, T], until: float) -> T:
    working = asyncio.ensure_future(main)
    while not working.done():
        await asyncio.wait({working}, timeout=10.0)
        if time.process_time() > until:
            working.cancel()
            await asyncio.wait({working}, timeout=10.0)
            raise AssertionError("it does not come to an end")
    return working.result()
