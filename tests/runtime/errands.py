"""Tools that do several things at once, for scenarios."""

import asyncio
import json

from tests.runtime.stage import answers, tools_of


def call(name: str, **arguments) -> str:
    return json.dumps({"name": name, "arguments": arguments})


def calls(*several: str) -> str:
    return "\n".join(several)


async def look(context, what: str, wait: float = 1.0) -> str:
    """Look at something."""
    await asyncio.sleep(wait)
    return f"{what} seen"


async def think(context, task: str) -> str:
    """Think about it."""
    return await context.tasks.fork(task).result()


async def research(context, task: str, given: str = "") -> str:
    """Find out."""
    return await context.tasks.spawn(task, given).result()


async def both(context, first: str, second: str) -> str:
    """Think about two things."""
    return " and ".join(await context.tasks.join(context.tasks.fork(first), context.tasks.fork(second)))


async def wait_for(context, calls: str) -> str:
    """Wait for calls."""
    return await context.work.join(tuple(calls.split()))


async def cancel(context, call_id: str) -> str:
    """Cancel a call."""
    return "cancelled it" if await context.work.cancel(call_id) else "there is no such call"


async def working_on(context) -> str:
    """List."""
    return "; ".join(f"{o.call_id} {o.name} {o.progress}".strip() for o in context.work.open_calls()) or "nothing"


TOOLS = tools_of(look, think, research, both, wait_for, cancel, working_on, timeout_seconds=300)

STORY = "Once upon a time there was a dragon, who lived in the mountains. He was very old and very kind."

NESTED = answers(
    ("Go", call("think", task="outer task")),
    ("outer task", call("think", task="inner task")),
    ("inner task", call("look", what="core", wait=100)),
    ("Cancel", call("cancel", call_id="c1")),
    ("cancelled it", "Cancelled."),
    ("Hello", "Hi."),
)
"""A call whose child has a call whose child has a call."""
