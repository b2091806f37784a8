"""Tools of servers that speak the Model Context Protocol (`[tools.mcp.NAME]`), through the protocol's own SDK.

A server is one process that lives as long as the agent. If it dies or hangs it is started again, at growing distances;
calls fail with a sentence meanwhile. The rule owned here: whatever a server does, it costs its own tools only.
"""

import asyncio
import importlib
import importlib.util
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

from device.adapters.mcp_stdio import StdioServer
from device.adapters.tool_process import Program
from device.adapters.tools_command import policy_of, resolved, throttled
from device.config import McpServer
from device.core.prompt.messages import ToolSpec
from device.core.schemas import is_name, plain, simplified
from device.core.toolspec import checked
from device.errors import ConfigError, ToolError
from device.toolkit import ToolContext, ToolPolicy

log = logging.getLogger(__name__)

START_SECONDS = 60.0
"""How long a server may take to start, which may mean to fetch itself first."""
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
STEADY_SECONDS = 60.0
"""A server that lived for so long begins with the first pause again."""
MOST_UNANSWERED = 3
"""After so many calls in a row that were given up without a word from the server it is asked whether it is there."""
ANSWER_SECONDS = 10.0
"""A server that says nothing for so long then hangs."""
MOST_TOOLS = 16
"""So many of a server's tools are offered unless the configuration names them: each is a part of every prompt."""
MOST_PAGES = 20
SENTENCE_CHARACTERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class McpTool:
    """A server's tool as a `Tool`. `title` is what the server itself calls it."""

    spec: ToolSpec
    policy: ToolPolicy
    title: str
    server: "McpConnection"

    async def __call__(self, context: ToolContext, arguments: dict[str, object]) -> str:
        """Have the server do it. Raises ToolError."""
        text = await self.server.call(self.title, checked(self.spec, arguments), throttled(context.report))
        return text[: self.policy.most_characters + 1] or "Done."


class _Life:
    """One life of a server, and how long it has been silent though it was called."""

    def __init__(self, client: Any, server: StdioServer) -> None:
        self.client = client
        self.hangs = False
        self._server = server
        self._heard = 0
        self._unanswered = 0
        self._asking: asyncio.Task[None] | None = None

    async def call(self, title: str, arguments: dict[str, Any], progress: Any) -> Any:
        """What the server answers. Raises whatever the SDK does."""
        heard = self._server.heard
        try:
            return await self.client.call_tool(title, arguments, progress_callback=progress)
        except asyncio.CancelledError:  # it took too long, or nobody wants it any more
            self._given_up(heard)
            raise

    async def over(self) -> None:
        """Wait until it has ended or hangs."""
        try:
            await self._server.ended.wait()
        finally:
            if self._asking is not None:
                self._asking.cancel()

    def _given_up(self, heard: int) -> None:
        now = self._server.heard
        if now != self._heard:
            self._heard, self._unanswered = now, 0
        self._unanswered += now == heard
        if self._unanswered >= MOST_UNANSWERED and (self._asking is None or self._asking.done()):
            self._asking = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        """Whether it is only slow at what was called: its tools it can name meanwhile; a refusal is an answer too."""
        heard = self._server.heard
        with suppress(Exception):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.client.list_tools(cache_mode="bypass")
        if self._server.heard == heard:
            self.hangs = True
            self._server.ended.set()


class McpConnection:
    """Keeps one server alive. `listed` has its tools once it has named them for the first time."""

    def __init__(self, name: str, options: McpServer, program: Program) -> None:
        self.name = name
        self.listed: asyncio.Future[tuple[McpTool, ...]] = asyncio.get_running_loop().create_future()
        self._options = options
        self._program = program
        self._life: _Life | None = None

    async def run(self) -> None:
        """Start it, and start it again whenever it ends, until cancelled."""
        try:
            # It takes a second or more of an older board, which must not be the loop's.
            await asyncio.to_thread(importlib.import_module, "mcp")
        except ImportError as error:
            log.error("The tool server %s cannot be used: %s", self.name, error)  # noqa: TRY400 - one sentence
            self.listed.set_result(())
            return
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_SECONDS
        while True:
            began, server = loop.time(), StdioServer(self._program)
            try:
                hangs = await self._live(server)
                why = "it does not answer" if hangs else server.last_line or "it ended"
            except Exception as error:  # noqa: BLE001 - the SDK and the server may fail in any way
                why = server.last_line or _words(error)
            pause = FIRST_PAUSE_SECONDS if loop.time() - began > STEADY_SECONDS else pause
            log.warning("The tool server %s is gone (%s) and is started again in %g s", self.name, why, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def call(self, title: str, arguments: dict[str, Any], report: Callable[[str], None]) -> str:
        """What a tool of the server answers, as text. Raises ToolError."""
        from mcp import MCPError

        async def progress(done: float, total: float | None, message: str | None) -> None:
            report(message or (f"{done:g} of {total:g}" if total else f"{done:g}"))

        if self._life is None:
            raise ToolError(f"The tool server {self.name} is not running; try again later.")
        try:
            result = await self._life.call(title, arguments, progress)
        except MCPError as error:
            raise ToolError(f"{title} failed: {plain(error.message, SENTENCE_CHARACTERS)}") from error
        except Exception as error:
            log.exception("The tool server %s gave an answer that cannot be understood", self.name)
            raise ToolError(f"The tool server {self.name} gave an answer that cannot be understood.") from error
        text = text_of(result)
        if result.is_error:
            raise ToolError(text[:SENTENCE_CHARACTERS] or f"{title} failed.")
        return text

    async def _live(self, server: StdioServer) -> bool:
        """One life of the server; whether it ended because it hangs. Raises whatever goes wrong at its start."""
        from mcp import Client

        async with AsyncExitStack() as stack:
            async with asyncio.timeout(START_SECONDS):
                client = await stack.enter_async_context(Client(server.streams()))
                tools = self._offered(await _all_tools(client))
            if not self.listed.done():
                self.listed.set_result(tools)
            life = self._life = _Life(client, server)
            try:
                await life.over()
            finally:
                self._life = None
        return life.hangs

    def _offered(self, described: Sequence[Any]) -> tuple[McpTool, ...]:
        wanted = self._options.tools
        found = {tool.name: tool for tool in described if not wanted or tool.name in wanted}
        for name in wanted:
            if name not in found:
                log.warning("The tool server %s has no tool %s (key tools.mcp.%s.tools)", self.name, name, self.name)
        if not wanted and len(found) > MOST_TOOLS:
            log.warning(
                "The tool server %s has %d tools: the first %d are offered, unless you name some in tools.mcp.%s.tools",
                *(self.name, len(found), MOST_TOOLS, self.name),
            )
        chosen = list(found.values())[: None if wanted else MOST_TOOLS]
        return tuple(tool for described in chosen if (tool := self._made(described)) is not None)

    def _made(self, described: Any) -> McpTool | None:
        name = re.sub(r"[^A-Za-z0-9]+", "_", described.name).strip("_")
        try:
            if not is_name(name):
                raise ValueError("its name is unusual")
            parameters, _ = simplified(described.input_schema)
        except ValueError as error:
            log.warning("The tool %.64s of the server %s is left out: %s", described.name, self.name, error)
            return None
        spec = ToolSpec(name=name, description=plain(described.description).rstrip("."), parameters=parameters)
        return McpTool(spec=spec, policy=policy_of(self._options), title=described.name, server=self)


def check_package(servers: Mapping[str, McpServer]) -> None:
    """Raise ConfigError if there are servers, and not the package that speaks to them."""
    if servers and importlib.util.find_spec("mcp") is None:
        raise ConfigError(
            "The key tools.mcp needs the package mcp: run  scripts/setup --mcp , or for the service  "
            "sudo scripts/install --mcp ."
        )


def mcp_connections(servers: Mapping[str, McpServer]) -> list[McpConnection]:
    """The connections to the servers of `config.tools.mcp`, to be `run`. Raises ConfigError."""
    check_package(servers)
    made = []
    for name, options in servers.items():
        if not is_name(name):
            raise ConfigError(
                f"tools.mcp.{name} is no name for a server: it must be a letter, then letters, digits and underscores."
            )
        command = resolved(options.command, f"tools.mcp.{name}.command")
        program = Program(name=name, command=command, memory_bytes=options.memory_mb << 20)
        made.append(McpConnection(name, options, program))
    return made


async def _all_tools(client: Any) -> list[Any]:
    page = await client.list_tools()
    tools = list(page.tools)
    for _ in range(MOST_PAGES):
        if not page.next_cursor:
            break
        page = await client.list_tools(cursor=page.next_cursor)
        tools += page.tools
    return tools


def text_of(result: Any) -> str:
    """A result's content as text: what is none is named, and structured content stands in where there is nothing."""
    parts = []
    for block in result.content:
        text = getattr(block, "text", None) or getattr(getattr(block, "resource", None), "text", None)
        parts.append(text or f"({block.type.replace('_', ' ')})")
    if not parts and result.structured_content is not None:
        return json.dumps(result.structured_content, ensure_ascii=False)
    return "\n".join(parts).strip()


def _words(error: BaseException) -> str:
    """An error's own words; of a group the first one's."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return "it takes too long to start"
    return plain(str(error), SENTENCE_CHARACTERS) or type(error).__name__
