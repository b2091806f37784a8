"""Programs as tools, the ill-behaved ones above all."""

import asyncio
import json
import os
import signal
import stat
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from device.adapters.clock_system import SystemClock
from device.adapters.tools_command import ProgramTool, command_tools
from device.config import CommandTool, load
from device.errors import ConfigError, ToolError
from device.toolkit import ToolContext
from tests.processes import alive, gone, read_when_there

Make = Callable[..., ProgramTool]
PARAMETERS = {"plant": {"type": "string", "description": "which one"}, "litres": {"type": "number"}}


def context(said: list[str] | None = None) -> ToolContext:
    return ToolContext(clock=SystemClock(), report=(said if said is not None else []).append)


@pytest.fixture
def make(tmp_path) -> Make:
    """A tool whose program is given as Python; FOLDER in it is a directory of the test."""

    def made(program: str, **options: Any) -> ProgramTool:
        path = tmp_path / "water"
        head = f"#!{sys.executable} -IS\nimport json, os, signal, sys, time\nFOLDER = {str(tmp_path)!r}\n"
        path.write_text(head + textwrap.dedent(program))
        path.chmod(0o755)
        given = {"description": "Water a plant", "parameters": PARAMETERS} | options
        return command_tools({"water": CommandTool(command=(str(path),), **given)})["water"]

    return made


async def test_arguments_are_json_on_standard_input_and_the_answer_is_what_it_prints(make):
    water = make("""
        given = json.load(sys.stdin)
        assert sys.argv[1:] == []
        print("Watered", given["plant"], "with", given["litres"])
        """)
    assert await water(context(), {"plant": "fern; rm -rf $HOME", "litres": "2"}) == (
        "Watered fern; rm -rf $HOME with 2.0"
    )


async def test_arguments_that_do_not_fit_are_refused_before_it_starts(make, tmp_path):
    water = make("open(FOLDER + '/started', 'w')", required=("plant",))
    with pytest.raises(ToolError, match="plant"):
        await water(context(), {})
    assert not (tmp_path / "started").exists()


async def test_progress_is_reported_as_it_comes_and_no_part_of_the_result(make, tmp_path):
    water = make("""
        print("first line\\nprogress: opening   the\\x07 valve", flush=True)
        while not os.path.exists(FOLDER + "/go"): time.sleep(0.01)
        print("progress:none of it\\nlast line")
        """)
    said: list[str] = []
    call = asyncio.create_task(water(context(said), {}))
    while not said:
        await asyncio.sleep(0.01)
    (tmp_path / "go").touch()
    assert await call == "first line\nprogress:none of it\nlast line"
    assert said == ["opening the valve"]


async def test_a_failure_is_told_by_the_last_line_of_standard_error(make):
    water = make("print('half'); sys.stderr.write('one\\nthe tank is empty\\x1b[0m\\n\\n'); sys.exit(3)")
    with pytest.raises(ToolError) as failed:
        await water(context(), {})
    assert str(failed.value) == "water failed: the tank is empty [0m"


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("sys.exit(3)", "exit code 3"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("raise ValueError('no tap')", "ValueError: no tap"),
        ("sys.stderr.write('x' * 100_000); sys.exit(1)", "water failed: xxx"),
    ],
)
async def test_each_failure_is_one_short_sentence(make, program, words):
    with pytest.raises(ToolError, match=words) as failed:
        await make(program)(context(), {})
    assert len(str(failed.value)) < 250


async def test_what_is_no_utf_8_is_replaced(make):
    water = make("os.write(1, b'caf\\xe9 \\xff\\x00 ok')")
    assert await water(context(), {}) == "caf\ufffd \ufffd\x00 ok"


async def test_silence_is_success(make):
    assert await make("pass")(context(), {}) == "Done."


@pytest.mark.parametrize(
    "program",
    [
        "while True: os.write(1, b'x' * 65536)",
        "while True: os.write(1, b'x\\n' * 32768)",
        "while True: os.write(1, b'progress: x\\n' * 4096)",
    ],
)
async def test_a_flood_is_ended(make, program, tmp_path):
    water = make(f"print(os.getpid(), file=open(FOLDER + '/pid', 'w'), flush=True)\n{program}")
    with pytest.raises(ToolError, match="too much"):
        await water(context(), {})
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_a_flood_of_errors_is_slowed_down_and_holds_nobody_up(make):
    flood = make("while True: os.write(2, b'x\\n' * 32768)")
    call = asyncio.create_task(flood(context(), {}))
    gaps, last = [], time.monotonic()
    for _ in range(50):
        await asyncio.sleep(0.01)
        gaps.append(time.monotonic() - last)
        last = time.monotonic()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert sorted(gaps)[25] < 0.05


HANGS = "print(os.getpid(), file=open(FOLDER + '/pid', 'w'), flush=True)\ntime.sleep(600)"
DEAF = f"signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{HANGS}"


@pytest.mark.parametrize("program", [HANGS, DEAF], ids=["hangs", "ignores SIGTERM"])
async def test_a_cancelled_call_leaves_no_process(make, tmp_path, program):
    call = asyncio.create_task(make(program)(context(), {}))
    pid = int(await read_when_there(tmp_path / "pid"))
    began = time.monotonic()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not alive(pid)
    assert time.monotonic() - began < 1.9


async def test_a_program_may_clean_up_when_it_is_cancelled(make, tmp_path):
    call = asyncio.create_task(
        make(f"""
        def close_valve(*_):
            time.sleep(0.2)
            print("closed", file=open(FOLDER + "/valve", "w"))
            sys.exit()
        signal.signal(signal.SIGTERM, close_valve)
        {HANGS.replace(chr(10), chr(10) + " " * 8)}
        """)(context(), {})
    )
    await read_when_there(tmp_path / "pid")
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (tmp_path / "valve").read_text() == "closed\n"


async def test_to_cancel_the_clean_up_itself_leaves_no_process_either(make, tmp_path):
    call = asyncio.create_task(make(DEAF)(context(), {}))
    pid = int(await read_when_there(tmp_path / "pid"))
    guard = os.getsid(pid)
    for _ in range(3):
        call.cancel()
        await asyncio.sleep(0.01)
    with pytest.raises(asyncio.CancelledError):
        await call
    await gone(pid)
    await gone(guard)
    await asyncio.sleep(0.05)


DAEMON = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        {deaf}
        print(os.getpid(), file=open(FOLDER + '/pid', 'w'), flush=True)
        {closed}
        time.sleep(600)
    os._exit(0)
while not os.path.exists(FOLDER + '/pid'): time.sleep(0.01)
"""


@pytest.mark.parametrize("deaf", ["pass", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"])
@pytest.mark.parametrize("closed", ["pass", "os.closerange(0, 100)"])
async def test_a_daemon_that_it_left_behind_is_ended_after_a_normal_end(make, tmp_path, deaf, closed):
    water = make(DAEMON.format(deaf=deaf, closed=closed) + "print('Watered.')")
    assert await water(context(), {}) == "Watered."
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_a_daemon_is_ended_with_a_cancelled_call(make, tmp_path):
    call = asyncio.create_task(make(DAEMON.format(deaf="pass", closed="pass") + "time.sleep(600)")(context(), {}))
    pid = int(await read_when_there(tmp_path / "pid"))
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not alive(pid)


async def test_output_that_is_closed_early_is_no_end(make, tmp_path):
    water = make("print('Watered.', flush=True); os.close(1); time.sleep(0.2); open(FOLDER + '/after', 'w')")
    assert await water(context(), {}) == "Watered."
    assert (tmp_path / "after").exists()


async def test_huge_arguments_that_nobody_reads_hold_nothing_up(make):
    assert await make("print('Watered.')")(context(), {"plant": "x" * 800_000}) == "Watered."
    assert await make("print(len(json.load(sys.stdin)['plant']))")(context(), {"plant": "é" * 400_000}) == "400000"
    with pytest.raises(ToolError, match="too long"):
        await make("pass")(context(), {"plant": "x" * 2_000_000})


async def test_it_sees_little_of_the_agent(make, monkeypatch):
    monkeypatch.setenv("SECRET", "x")
    water = make("""
        import resource
        print(json.dumps([sorted(os.environ), os.getcwd(), os.nice(0), sorted(os.listdir("/proc/self/fd")),
            resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NOFILE)[0],
            resource.getrlimit(resource.RLIMIT_DATA)[0], signal.getsignal(signal.SIGTERM) == signal.SIG_DFL,
            os.getsid(0) == os.getsid(os.getppid())]))
        """, memory_mb=256)  # fmt: skip
    seen = json.loads(await water(context(), {}))
    assert set(seen[0]) <= {"PATH", "HOME", "LANG", "LC_CTYPE"}
    assert seen[1:3] == ["/", os.nice(0) + 10]
    assert len(seen[3]) <= 4
    assert seen[4:] == [[0, 0], 1024, 256 << 20, True, True]


async def test_more_memory_than_it_may_use_is_its_own_failure(make):
    with pytest.raises(ToolError, match="MemoryError"):
        await make("bytearray(1 << 30)", memory_mb=128)(context(), {})


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_many_calls_at_once_leave_nothing_open(make):
    water = make("print(json.load(sys.stdin)['plant'])")
    await water(context(), {"plant": "first"})
    before = open_files()
    answers = await asyncio.gather(*(water(context(), {"plant": str(n)}) for n in range(8)))
    assert answers == [str(n) for n in range(8)]
    await asyncio.sleep(0)
    assert open_files() == before


def test_it_runs_on_uvloop_too(make):
    import uvloop

    async def calls() -> str:
        with pytest.raises(ToolError, match="too much"):
            await make("while True: os.write(1, b'x' * 65536)")(context(), {})
        call = asyncio.create_task(make(HANGS)(context(), {}))
        await asyncio.sleep(0.2)
        call.cancel()
        await asyncio.wait({call})
        return await make("print('Watered.')")(context(), {})

    assert uvloop.run(calls()) == "Watered."


AGENT = """
import asyncio, sys
from device.adapters.clock_system import SystemClock
from device.adapters.tools_command import command_tools
from device.config import CommandTool
from device.toolkit import ToolContext
from tests.processes import alive, gone, read_when_there
water = command_tools({"water": CommandTool(command=(sys.argv[1],), description="")})["water"]
asyncio.run(water(ToolContext(clock=SystemClock()), {}))
"""


@pytest.mark.parametrize("program", [DEAF, DAEMON.format(deaf="pass", closed="os.closerange(0, 100)") + DEAF])
async def test_when_the_agent_is_killed_its_tools_die(make, tmp_path, program):
    command = make(program).program.command[0]
    root = Path(__file__).parents[2]
    agent = await asyncio.create_subprocess_exec(sys.executable, "-c", AGENT, command, cwd=root)
    try:
        pid = int(await read_when_there(tmp_path / "pid"))
        assert alive(pid)
    finally:
        agent.kill()
        await agent.wait()
    await gone(pid)


async def test_when_the_guard_is_killed_the_tool_dies(make, tmp_path):
    call = asyncio.create_task(make(f"print(os.getppid(), file=open(FOLDER + '/guard', 'w'))\n{HANGS}")(context(), {}))
    pid = int(await read_when_there(tmp_path / "pid"))
    os.kill(int((tmp_path / "guard").read_text()), signal.SIGKILL)
    with pytest.raises(ToolError, match="SIGKILL|exit code"):
        await call
    await gone(pid)


# --- from the configuration --------------------------------------------------------------------------------------


def test_the_configuration_gives_name_description_arguments_and_policy(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(
        '[tools.commands.water]\ncommand = ["sh", "-c", "cat"]\ndescription = "Water  a\\n plant"\nrequired = ["plant"]\n'
        'parameters = { plant = { type = "string", enum = ["fern", "fig"] } }\ntimeout_seconds = 20\nconfirm = true\n'
        "sentence = true\n"
    )
    water = command_tools(load(path, environment={}).config.tools.commands)["water"]
    assert (water.spec.name, water.spec.description) == ("water", "Water a plant")
    assert water.spec.parameters["properties"]["plant"]["enum"] == ["fern", "fig"]
    assert (water.policy.timeout_seconds, water.policy.confirm, water.policy.at_once) == (20.0, True, 4)
    assert water.policy.sentence
    assert water.program.command[1:] == ("-c", "cat")
    assert Path(water.program.command[0]).is_absolute()


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("two words", {}, ["tools.commands.two words", "name"]),
        ("2nd", {}, ["tools.commands.2nd", "name"]),
        ("water", {"command": ("/no/such/thing",)}, ["tools.commands.water.command", "/no/such/thing", "exist"]),
        ("water", {"command": ("no-such-thing",)}, ["tools.commands.water.command", "no-such-thing", "exist"]),
        ("water", {"command": ("./water.sh",)}, ["tools.commands.water.command", "whole path"]),
        ("water", {"command": (__file__,)}, ["tools.commands.water.command", "chmod +x"]),
        ("water", {"parameters": {"x": {"type": "complex"}}}, ["tools.commands.water.parameters", "complex"]),
        ("water", {"parameters": {"x": {"type": "object"}}}, ["tools.commands.water.parameters", "x"]),
        ("water", {"parameters": {"x": "string"}}, ["tools.commands.water.parameters", "x"]),
        ("water", {"required": ("y",)}, ["tools.commands.water.parameters", "y", "required"]),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_key(name, options, words):
    assert not Path(__file__).stat().st_mode & stat.S_IXUSR
    given = {"command": ("true",), "description": "x"} | options
    with pytest.raises(ConfigError) as raised:
        command_tools({name: CommandTool(**given)})
    sentence = str(raised.value)
    assert sentence.endswith(".")
    for word in words:
        assert word in sentence
