"""The child's side of a plugin: other people's code runs here, never in the agent's process.

    python -m device.tool_host --describe REFERENCE     what tools there are
    python -m device.tool_host REFERENCE TOOL           one call; its arguments are JSON on standard input

REFERENCE is an entry point's value: a module, or a function in one ("plant_tools.water:tool"). The answer is JSON, one
object a line, on what was standard output when it started: `{"progress": …}` as it comes, then one of `{"result": …}`,
`{"error": …}` (a sentence for the model) and `{"broke": …}` (for the log); or `{"tools": […]}` with each tool's spec
and policy. What the plugin itself prints goes to standard error, so that it cannot be taken for an answer. It imports
little, for it starts anew with every call.
"""

import asyncio
import dataclasses
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any, TextIO

from device.adapters.clock_system import SystemClock
from device.errors import ToolError
from device.toolkit import FunctionTool, ToolContext, tools_in


def main(arguments: list[str]) -> int:
    """Describe a plugin or run one of its calls; 0 unless it broke."""
    given, protocol = sys.stdin.buffer.read(), _protocol()

    def answer(**fields: Any) -> None:
        protocol.write(json.dumps(fields, ensure_ascii=False) + "\n")
        protocol.flush()

    try:
        if arguments[0] == "--describe":
            answer(tools=[_described(tool) for tool in _tools(arguments[1])])
        else:
            tool = next(tool for tool in _tools(arguments[0]) if tool.spec.name == arguments[1])
            result = asyncio.run(_call(tool, json.loads(given), lambda text: answer(progress=text)))
            # One character more than is told, so that whoever cuts it sees that there was more.
            answer(result=result[: tool.policy.most_characters + 1])
    except ToolError as error:
        answer(error=str(error))
    except asyncio.CancelledError:
        return 128 + signal.SIGTERM
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a plugin raises ends here
        traceback.print_exc()
        answer(broke=f"{type(error).__name__}: {error}"[:300])
        return 1
    return 0


def _protocol() -> TextIO:
    """The standard output for the answers alone: from here on the plugin's own goes to standard error."""
    sys.stdout.flush()
    protocol = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    return protocol


def _tools(reference: str) -> tuple[FunctionTool, ...]:
    module_name, _, path = reference.partition(":")
    found: Any = importlib.import_module(module_name.strip())
    for name in filter(None, path.strip().split(".")):
        found = getattr(found, name)
    if isinstance(found, ModuleType):
        return tools_in(found)
    tool = found if isinstance(found, FunctionTool) else getattr(found, "tool", None)
    if not isinstance(tool, FunctionTool):
        raise TypeError(f"{reference} is neither a module nor a function decorated with device.toolkit.tool")
    return (tool,)


def _described(tool: FunctionTool) -> dict[str, Any]:
    policy = dataclasses.asdict(tool.policy)
    del policy["outside"]  # the agent takes it for granted of whatever is not its own
    return {
        "spec": dataclasses.asdict(tool.spec),
        "policy": policy,
        "network": tool.network,
        "hidden": tool.hidden,
    }


async def _call(tool: FunctionTool, arguments: dict[str, object], report: Callable[[str], None]) -> str:
    """Call the tool; SIGTERM cancels it, so that it can clean up."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    result = await tool(ToolContext(clock=SystemClock(), report=report), arguments)
    if not isinstance(result, str):
        raise TypeError(f"a tool returns text, not {type(result).__name__}")
    return result


if __name__ == "__main__":
    code = main(sys.argv[1:])
    # A thread that the plugin left running must not keep the answer waiting.
    os._exit(code)
