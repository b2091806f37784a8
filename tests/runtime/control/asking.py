"""Requests to an agent of fakes, as a client would make them, without a socket."""

from typing import Any

import msgspec

from device.core.wire import Done, Failed, Part, Request
from device.runtime.control import COMMANDS
from device.runtime.control.commands import Answering
from device.runtime.control.live import Live
from tests.runtime.stage import Stage


class Client:
    """Asks an agent; keeps the parts of the last answer."""

    def __init__(self, it: Stage) -> None:
        self._answering = Answering(COMMANDS, Live(agent=it.agent, version="0.1.0", began_seconds=0.0))
        self.parts: list[Any] = []
        self.failure: Failed | None = None

    async def ask(self, command: str, **arguments: Any) -> Any:
        """The answer as it arrives, through JSON; None if it failed."""
        self.parts, self.failure, answer = [], None, None

        async def send(line: Any, *, patience_seconds: float | None = None) -> None:
            nonlocal answer
            line = msgspec.json.decode(msgspec.json.encode(line), type=Part | Done | Failed)
            if isinstance(line, Part):
                self.parts.append(line.value)
            elif isinstance(line, Failed):
                self.failure = line
            else:
                answer = line.value

        raw = msgspec.Raw(msgspec.json.encode(arguments))
        await self._answering.respond(Request(id=1, command=command, arguments=raw), send)
        return answer

    def leave(self) -> None:
        """Go away."""
        self._answering.close()
