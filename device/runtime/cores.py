"""Who computes now: the language model gets all cores only while no other stage works.

llama.cpp's workers spin while they wait for each other, so beside another busy stage they slow both many times over.
Whoever computes says so here, and the engine leaves one core free from its next step on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from device.ports import Urgency


class Engine(Protocol):
    """Of a language model, what makes room for others."""

    def set_busy(self, busy: bool) -> None:  # noqa: FBT001 - the one thing it says
        """Say whether another stage computes now."""
        ...

    def hold(self, urgency: Urgency | None) -> None:
        """Step nothing of this urgency or below it; None lets everything run again."""
        ...


class Cores:
    """Counts the stages that compute beside the language model; used on the loop's thread only."""

    def __init__(self, model: Engine) -> None:
        self._set_busy: Callable[[bool], None] = model.set_busy
        self._hold = model.hold
        self._working = 0
        self._held: dict[str, Urgency] = {}
        self._held_from: Urgency | None = None

    def hold(self, reason: str, urgency: Urgency | None) -> None:
        """For `reason`, step nothing of this urgency or below it; None ends that. The strictest reason counts."""
        if urgency is None:
            self._held.pop(reason, None)
        else:
            self._held[reason] = urgency
        held_from = min(self._held.values(), default=None)
        if held_from != self._held_from:
            self._held_from = held_from
            self._hold(held_from)

    @contextmanager
    def holding(self, reason: str, urgency: Urgency | None) -> Iterator[None]:
        """Hold while the context is open; None holds nothing."""
        self.hold(reason, urgency)
        try:
            yield
        finally:
            self.hold(reason, None)

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
