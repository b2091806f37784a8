"""The tools of the workloads: each waits as long as its call takes and returns its fact."""

import asyncio
from collections.abc import Sequence
from functools import partial

from device.bench.overlap.workloads import Call, Workload, tool_specs
from device.core.prompt.messages import ToolSpec
from device.toolkit import FunctionTool, Tool, ToolContext, ToolError, ToolPolicy

TIMEOUT_SECONDS = 60.0
AT_ONCE = 16
"""As many calls as a workload makes may run at once."""


class Props:
    """What the tools find: that of the workload under way."""

    def __init__(self, specs: Sequence[ToolSpec] = ()) -> None:
        """`specs` are the tools that there are; those of the suite if none are named."""
        self._specs = tuple(specs) or tool_specs()
        self._calls: tuple[Call, ...] = ()

    def lay_out(self, workload: Workload) -> None:
        """From now on the tools find what this workload says."""
        self._calls = workload.calls()

    def tools(self) -> dict[str, Tool]:
        """All tools, for one agent."""
        policy = ToolPolicy(timeout_seconds=TIMEOUT_SECONDS, at_once=AT_ONCE)
        return {
            spec.name: FunctionTool(spec=spec, function=partial(self._use, spec.name), policy=policy)
            for spec in self._specs
        }

    async def _use(self, tool: str, context: ToolContext, **arguments: int | str) -> str:
        del context
        call = next((one for one in self._calls if (one.tool, one.arguments) == (tool, arguments)), None)
        if call is None:
            raise ToolError("There is nothing like that.")
        await asyncio.sleep(call.seconds)
        return call.fact.text
