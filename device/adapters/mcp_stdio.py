"""The transport to a server of the Model Context Protocol: JSON-RPC, one message a line, on its standard streams.

The SDK has one as well, which knows no bounds. The rules owned here: a line has a longest length and messages a fastest
pace, so that a server that floods is not the agent's death; and the server stands behind the guard of
`device.adapters.tool_process`, so that nothing of it is left.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from device.adapters.tool_process import Child, Program, running

log = logging.getLogger(__name__)

MOST_LINE_BYTES = 4 << 20
BYTES_PER_SECOND = 8 << 20
POLITE_SECONDS = 1.0
"""How long a server may take to end by itself once its input has ended, as the protocol wants it to."""


class StdioServer:
    """One life of a server. `ended` is set when it says no more; then `last_line` is what it complained of last."""

    def __init__(self, program: Program) -> None:
        self.ended = asyncio.Event()
        self.last_line = ""
        self.heard = 0
        """How many messages it has sent."""
        self._program = program

    @asynccontextmanager
    async def streams(self) -> AsyncIterator[tuple[Any, Any]]:
        """Start it; yields what the SDK reads messages from and writes them to. Leaving ends it.

        Raises ToolError if no process can be started.
        """
        import anyio

        # Without room in them: the server is read no faster than its messages are dealt with.
        arriving, incoming = anyio.create_memory_object_stream[Any](0)
        outgoing, leaving = anyio.create_memory_object_stream[Any](0)
        ours, theirs = socket.socketpair()
        ours.setblocking(False)  # noqa: FBT003 - positional only
        with ours, theirs, arriving, incoming, outgoing, leaving:
            async with running(self._program, stdin=theirs, stdout=theirs) as (child, errors):
                tasks = [asyncio.create_task(self._read(ours, arriving)), asyncio.create_task(_write(ours, leaving))]
                try:
                    yield incoming, outgoing
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)
                    await _let_end(ours, child)
                    self.last_line = await errors.last_line()

    async def _read(self, ours: socket.socket, arriving: Any) -> None:
        from mcp.shared.message import SessionMessage
        from mcp.types import jsonrpc_message_adapter

        loop, rest = asyncio.get_running_loop(), b""
        try:
            while chunk := await loop.sock_recv(ours, 1 << 16):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in filter(bytes.strip, lines):
                    try:
                        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                    except ValueError:
                        log.debug("%s wrote what is no message: %.80r", self._program.name, line)
                        continue
                    self.heard += 1
                    await arriving.send(SessionMessage(message))
                if len(rest) > MOST_LINE_BYTES:
                    log.error("%s wrote a message without an end", self._program.name)
                    return
                await asyncio.sleep(len(chunk) / BYTES_PER_SECOND)
        except OSError:
            return
        finally:
            arriving.close()
            self.ended.set()


async def _write(ours: socket.socket, leaving: Any) -> None:
    loop = asyncio.get_running_loop()
    with suppress(OSError):
        async for item in leaving:
            text = item.message.model_dump_json(by_alias=True, exclude_unset=True)
            await loop.sock_sendall(ours, text.encode("utf-8", "replace") + b"\n")
    # Whoever writes more is told that nobody listens, instead of waiting.
    leaving.close()


async def _let_end(ours: socket.socket, child: Child) -> None:
    with suppress(OSError):
        ours.shutdown(socket.SHUT_RDWR)
    with suppress(TimeoutError):
        async with asyncio.timeout(POLITE_SECONDS):
            await child.exit_code()
