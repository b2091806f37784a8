"""What time it is."""

import datetime

from device.ports import ToolContext


async def get_time(context: ToolContext) -> str:
    """Get the current time and today's date."""
    now = datetime.datetime.fromtimestamp(context.clock.wall_seconds()).astimezone()
    return f"It is {now:%H:%M} on {now:%A}, {now.day} {now:%B %Y}."
