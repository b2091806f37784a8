"""What the commands of the control socket work with: the live agent, and whoever asked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from device.runtime.agent import Agent


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
    tell: Callable[[Any], Awaitable[None]] = _unheard
