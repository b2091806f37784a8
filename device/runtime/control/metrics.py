"""The agent's metrics."""

from typing import Any

from device.runtime.control.commands import Nothing, command
from device.runtime.control.live import Live
from device.runtime.metrics import metrics as families


@command("metrics")
async def metrics(live: Live, asked: Nothing) -> Any:
    """Every metric as it is now; none holds anything that was said."""
    del asked
    return await families(live.agent, version=live.version, began_seconds=live.began_seconds)
