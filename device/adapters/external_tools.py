"""All tools that come from outside: programs, plugins and servers, found while the models load.

The rules it owns: of several tools with one name the built-in one is offered, then the user's program, then a
package's, then a server's, which is called server_tool instead if that helps; and what is not found in time is left
out, for the agent's start must not wait on others.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from device.adapters.tools_command import ProgramTool, command_tools
from device.adapters.tools_mcp import McpConnection, McpTool, mcp_connections
from device.adapters.tools_plugin import PluginTool, plugin_tools
from device.config import ToolOptions
from device.toolkit import Tool

log = logging.getLogger(__name__)

OutsideTool = ProgramTool | PluginTool | McpTool

WAIT_SECONDS = 10.0
"""How long after the agent's start the tools of a package or a server may still be found."""


@dataclass(kw_only=True)
class ExternalTools:
    """The search for tools. `taken` are the names of the built-in ones, `deadline` is in the loop's time."""

    taken: Collection[str]
    deadline: float
    commands: Mapping[str, ProgramTool]
    plugins: "asyncio.Task[dict[str, PluginTool]] | None"
    connections: Sequence[McpConnection]

    async def offered(self) -> dict[str, Tool]:
        """The tools that were found, by their names; waits for those to come, but not for long."""
        searches: list[asyncio.Future[Any]] = [connection.listed for connection in self.connections]
        if self.plugins is not None:
            searches.append(self.plugins)
        if searches:
            await asyncio.wait(searches, timeout=max(self.deadline - asyncio.get_running_loop().time(), 0))
        found: dict[str, Tool] = {}
        outside: list[OutsideTool] = [*self.commands.values(), *self._found_in_packages(), *self._found_on_servers()]
        for tool in outside:
            self._add(found, tool)
        return found

    def _found_in_packages(self) -> list[PluginTool]:
        if self.plugins is None:
            return []
        if not self.plugins.done():
            log.warning("The tools of installed packages are left out: it takes too long to find them")
            return []
        if (error := self.plugins.exception()) is not None:
            log.error("The tools of installed packages are left out: %r", error)
            return []
        return list(self.plugins.result().values())

    def _found_on_servers(self) -> list[McpTool]:
        found: list[McpTool] = []
        for connection in self.connections:
            if connection.listed.done():
                found += connection.listed.result()
            else:
                log.warning("The tools of the server %s are left out: it was not ready in time", connection.name)
        return found

    def _add(self, found: dict[str, Tool], tool: OutsideTool) -> None:
        name = tool.spec.name
        if (name in found or name in self.taken) and isinstance(tool, McpTool):
            tool = replace(tool, spec=replace(tool.spec, name=f"{tool.server.name}_{name}"[:64]))
        if tool.spec.name in found or tool.spec.name in self.taken:
            log.warning("A tool %s is left out: there is another one of this name", name)
        else:
            found[tool.spec.name] = tool


@asynccontextmanager
async def external_tools(
    options: ToolOptions, taken: Collection[str], *, wait_seconds: float = WAIT_SECONDS
) -> AsyncIterator[ExternalTools]:
    """Look for the tools of the configuration, in the background; leaving ends their servers.

    Raises ConfigError if the configuration names something that cannot be.
    """
    commands, connections = command_tools(options.commands), mcp_connections(options.mcp)
    plugins = asyncio.create_task(plugin_tools(network=options.network)) if options.plugins else None
    working: list[asyncio.Task[Any]] = [asyncio.create_task(connection.run()) for connection in connections]
    working += [plugins] if plugins is not None else []
    try:
        yield ExternalTools(
            taken=taken,
            deadline=asyncio.get_running_loop().time() + wait_seconds,
            commands=commands,
            plugins=plugins,
            connections=connections,
        )
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
