"""Tools of servers that speak the Model Context Protocol, by a real server that is written with its SDK."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from device.adapters import tools_mcp
from device.adapters.clock_system import SystemClock
from device.adapters.tools_mcp import McpConnection, McpTool, mcp_connections, text_of
from device.config import McpServer
from device.errors import ConfigError, ToolError
from device.toolkit import ToolContext
from tests.processes import alive, gone, read_when_there

pytest.importorskip("mcp", reason="the extra mcp is not installed")

SERVER = '''
import asyncio, os, subprocess, sys, time
from typing import Any
from mcp.server.mcpserver import Context, MCPServer

FOLDER, OUT = sys.argv[1], os.dup(1)
with open(FOLDER + "/starts", "a") as file:
    print(os.getpid(), file=file)
if os.path.exists(FOLDER + "/refuse"):
    print("no plants today", file=sys.stderr)
    sys.exit(3)
if os.path.exists(FOLDER + "/sleep"):
    time.sleep(600)
server = MCPServer("plants")

@server.tool(name="water-plant")
def water(plant: str, litres: float | None = None) -> str:
    """Water a plant.

    It takes a while.
    """
    return f"Watered {plant} with {litres}"

@server.tool()
def places() -> list[str]:
    """Name the places."""
    return ["window", "balcony"]

@server.tool()
def fail() -> str:
    """Fail."""
    raise ValueError("the tank is empty")

@server.tool()
def anything(what: dict[str, Any]) -> str:
    """Take anything."""
    return ""

@server.tool()
async def slow(ctx: Context) -> str:
    """Be slow."""
    await ctx.report_progress(1, 3, "one third")
    await asyncio.sleep(600)
    return ""

@server.tool()
async def mute() -> str:
    """Be slow without a word."""
    await asyncio.sleep(600)
    return ""

@server.tool()
async def hang() -> str:
    """Hang."""
    time.sleep(600)
    return ""

@server.tool()
def die() -> str:
    """Die."""
    os._exit(3)

@server.tool()
def flood() -> str:
    """Write without end."""
    while True: os.write(OUT, b"x" * 65536)

@server.tool()
def babble() -> str:
    """Write what is no message."""
    os.write(OUT, b"hello\\n{}\\n\\xff\\n")
    return "done"

@server.tool()
def detach() -> str:
    """Leave a daemon behind."""
    code = "import os, time; print(os.getpid(), file=open(%r, 'w'), flush=True); time.sleep(600)" % (FOLDER + "/daemon")
    subprocess.Popen([sys.executable, "-ISc", code], start_new_session=True, stdin=-3, stdout=-3, stderr=-3)
    return "done"

server.run()
'''


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(tools_mcp, "FIRST_PAUSE_SECONDS", 0.1)


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "server.py").write_text(SERVER)
    return tmp_path


@asynccontextmanager
async def connected(folder: Path, **options: Any) -> AsyncIterator[McpConnection]:
    command = (sys.executable, str(folder / "server.py"), str(folder))
    [connection] = mcp_connections({"plants": McpServer(command=command, **options)})
    running = asyncio.create_task(connection.run())
    try:
        yield connection
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def tools_of(connection: McpConnection) -> dict[str, McpTool]:
    async with asyncio.timeout(60):
        return {tool.spec.name: tool for tool in await asyncio.shield(connection.listed)}


def context(said: list[str] | None = None) -> ToolContext:
    return ToolContext(clock=SystemClock(), report=(said if said is not None else []).append)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(3000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to that")


async def test_a_servers_tools_are_described_and_called(folder, caplog):
    async with connected(folder, timeout_seconds=7, confirm=True) as connection:
        tools = await tools_of(connection)
        water = tools["water_plant"]
        assert water.spec.description == "Water a plant"
        assert water.spec.parameters["properties"] == {"plant": {"type": "string"}, "litres": {"type": "number"}}
        assert (water.policy.timeout_seconds, water.policy.confirm) == (7.0, True)
        assert await water(context(), {"plant": "fern", "litres": "2"}) == "Watered fern with 2.0"
        assert await water(context(), {"plant": "fern"}) == "Watered fern with None"
        assert await tools["places"](context(), {}) == "window\nbalcony"
        assert await tools["babble"](context(), {}) == "done"
        with pytest.raises(ToolError, match="plant"):
            await water(context(), {})
        with pytest.raises(ToolError, match="fail"):
            await tools["fail"](context(), {})
        assert "anything" not in tools
        assert "The tool anything of the server plants is left out: the argument what takes any object" in caplog.text


async def test_only_the_tools_that_are_named_are_offered(folder, caplog):
    async with connected(folder, tools=("places", "water-plant", "dance")) as connection:
        assert set(await tools_of(connection)) == {"places", "water_plant"}
    assert "has no tool dance (key tools.mcp.plants.tools)" in caplog.text


async def test_of_many_tools_the_first_are_offered(folder, caplog, monkeypatch):
    monkeypatch.setattr(tools_mcp, "MOST_TOOLS", 2)
    async with connected(folder) as connection:
        assert set(await tools_of(connection)) == {"water_plant", "places"}
    assert "has 11 tools: the first 2 are offered, unless you name some in tools.mcp.plants.tools" in caplog.text


async def test_progress_is_reported_and_a_cancelled_call_does_not_disturb_others(folder):
    async with connected(folder) as connection:
        tools = await tools_of(connection)
        said: list[str] = []
        call = asyncio.create_task(tools["slow"](context(said), {}))
        await until(lambda: bool(said))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert said == ["one third"]
        assert await tools["water_plant"](context(), {"plant": "fern"}) == "Watered fern with None"


@pytest.mark.parametrize("death", ["die", "flood"])
async def test_a_server_that_dies_is_started_again_and_its_calls_fail_meanwhile(folder, death, monkeypatch):
    monkeypatch.setattr(tools_mcp, "FIRST_PAUSE_SECONDS", 0.5)
    async with connected(folder) as connection:
        tools = await tools_of(connection)
        waiting = asyncio.create_task(tools["slow"](context(), {}))
        await asyncio.sleep(0.1)
        with pytest.raises(ToolError, match=r"die failed|flood failed|not running"):
            await tools[death](context(), {})
        with pytest.raises(ToolError, match="slow failed"):
            await waiting
        with pytest.raises(ToolError, match="plants is not running; try again later"):
            await tools["water_plant"](context(), {"plant": "fern"})
        await until(lambda: connection._life is not None)
        assert await tools["water_plant"](context(), {"plant": "fern"}) == "Watered fern with None"
        first, second = map(int, (folder / "starts").read_text().split())
        assert not alive(first)
        assert alive(second)


async def give_up(tool: McpTool, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await tool(context(), {})


async def test_a_server_that_hangs_is_replaced_after_some_calls_without_an_answer(folder, monkeypatch, caplog):
    monkeypatch.setattr(tools_mcp, "ANSWER_SECONDS", 0.3)
    async with connected(folder) as connection:
        tools = await tools_of(connection)
        assert await tools["places"](context(), {}) == "window\nbalcony"
        await give_up(tools["hang"], tools_mcp.MOST_UNANSWERED)
        await until(lambda: "plants is gone (it does not answer) and is started again" in caplog.text)
        await until(lambda: connection._life is not None)
        assert await tools["places"](context(), {}) == "window\nbalcony"
        first, second = map(int, (folder / "starts").read_text().split())
        assert not alive(first)
        assert alive(second)


async def test_a_server_that_is_only_slow_is_kept(folder, monkeypatch):
    asked = []

    async def ask(life) -> None:
        asked.append(life)

    monkeypatch.setattr(tools_mcp, "ANSWER_SECONDS", 5.0)
    async with connected(folder) as connection:
        tools = await tools_of(connection)
        life = connection._life
        await give_up(tools["mute"], tools_mcp.MOST_UNANSWERED + 1)
        await until(lambda: life._asking is None or life._asking.done())
        assert connection._life is life
        assert await tools["places"](context(), {}) == "window\nbalcony"
        monkeypatch.setattr(tools_mcp._Life, "_ask", ask)
        for _ in range(tools_mcp.MOST_UNANSWERED):
            await give_up(tools["mute"])
            await tools["places"](context(), {})
        assert not asked, "it answered between"
        assert len((folder / "starts").read_text().split()) == 1


async def test_a_server_that_does_not_start_is_tried_at_growing_distances(folder, caplog):
    (folder / "refuse").touch()
    async with connected(folder) as connection:
        await until(lambda: caplog.text.count("is gone") >= 3)
        assert "plants is gone (no plants today) and is started again in 0.1 s" in caplog.text
        assert "started again in 0.4 s" in caplog.text
        assert not connection.listed.done()
        (folder / "refuse").unlink()
        assert await tools_of(connection)


async def test_closing_leaves_no_process(folder):
    async with connected(folder) as connection:
        await (await tools_of(connection))["detach"](context(), {})
        daemon = int(await read_when_there(folder / "daemon"))
        began = time.monotonic()
    assert time.monotonic() - began < 4
    assert not alive(int((folder / "starts").read_text()))
    await gone(daemon)


async def test_closing_does_not_wait_for_a_server_that_never_answers(folder):
    (folder / "sleep").touch()
    async with connected(folder):
        pid = int(await read_when_there(folder / "starts"))
        began = time.monotonic()
    assert time.monotonic() - began < 4
    assert not alive(pid)


def test_content_that_is_no_text_is_named():
    text, picture = SimpleNamespace(type="text", text="Look:"), SimpleNamespace(type="image", data="…")
    file = SimpleNamespace(type="resource", resource=SimpleNamespace(text="a file"))
    assert text_of(SimpleNamespace(content=[text, picture, file], structured_content=None)) == "Look:\n(image)\na file"
    assert text_of(SimpleNamespace(content=[], structured_content={"a": "é"})) == '{"a": "é"}'
    assert text_of(SimpleNamespace(content=[], structured_content=None)) == ""


async def test_a_mistake_in_the_configuration_is_one_sentence(monkeypatch):
    with pytest.raises(ConfigError, match=r"tools\.mcp\.plants\.command.*does not exist\.$"):
        mcp_connections({"plants": McpServer(command=("/no/such/server",))})
    with pytest.raises(ConfigError, match=r"tools\.mcp\.my plants is no name.*\.$"):
        mcp_connections({"my plants": McpServer(command=("true",))})
    monkeypatch.setattr(tools_mcp.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"tools\.mcp needs the package mcp"):
        mcp_connections({"plants": McpServer(command=("true",))})
    assert os.environ
