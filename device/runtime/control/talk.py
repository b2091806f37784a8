"""Speaking to the agent, and making it speak or be silent."""

from typing import Any

from device.core.events import StopPressed
from device.runtime.control.commands import Nothing, command
from device.runtime.control.live import Live


@command("interrupt")
async def interrupt(live: Live, asked: Nothing) -> Any:
    """Silence the agent at once, as the button does."""
    del asked
    live.agent.loop.post(StopPressed())
