"""What time it is."""

from device.core.times import say_time
from device.toolkit import ToolContext, tool
from device.tools.local_time import local_now


@tool(sentence=True)
async def get_time(context: ToolContext) -> str:
    """Get the current time and today's date."""
    now = local_now(context.clock)
    return f"It is {say_time(now)} on {now:%A}, {now:%B} {now.day}, {now.year}."
