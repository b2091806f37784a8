"""A bar on standard error for what takes long: on a terminal alone, and gone when it is over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int, str], None]
"""`advance(done, what)`: so much is done, and this is under way."""


@contextmanager
def bar(total: float, what: str = "") -> Iterator[Advance]:
    """The bar while the context is open; nothing where standard error is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", style="dim"))
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(what, total=total)

        def advance(done: int, what: str) -> None:
            bars.update(task, completed=done, description=what)

        yield advance
