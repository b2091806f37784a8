"""How a command of the control socket is written, found and answered.

    @command("cancel")
    async def cancel(live: Live, asked: Cancel) -> Any:
        ...

Its arguments are a msgspec struct, checked before it runs. What it returns is the answer; what it `await live.tell(…)`s
before are parts of it. It runs on the agent's loop: nothing in it may block. It is cancelled when its client goes, and
ended when its time is over. A DeviceError is told to the client as it is. A command whose `seconds` are None may go on
for as long as its client stays; what it pushes is bounded by `device.runtime.control.streaming`.
"""

import asyncio
import logging
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from msgspec import Struct

from device.core.wire import Done, Failed, Part, Request, WireError, arguments_of
from device.errors import ControlError, DeviceError
from device.ports import Send
from device.runtime.control.live import Live, Session

log = logging.getLogger(__name__)

SECONDS = 10.0
"""So long a command may take unless it says otherwise."""

STREAM_PATIENCE_SECONDS = 60.0
"""Who reads nothing of a stream for so long has gone; a terminal that is paused, or a slow link, has not."""


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """The arguments of a command that has none."""


Run = Callable[[Live, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command: what it is given, what it does, and how many `seconds` that may take; None: while its client stays."""

    name: str
    summary: str
    arguments: type[Struct]
    run: Run
    seconds: float | None


def command(name: str, *, seconds: float | None = SECONDS) -> Callable[[Run], Run]:
    """Mark a coroutine function `(live, arguments)` as the command `name`."""

    def mark(run: Run) -> Run:
        arguments = typing.get_type_hints(run)["asked"]
        summary = (run.__doc__ or "").partition("\n")[0]
        run.command = Command(name=name, summary=summary, arguments=arguments, run=run, seconds=seconds)  # type: ignore[attr-defined]
        return run

    return mark


def commands_in(*modules: ModuleType) -> Mapping[str, Command]:
    """The commands that the modules define, by name."""
    found = [thing.command for module in modules for thing in vars(module).values() if hasattr(thing, "command")]
    return {command.name: command for command in found}


class Answering:
    """Answers the requests of one client; `close` when it has gone."""

    def __init__(self, commands: Mapping[str, Command], live: Live) -> None:
        self._commands = commands
        self._live = replace(live, session=Session())

    async def respond(self, request: Request, send: Send) -> None:
        """Answer one request. Raises ConnectionError if the client has gone."""
        await answer(self._commands, self._live, request, send)

    def close(self) -> None:
        """Undo what was to last as long as the client."""
        self._live.session.at_end.close()


async def answer(commands: Mapping[str, Command], live: Live, request: Request, send: Send) -> None:
    """Answer one request. Raises ConnectionError if the client has gone."""

    async def tell(value: Any) -> None:
        await send(Part(id=request.id, value=value))

    async def push(value: Any) -> None:
        await send(Part(id=request.id, value=value), patience_seconds=STREAM_PATIENCE_SECONDS)

    wanted = commands.get(request.command)
    try:
        if wanted is None:
            raise ControlError(f'The running agent knows no command "{request.command}": restart it if it is older.')
        arguments = arguments_of(request.arguments, wanted.arguments)
        async with asyncio.timeout(wanted.seconds):
            value = await wanted.run(replace(live, tell=tell, push=push), arguments)
        await send(Done(id=request.id, value=value))
    except (ConnectionError, asyncio.CancelledError):
        raise
    except Exception as error:  # noqa: BLE001 - it becomes the answer
        sentence, exit_code = _failure(error, request.command)
        await send(Failed(id=request.id, sentence=sentence, exit_code=exit_code))


def _failure(error: Exception, command: str) -> tuple[str, int]:
    """What the client is told."""
    if isinstance(error, WireError):
        return str(error), 2
    if isinstance(error, DeviceError):
        return str(error), error.exit_code
    if isinstance(error, TimeoutError):
        return f"{command} took too long and was ended.", 1
    log.error("The command %s broke", command, exc_info=error)
    return f"{command} broke ({type(error).__name__}): the log says more (device logs).", 1
