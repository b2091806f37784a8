"""The tools that the agent can call: each a typed async function in a small file of its own."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from device.core.prompt.messages import ToolSpec
from device.core.toolspec import checked, spec_of
from device.errors import ConfigError
from device.ports import Tool, ToolContext
from device.tools.calculator import calculate
from device.tools.clock import get_time
from device.tools.timers import cancel_timer, list_timers, set_timer

FUNCTIONS = (get_time, set_timer, list_timers, cancel_timer, calculate)
"""All of them, in the order in which the model is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionTool:
    """A function as a `device.ports.Tool`."""

    spec: ToolSpec
    function: Callable[..., Awaitable[str]]
    timeout_seconds: float = 10.0

    async def __call__(self, context: ToolContext, arguments: dict[str, object]) -> str:
        """Call the function with `arguments` in the types that it declares."""
        return await self.function(context, **checked(self.spec, arguments))


def builtin_tools(names: Sequence[str] = ()) -> dict[str, Tool]:
    """The tools called `names`, all of them if none is named. Raises ConfigError for a name that is not a tool's."""
    known = {function.__name__: function for function in FUNCTIONS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ConfigError(f'There is no tool "{unknown[0]}" (key conversation.tools): choose from {", ".join(known)}.')
    chosen = [known[name] for name in names] or list(known.values())
    return {function.__name__: FunctionTool(spec=spec_of(function), function=function) for function in chosen}
