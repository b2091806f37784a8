"""What the commands of the control socket work with: the live agent, and whoever asked."""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from device.core.pace import Pace
from device.runtime.agent import Agent

PUSHES_PER_SECOND, PUSHES_AT_ONCE = 200, 50
"""What all streams together may send."""


@dataclass(kw_only=True, eq=False)
class Session:
    """One client's connection; `at_end` is unwound when it has gone.

    Who watches had the last look at `looked_seconds` of the loop's clock, when there had been so many `changes`.
    """

    at_end: ExitStack = field(default_factory=ExitStack)
    changes: int = -1
    looked_seconds: float = float("-inf")


async def _unheard(value: Any) -> None:
    """Nobody listens."""
    del value


@dataclass(frozen=True, kw_only=True)
class Live:
    """The agent that is asked; `tell` sends a part of the answer to the client, and `push` one of a stream.

    Both wait for a client that reads slowly, `push` for longer, and raise ConnectionError if it has gone. `pushes` is
    the pace that all streams share (`device.runtime.control.streaming`). `began_seconds` is when the agent was ready,
    by its monotonic clock.
    """

    agent: Agent
    version: str
    began_seconds: float
    session: Session = field(default_factory=Session)
    tell: Callable[[Any], Awaitable[None]] = _unheard
    push: Callable[[Any], Awaitable[None]] = _unheard
    pushes: Pace = field(default_factory=lambda: Pace(per_second=PUSHES_PER_SECOND, burst=PUSHES_AT_ONCE))
