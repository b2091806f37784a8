"""Who computes now: the language model gets all cores only while no other stage works.

llama.cpp's workers spin while they wait for each other, so beside another busy stage they slow both many times over.
Whoever computes says so here, and the engine leaves one core free from its next step on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Cores:
    """Counts the stages that compute beside the language model; used on the loop's thread only."""

    def __init__(self, set_busy: Callable[[bool], None]) -> None:
        self._set_busy = set_busy
        self._working = 0

    @contextmanager
    def working(self) -> Iterator[None]:
        """A stage computes while the context is open."""
        self._working += 1
        if self._working == 1:
            self._set_busy(True)  # noqa: FBT003
        try:
            yield
        finally:
            self._working -= 1
            if self._working == 0:
                self._set_busy(False)  # noqa: FBT003
