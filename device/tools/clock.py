"""What time it is."""

import datetime

from device.ports import ToolContext

NOON = 12


async def get_time(context: ToolContext) -> str:
    """Get the current time and today's date."""
    now = datetime.datetime.fromtimestamp(context.clock.wall_seconds()).astimezone()
    return f"It is {now.hour % 12 or 12}:{now:%M} {'AM' if now.hour < NOON else 'PM'} on {now:%A}, {now:%B} {now.day}, {now.year}."
