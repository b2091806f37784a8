"""What the commands of the control socket work with: the live agent, and whoever asked."""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from device.runtime.agent import Agent


@dataclass(kw_only=True, eq=False)
class Session:
    """One client's connection; `at_end` is unwound when it has gone."""

    at_end: ExitStack = field(default_factory=ExitStack)


async def _unheard(value: Any) -> None:
    """Nobody listens."""
    del value


@dataclass(frozen=True, kw_only=True)
class Live:
    """The agent that is asked; `tell` sends a part of the answer to the client.

    `tell` waits for a client that reads slowly, and raises ConnectionError if it has gone. `began_seconds` is when the
    agent was ready, by its monotonic clock.
    """

    agent: Agent
    version: str
    began_seconds: float
    session: Session = field(default_factory=Session)
    tell: Callable[[Any], Awaitable[None]] = _unheard
