"""A shop's customer service: the tools that the agent has in that setting, each as slow as such a system is."""

import asyncio
import random
from typing import Literal

from device.core.toolspec import spec_of
from device.toolkit import FunctionTool, Tool, ToolContext

Day = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

LOOK_UP_SECONDS = (0.5, 2.0)
"""How long the shop's system takes, at least and at most."""

_STATES = ("is being packed", "is on its way", "arrives tomorrow", "waits at the depot")
_OPENS = {"Saturday": "10 to 4"}


async def order_status(context: ToolContext, order: int) -> str:
    """Find out where an order is."""
    del context
    await _look_up(order)
    return f"order {order} {_STATES[order % len(_STATES)]}"


async def cancel_order(context: ToolContext, order: int) -> str:
    """Cancel an order."""
    del context
    await _look_up(order)
    return f"order {order} is cancelled"


async def deliver_on(context: ToolContext, order: int, day: Day) -> str:
    """Deliver an order on another day."""
    del context
    await _look_up(order)
    return f"order {order} comes on {day}"


async def send_invoice(context: ToolContext, order: int) -> str:
    """Send the invoice of an order."""
    del context
    await _look_up(order)
    return f"the invoice of order {order} is sent"


async def opening_hours(context: ToolContext, day: Day) -> str:
    """Find out when the shop is open."""
    del context
    await _look_up(len(day))
    return f"on {day} the shop is open from {_OPENS.get(day, '9 to 6')}"


async def _look_up(key: int) -> None:
    """The same thing always takes as long, so that both agents wait alike."""
    await asyncio.sleep(random.Random(key).uniform(*LOOK_UP_SECONDS))  # noqa: S311 - to be repeated


def shop_tools() -> dict[str, Tool]:
    """All of them by their names."""
    functions = (order_status, cancel_order, deliver_on, send_invoice, opening_hours)
    return {one.__name__: FunctionTool(spec=spec_of(one), function=one) for one in functions}
