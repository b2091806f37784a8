"""Thinking in parallel, while the conversation goes on; for models that are up to it, so it must be configured."""

from device.toolkit import ToolContext, tool

LONGEST_SECONDS = 600.0


@tool(hidden=True, timeout_seconds=LONGEST_SECONDS)
async def think(context: ToolContext, task: str) -> str:
    """Think about something at length while the conversation goes on, knowing all that was said.

    Args:
        task: what to find out

    """
    child = context.tasks.fork(task)
    return await child.result()


@tool(hidden=True, timeout_seconds=LONGEST_SECONDS)
async def research(agent: ToolContext, task: str, context: str = "") -> str:
    """Let somebody else work on a task who knows nothing of the conversation.

    Args:
        task: what to find out
        context: what they need to know for it

    """
    child = agent.tasks.spawn(task, context)
    return await child.result()
