"""Tools of installed packages: found by their entry points, run in processes of their own."""

import asyncio
import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from device.adapters import tools_plugin
from device.adapters.clock_system import SystemClock
from device.adapters.tools_plugin import PluginTool, plugin_tools
from device.errors import ToolError
from device.toolkit import ToolContext

Install = Callable[..., None]

GARDEN = '''
import asyncio, os, sys, time
from typing import Literal
from device.toolkit import ToolContext, ToolError, tool

print("importing")
os.system("echo a child says something")

@tool(timeout_seconds=5, duplicates="reject", most_characters=100)
async def water(context: ToolContext, plant: str, litres: float = 0.5, when: Literal["now", "later"] = "now") -> str:
    """Water a plant.

    Args:
        plant: which one

    """
    print('{"result": "forged"}')
    context.report(f"opening the valve at {context.clock.wall_seconds() > 0}")
    await asyncio.sleep(0)
    if plant == "cactus":
        raise ToolError("A cactus wants none.")
    return f"{plant} {litres} {when} {os.getppid()}"

@tool()
async def long(context: ToolContext) -> str:
    """Talk."""
    return "é\\u0000" * 100_000

@tool()
async def remember(context: ToolContext) -> str:
    """Remember."""
    return str(context.values.get("x"))

@tool()
async def crash(context: ToolContext, how: str) -> str:
    """Crash."""
    if how == "raise": raise ValueError("no tap")
    if how == "exit": sys.exit(3)
    if how == "die": os._exit(4)
    if how == "abort": os.abort()
    return None

@tool()
async def hang(context: ToolContext, folder: str) -> str:
    """Hang."""
    try:
        print(os.getpid(), file=open(folder + "/pid", "w"), flush=True)
        await asyncio.sleep(600)
    finally:
        print("closed", file=open(folder + "/valve", "w"), flush=True)

@tool(network=True)
async def order(context: ToolContext) -> str:
    """Order seeds."""
    return ""

@tool(hidden=True)
async def secret(context: ToolContext) -> str:
    """Be hidden."""
    return ""
'''


@pytest.fixture
def install(tmp_path, monkeypatch) -> Install:
    """Installs a package of one module where both the agent and its children look."""
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.setenv("PYTHONPATH", str(place))

    def installed(name: str, code: str, *points: str) -> None:
        (place / f"{name}.py").write_text(code)
        info = place / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = points or (f"{name} = {name}",)
        (info / "entry_points.txt").write_text("[device.tools]\n" + "\n".join(lines) + "\n")

    return installed


@pytest.fixture
async def garden(install) -> dict[str, PluginTool]:
    install("garden", GARDEN)
    return await plugin_tools(network=False)


def context(said: list[str] | None = None) -> ToolContext:
    return ToolContext(clock=SystemClock(), report=(said if said is not None else []).append)


async def test_a_package_is_found_described_and_called_without_being_imported(garden):
    assert set(garden) == {"water", "long", "remember", "crash", "hang"}
    water = garden["water"]
    assert water.spec.description == "Water a plant"
    assert water.spec.parameters["required"] == ["plant"]
    assert water.spec.parameters["properties"]["plant"] == {"type": "string", "description": "which one"}
    assert water.spec.parameters["properties"]["when"]["enum"] == ["now", "later"]
    assert (water.policy.timeout_seconds, water.policy.duplicates, water.policy.most_characters) == (5.0, "reject", 100)
    said: list[str] = []
    plant, litres, when, parent = (await water(context(said), {"plant": "fern", "litres": "2"})).split()
    assert (plant, litres, when) == ("fern", "2.0", "now")
    assert int(parent) != os.getpid()
    assert said == ["opening the valve at True"]
    assert "garden" not in sys.modules


async def test_what_needs_the_network_is_there_where_that_is_allowed(install):
    install("garden", GARDEN)
    assert "order" in await plugin_tools(network=True)


async def test_a_refusal_is_told_in_its_own_words(garden):
    with pytest.raises(ToolError, match=r"^A cactus wants none\.$"):
        await garden["water"](context(), {"plant": "cactus"})
    with pytest.raises(ToolError, match="needs the argument plant"):
        await garden["water"](context(), {})
    with pytest.raises(ToolError, match="no memory for lists and notes"):
        await garden["remember"](context(), {})


@pytest.mark.parametrize("how", ["raise", "exit", "die", "abort", "return nothing"])
async def test_a_tool_that_breaks_is_logged_and_told_in_one_sentence(garden, how, caplog):
    with pytest.raises(ToolError, match=r"^The tool broke\.$"):
        await garden["crash"](context(), {"how": how})
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.getMessage().startswith("The tool crash broke: ")
    assert {"raise": "no tap", "die": "code 4", "abort": "SIGABRT", "exit": "SystemExit"}.get(how, "text") in record.getMessage()  # fmt: skip


async def test_a_long_result_is_cut_where_it_can_still_be_seen_that_it_was(garden):
    assert len(await garden["long"](context(), {})) == garden["long"].policy.most_characters + 1


async def test_a_cancelled_call_may_clean_up(garden, tmp_path):
    call = asyncio.create_task(garden["hang"](context(), {"folder": str(tmp_path)}))
    while not (tmp_path / "pid").exists():
        await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (tmp_path / "valve").read_text() == "closed\n"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("x =", "SyntaxError"),
        ("import os; os._exit(7)", "exit code 7"),
        ("import os, sys; os.kill(os.getpid(), 9)", "SIGKILL"),
        ("raise SystemExit('no')", "SystemExit: no"),
        ("import time; time.sleep(600)", "within 1 seconds"),
    ],
)
async def test_a_package_that_does_not_load_is_told_in_one_sentence_and_left_out(
    install, code, words, caplog, monkeypatch
):
    monkeypatch.setattr(tools_plugin, "DESCRIBE_SECONDS", 1.0 if "sleep" in code else 20.0)
    install("broken", code)
    install("garden", GARDEN)
    caplog.set_level("WARNING")
    found = await plugin_tools(network=False)
    # In one second the other may not get ready either on a busy computer.
    assert "water" in found or "sleep" in code
    said = [record.getMessage() for record in caplog.records if "broken" in record.getMessage()]
    assert len(said) == 1
    assert said[0].startswith("The tools of broken (broken) are left out: ")
    assert words in said[0]


async def test_an_entry_point_may_name_one_function_and_nothing_else_but_a_tool(install, caplog):
    code = GARDEN + "\nasync def plain(context: ToolContext) -> str:\n    return ''\n"
    install("garden", code, "one = garden:water", "two = garden:plain", "three = garden:missing")
    assert set(await plugin_tools(network=False)) == {"water"}
    assert "neither a module nor a function" in caplog.text
    assert "AttributeError" in caplog.text


async def test_of_two_tools_with_one_name_the_first_is_kept(install, caplog):
    install("garden", GARDEN, "garden = garden:water")
    install("meadow", GARDEN, "meadow = meadow:water")
    assert (await plugin_tools(network=False))["water"].reference == "garden:water"
    assert "water of meadow" in caplog.text


async def test_a_module_in_the_working_directory_is_not_taken_for_a_package(install, tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit('taken for json')")
    monkeypatch.chdir(tmp_path)
    install("garden", GARDEN)
    assert "water" in await plugin_tools(network=False)


def test_the_host_imports_little(tmp_path):
    """A call on a small board waits for every module."""
    import subprocess

    code = "import sys, device.tool_host\nprint(sorted({'numpy', 'msgspec', 'tomli', 'email', 'uvloop'} & set(sys.modules)))"
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True, cwd=root)  # fmt: skip
    assert ran.stdout.strip() == "[]"
