"""All tools from outside together: which of several with one name is offered, and how long the start waits for them."""

import asyncio
import sys
import time
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from device.adapters import external_tools as module
from device.adapters.external_tools import external_tools
from device.adapters.tools_mcp import McpConnection, McpTool
from device.adapters.tools_plugin import PluginTool
from device.config import CommandTool, McpServer, ToolOptions, load
from device.core.prompt.messages import ToolSpec
from device.errors import ConfigError
from device.toolkit import ToolPolicy

EMPTY: dict[str, Any] = {"type": "object", "properties": {}, "required": []}


def spec(name: str) -> ToolSpec:
    return ToolSpec(name=name, description="", parameters=EMPTY)


def options(**more: Any) -> ToolOptions:
    return msgspec.structs.replace(load(environment={}).config.tools, **more)


def command() -> CommandTool:
    return CommandTool(command=("true",), description="")


@dataclass
class Packages:
    """Stands in for the installed packages."""

    names: tuple[str, ...] = ()
    seconds: float = 0.0
    error: Exception | None = None

    async def __call__(self, *, network: bool) -> dict[str, PluginTool]:
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return {name: PluginTool(spec=spec(name), policy=ToolPolicy(), reference="x") for name in self.names}


@pytest.fixture
def packages(monkeypatch) -> Packages:
    found = Packages()
    monkeypatch.setattr(module, "plugin_tools", found)
    return found


@pytest.fixture
def servers(monkeypatch):
    """Stands in for running servers: which tools each has, by its name; None for one that never gets ready."""
    found: dict[str, tuple[str, ...] | None] = {}

    async def run(connection: McpConnection) -> None:
        names = found[connection.name]
        if names is not None:
            connection.listed.set_result(
                tuple(McpTool(spec=spec(n), policy=ToolPolicy(), title=n, server=connection) for n in names)
            )
        await asyncio.sleep(3600)

    monkeypatch.setattr(McpConnection, "run", run)
    monkeypatch.setattr("device.adapters.tools_mcp.importlib.util.find_spec", lambda _: True)
    return found


def server() -> McpServer:
    return McpServer(command=(sys.executable,))


async def test_of_several_with_one_name_the_nearer_is_offered(packages, servers, caplog):
    packages.names = ("get_time", "water", "sing")
    servers |= {"plants": ("water", "sing", "dance", "get_time"), "garden": ("dance", "dance", "dig")}
    wanted = options(commands={"get_time": command(), "water": command()}, mcp={"plants": server(), "garden": server()})
    async with external_tools(wanted, {"get_time": None}) as external:
        tools = await external.offered()
    assert {name: type(tool).__name__ for name, tool in tools.items()} == {
        "water": "ProgramTool",
        "sing": "PluginTool",
        "plants_water": "McpTool",
        "plants_sing": "McpTool",
        "dance": "McpTool",
        "plants_get_time": "McpTool",
        "garden_dance": "McpTool",
        "dig": "McpTool",
    }
    assert all(tool.spec.name == name for name, tool in tools.items())
    assert tools["plants_water"].title == "water"
    left_out = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
    assert left_out == [
        "A tool get_time is left out: there is another one of this name",
        "A tool get_time is left out: there is another one of this name",
        "A tool water is left out: there is another one of this name",
        "A tool dance is left out: there is another one of this name",
    ]


async def test_what_is_not_found_in_time_is_left_out_and_the_start_goes_on(packages, servers, caplog):
    packages.seconds = 3600
    servers |= {"plants": ("dance",), "slow": None}
    wanted = options(commands={"water": command()}, mcp={"plants": server(), "slow": server()})
    began = time.monotonic()
    async with external_tools(wanted, (), wait_seconds=0.1) as external:
        assert set(await external.offered()) == {"water", "dance"}
    assert time.monotonic() - began < 1
    assert "The tools of the server slow are left out: it was not ready in time" in caplog.text
    assert "The tools of installed packages are left out: it takes too long to find them" in caplog.text


async def test_the_time_to_find_them_runs_while_the_models_load(packages, caplog):
    packages.seconds = 3600
    async with external_tools(options(), (), wait_seconds=0.2) as external:
        await asyncio.sleep(0.25)
        began = time.monotonic()
        await external.offered()
    assert time.monotonic() - began < 0.1


async def test_a_search_that_breaks_costs_nothing_else(packages, caplog):
    packages.error = OSError("the disk is gone")
    async with external_tools(options(commands={"water": command()}), ()) as external:
        assert set(await external.offered()) == {"water"}
    assert "the disk is gone" in caplog.text


async def test_nothing_is_looked_for_where_nothing_is_wanted(packages):
    packages.names = ("sing",)
    async with external_tools(options(plugins=False), ()) as external:
        assert await external.offered() == {}


async def test_a_mistake_in_the_configuration_is_told_at_once(packages):
    with pytest.raises(ConfigError, match=r"tools\.commands\.water\.command"):
        async with external_tools(options(commands={"water": CommandTool(command=("/no",), description="")}), ()):
            raise AssertionError("it began")


async def test_an_error_of_the_agent_passes_unchanged(packages):
    with pytest.raises(ConfigError, match="a model is missing"):
        async with external_tools(options(), ()):
            raise ConfigError("a model is missing")
