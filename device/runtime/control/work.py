"""What the agent works on, and the tools that it has for it."""

import asyncio
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from device.core.contexts import ROOT
from device.errors import ToolError
from device.runtime.agent import Agent
from device.runtime.control.commands import Nothing, command
from device.runtime.control.live import Live
from device.runtime.overview import contexts, homes
from device.runtime.tools import cut

LONGEST_CALL_SECONDS = 600.0


class Which(Struct, frozen=True, forbid_unknown_fields=True):
    """A call ("c7"), one of a task ("k1/c2"), or a task ("k1")."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]


class ToolCall(Struct, frozen=True, forbid_unknown_fields=True):
    """A tool and what it is given."""

    name: Annotated[str, Meta(min_length=1, max_length=128)]
    arguments: dict[str, Any] = field(default_factory=dict)


def under_way(agent: Agent) -> list[str]:
    """Every call under way as it is called here, in the order of the tree."""
    return [
        call["id"] if context["id"] == ROOT else f"{context['id']}/{call['id']}"
        for context in contexts(agent)
        for call in context["calls"]
    ]


@command("cancel")
async def cancel(live: Live, asked: Which) -> Any:
    """End a call or a task that is under way."""
    context, _, call_id = asked.id.rpartition("/")
    for home, _, _ in homes(live.agent):
        if home.context_id == (context or ROOT) and await home.runner.cancel(call_id):
            return {"cancelled": asked.id}
        for child in [child for children in home.children.values() for child in children]:
            if child.context_id == asked.id:
                await child.cancel()
                return {"cancelled": asked.id}
    there = ", ".join(under_way(live.agent))
    raise ToolError(f'Nothing called "{asked.id}" is under way; {f"there is {there}" if there else "nothing is"}.')


@command("tools")
async def tools(live: Live, asked: Nothing) -> Any:
    """Tell which tools there are."""
    del asked
    return [
        {
            "name": name,
            "description": tool.spec.description,
            "parameters": tool.spec.parameters,
            "timeout_seconds": tool.policy.timeout_seconds,
            "asks_first": tool.policy.confirm,
        }
        for name, tool in sorted(live.agent.faculties.tools.items())
    ]


@command("call", seconds=LONGEST_CALL_SECONDS)
async def call_tool(live: Live, asked: ToolCall) -> Any:
    """Call a tool as the model would, and tell its result here instead of aloud."""
    tool = live.agent.faculties.tools.get(asked.name)
    if tool is None:
        raise ToolError(f'There is no tool "{asked.name}": `device tools list` names them all.')
    context = live.agent.contexts.context_for_nobody(live.agent.home)
    try:
        async with asyncio.timeout(tool.policy.timeout_seconds):
            result = await tool(context, asked.arguments)
    except TimeoutError:
        raise ToolError(f"It took longer than {tool.policy.timeout_seconds:g} seconds.") from None
    return {"result": cut(result, tool.policy.most_characters)}
