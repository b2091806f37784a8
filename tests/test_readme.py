"""What the README tells makers to write works as it stands there."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

from device.adapters.clock_system import SystemClock
from device.adapters.tools_command import command_tools
from device.adapters.tools_plugin import plugin_tools
from device.config import load
from device.errors import ToolError
from device.toolkit import FunctionTool, ToolContext

README = Path(__file__).parents[1] / "README.md"
SECTION = re.search(r"^## Give it a tool of your own$(.*?)^## ", README.read_text(), re.MULTILINE | re.DOTALL)
assert SECTION is not None
FUNCTION, ENTRY_POINT, COMMAND, PROGRAM, SERVER = re.findall(
    r"^```\w+\n(.*?)^```$", SECTION[1], re.MULTILINE | re.DOTALL
)


def context(said: list[str]) -> ToolContext:
    return ToolContext(clock=SystemClock(), report=said.append)


async def test_the_function_is_a_tool():
    module: dict = {"__name__": "plants"}
    exec(FUNCTION, module)
    water: FunctionTool = module["water"].tool
    said: list[str] = []
    assert await water(context(said), {"plant": "fern"}) == "The fern got 0.5 litres."
    assert said == ["the valve is open"]
    with pytest.raises(ToolError, match="too much water"):
        await water(context([]), {"plant": "fern", "litres": "3"})
    assert water.spec.parameters["properties"]["plant"]["description"] == "which one, as the user calls it"


async def test_the_same_code_is_a_package(tmp_path, monkeypatch):
    points = tomllib.loads(ENTRY_POINT)["project"]["entry-points"]["device.tools"]
    (tmp_path / "my_plants").mkdir()
    (tmp_path / "my_plants" / "tools.py").write_text(FUNCTION)
    info = tmp_path / "my_plants-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-plants\nVersion: 1\n")
    lines = [f"{name} = {value}" for name, value in points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[device.tools]", *lines, ""]))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    water = (await plugin_tools(network=False))["water"]
    assert water.policy.timeout_seconds == 30
    assert await water(context([]), {"plant": "fern", "litres": 1}) == "The fern got 1.0 litres."


async def test_the_program_is_a_tool(tmp_path):
    program = tmp_path / "water"
    program.write_text(PROGRAM.replace("/usr/bin/env python3", sys.executable))
    program.chmod(0o755)
    path = tmp_path / "config.toml"
    path.write_text(COMMAND.replace("/usr/local/bin/water", str(program)))
    water = command_tools(load(path, environment={}).config.tools.commands)["water"]
    said: list[str] = []
    assert await water(context(said), {"plant": "fern"}) == "The fern is watered."
    assert said == ["the valve is open"]
    with pytest.raises(ToolError, match="A cactus wants no water"):
        await water(context([]), {"plant": "cactus"})


def test_the_server_is_a_configuration(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(SERVER)
    assert load(path, environment={}).config.tools.mcp["files"].tools == ("read_file", "list_directory")
