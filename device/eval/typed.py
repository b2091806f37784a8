"""A whole agent that is typed to: the real machine, dispatcher, ledger and prompt, with the tools that it is given.

A script stands for the language model where an experiment is about the machine alone.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device import app
from device.config import Config
from device.core.entries import CallMade, ConversationStarted, Record
from device.core.events import ShutdownRequested, TextTyped
from device.errors import DeviceError
from device.runtime.agent import Agent, Surroundings
from device.runtime.faculties import Faculties
from device.toolkit import Tool

POLL_SECONDS = 0.002
PATIENCE_SECONDS = 300.0
"""A large model on a small board takes its time."""


@dataclass(kw_only=True, eq=False)
class Typed:
    """The agent, and how it is spoken to."""

    agent: Agent

    async def ask(self, text: str) -> tuple[Record, ...]:
        """Type something and wait until nothing is left to do; what the ledger has of it. Raises DeviceError."""
        last_id = self.last_id()
        self.agent.loop.post(TextTyped(text=text))
        await self.settle()
        return self.agent.dialogue.ledger.records(last_id)

    def start(self, name: str, **arguments: Any) -> str:
        """Start a call as the dispatcher does when the model makes one; returns its id."""
        call_id = self.agent.dialogue.conversation.calls.next_id()
        self.agent.home.runner.start(CallMade(call_id=call_id, turn=0, name=name, arguments=arguments))
        return call_id

    async def ended(self, *call_ids: str) -> None:
        """Wait until calls have ended. Raises DeviceError if they never do."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                for call_id in call_ids:
                    await self.agent.home.runner.ended(call_id)
        except TimeoutError:
            open_calls = ", ".join(call.call_id for call in self.agent.home.runner.open_calls())
            raise DeviceError(f"The calls {open_calls} did not end within {PATIENCE_SECONDS:g} seconds.") from None

    async def settle(self) -> None:
        """Wait until nothing is going on. Raises DeviceError if that never comes."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.sleep(POLL_SECONDS)
                while not self.agent.settled:
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise DeviceError(
                f"The agent did not rest within {PATIENCE_SECONDS:g} seconds: it is {self.agent.loop.machine.state}."
            ) from None

    def begin_afresh(self) -> None:
        """A new conversation."""
        self.agent.dialogue.append(ConversationStarted())

    def last_id(self) -> int:
        """The id of the ledger's last record."""
        return max((record.id for record in self.agent.dialogue.ledger.records()[-1:]), default=0)


@asynccontextmanager
async def typed(
    config: Config, tools: Mapping[str, Tool], *, script: Callable[[str], str] | None = None
) -> AsyncIterator[Typed]:
    """A living agent in a directory of its own; `script` makes a reply of a prompt. Raises DeviceError."""

    def equip(faculties: Faculties) -> None:
        faculties.tools = tools

    with tempfile.TemporaryDirectory(prefix="device-eval-") as state:
        surroundings = Surroundings(config=config, state_directory=Path(state), fresh=True, show=_read)
        async with app.open_agent(surroundings, equip, script=script) as agent:
            living = asyncio.create_task(agent.run())
            try:
                yield Typed(agent=agent)
            finally:
                agent.loop.post(ShutdownRequested())
                await living


def _read(text: str) -> None:
    """The user reads it, and the ledger keeps what they read."""
    del text


def newest(prompt: str) -> str:
    """The last message of a scripted model's prompt before the reply's own."""
    return prompt.rsplit("<|im_start|>", 2)[-2]
