"""Tools of installed packages: entry points of the group "device.tools".

The rule it owns: a package's code runs in processes of its own (`device.tool_host`), also to say what tools it has. In
the agent only its metadata is read.
"""

import asyncio
import json
import logging
import os
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import msgspec

import device
from device.adapters.tool_process import Program, call_program
from device.adapters.tools_command import policy_of, reason, throttled
from device.config import ToolRules
from device.core.prompt.messages import ToolSpec
from device.core.schemas import is_name, plain, simplified
from device.core.toolspec import checked
from device.errors import ToolError
from device.toolkit import ToolContext, ToolPolicy

log = logging.getLogger(__name__)

GROUP = "device.tools"
DESCRIBE_SECONDS = 20.0
"""How long a package may take to say what tools it has."""
DESCRIBED_AT_ONCE = 2
MOST_DESCRIBED_BYTES = 1 << 20
MOST_PROGRESS_BYTES = 2 << 20
ESCAPED_BYTES = 6
"""The most that a character can take in JSON."""
MOST_TOOLS = 64


class _Described(msgspec.Struct, frozen=True):
    """What `device.tool_host` says of one tool."""

    spec: dict[str, Any]
    policy: ToolRules
    network: bool
    hidden: bool


class _Answer(msgspec.Struct, frozen=True):
    """A line of what `device.tool_host` answers."""

    progress: str | None = None
    result: str | None = None
    error: str | None = None
    broke: str | None = None
    tools: tuple[_Described, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginTool:
    """A tool of a package as a `Tool`; each call runs in a process of its own."""

    spec: ToolSpec
    policy: ToolPolicy
    reference: str

    async def __call__(self, context: ToolContext, arguments: dict[str, object]) -> str:
        """Call it in a child process. Raises ToolError."""
        given = json.dumps(checked(self.spec, arguments)).encode()
        most_bytes = self.policy.most_characters * ESCAPED_BYTES + MOST_PROGRESS_BYTES
        answer = await _ask((self.reference, self.spec.name), given, throttled(context.report), most_bytes=most_bytes)
        if answer.error is not None:
            raise ToolError(answer.error[:500])
        if answer.result is None:
            log.error("The tool %s broke: %s", self.spec.name, answer.broke)
            raise ToolError("The tool broke.")
        return answer.result


async def plugin_tools(*, network: bool) -> dict[str, PluginTool]:
    """The tools of all installed packages; of two with one name the first. What does not work is left out and logged.

    Those that need the network are there only with `network`, hidden ones never.
    """
    points = await asyncio.to_thread(_entry_points)
    at_once = asyncio.Semaphore(DESCRIBED_AT_ONCE)

    async def described(point: EntryPoint) -> list[PluginTool]:
        async with at_once:
            return await _tools_of(point, network=network)

    found: dict[str, PluginTool] = {}
    for point, tools in zip(points, await asyncio.gather(*map(described, points)), strict=True):
        for tool in tools:
            if tool.spec.name in found:
                log.warning(
                    "The tool %s of %s is left out: another package has it, too.", tool.spec.name, _named(point)
                )
            else:
                found[tool.spec.name] = tool
    return found


def _entry_points() -> list[EntryPoint]:
    return sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))


async def _tools_of(point: EntryPoint, *, network: bool) -> list[PluginTool]:
    try:
        async with asyncio.timeout(DESCRIBE_SECONDS):
            answer = await _ask(("--describe", point.value), b"", lambda _: None, most_bytes=MOST_DESCRIBED_BYTES)
    except TimeoutError:
        answer = _Answer(broke=f"it did not say what they are within {DESCRIBE_SECONDS:g} seconds")
    except ToolError as error:
        answer = _Answer(broke=str(error))
    if answer.tools is None:
        log.error("The tools of %s are left out: %s", _named(point), answer.broke or answer.error)
        return []
    made = [_made(point, described) for described in answer.tools[:MOST_TOOLS] if _wanted(described, network=network)]
    return [tool for tool in made if tool is not None]


def _wanted(described: _Described, *, network: bool) -> bool:
    return (network or not described.network) and not described.hidden


def _made(point: EntryPoint, described: _Described) -> PluginTool | None:
    name = described.spec.get("name")
    try:
        if not is_name(name):
            raise ValueError("its name is unusual")
        parameters, _ = simplified(described.spec.get("parameters"))
    except ValueError as error:
        log.error("The tool %s of %s is left out: %s.", str(name)[:64], _named(point), error)  # noqa: TRY400
        return None
    spec = ToolSpec(name=str(name), description=plain(described.spec.get("description")), parameters=parameters)
    return PluginTool(spec=spec, policy=policy_of(described.policy), reference=point.value)


def _named(point: EntryPoint) -> str:
    package = point.dist.name if point.dist is not None else "a package"
    return f"{package} ({point.value})"


async def _ask(arguments: tuple[str, ...], given: bytes, report: Callable[[str], None], *, most_bytes: int) -> _Answer:
    """What the host answers at the end. Raises ToolError if it cannot be run or writes too much."""
    last, taken_bytes = _Answer(), 0

    def take(line: bytes) -> None:
        nonlocal last, taken_bytes
        taken_bytes += len(line)
        if taken_bytes > most_bytes:
            raise ToolError("It wrote too much.")
        try:
            answer = msgspec.json.decode(line, type=_Answer)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            answer = _Answer(broke=f"it answered what cannot be understood: {error}")
        if answer.progress is not None:
            report(answer.progress)
        else:
            last = answer

    code, last_line = await call_program(_host(arguments), given, take, most_bytes=most_bytes)
    return last if last != _Answer() else _Answer(broke=f"{reason(code)} {last_line}".strip())


def _host(arguments: tuple[str, ...]) -> Program:
    # Without the working directory (-P), whose files could be taken for modules.
    command = (sys.executable, "-P", "-m", "device.tool_host", *arguments)
    return Program(name=arguments[-1], command=command, environment={"PYTHONPATH": _python_path()})


def _python_path() -> str:
    """Where the child finds this very program, and the packages that the agent finds."""
    ours = str(Path(device.__file__).parents[1])
    installed = ours in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    return os.pathsep.join(filter(None, ["" if installed else ours, os.environ.get("PYTHONPATH", "")]))
