"""What time it is."""

import datetime as dt

from device.toolkit import ToolContext, tool

NOON = 12


@tool()
async def get_time(context: ToolContext) -> str:
    """Get the current time and today's date."""
    now = dt.datetime.fromtimestamp(context.clock.wall_seconds()).astimezone()
    half = "AM" if now.hour < NOON else "PM"
    return f"It is {now.hour % NOON or NOON}:{now:%M} {half} on {now:%A}, {now:%B} {now.day}, {now.year}."
