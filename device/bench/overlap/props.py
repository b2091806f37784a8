"""The tools of the workloads: each waits as long as its call takes and returns its fact."""

import asyncio
from collections.abc import Mapping
from functools import partial

from device.bench.overlap.workloads import Call, Workload, argument_name, tool_specs
from device.toolkit import FunctionTool, Tool, ToolContext, ToolError, ToolPolicy

TIMEOUT_SECONDS = 60.0


class Props:
    """What the tools find: that of the workload under way."""

    def __init__(self) -> None:
        self._calls: Mapping[str, Call] = {}

    def lay_out(self, workload: Workload) -> None:
        """From now on the tools find what this workload says."""
        self._calls = {call.tool: call for call in workload.calls()}

    def tools(self) -> dict[str, Tool]:
        """All tools, for one agent."""
        policy = ToolPolicy(timeout_seconds=TIMEOUT_SECONDS)
        return {
            spec.name: FunctionTool(spec=spec, function=partial(self._use, spec.name), policy=policy)
            for spec in tool_specs()
        }

    async def _use(self, tool: str, context: ToolContext, **arguments: int) -> str:
        del context
        call = self._calls.get(tool)
        if call is None or arguments.get(argument_name(tool)) != call.argument:
            raise ToolError("There is nothing like that.")
        await asyncio.sleep(call.seconds)
        return call.fact.text
