"""Reading the configuration anew."""

from typing import Any

from device.runtime.control.commands import Nothing, command
from device.runtime.control.live import Live


@command("reload")
async def reload(live: Live, asked: Nothing) -> Any:
    """Take on what of the configuration can be taken on live, and name the rest."""
    del asked
    return (await live.agent.reloading.reload()).told()
