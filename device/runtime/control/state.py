"""How the agent fares, and what is done to it from outside."""

import asyncio
import os
from typing import Any

from device.runtime.control.commands import Nothing, command
from device.runtime.control.live import Live


@command("status")
async def status(live: Live, asked: Nothing) -> Any:
    """Everything that one screen can tell of the agent."""
    del asked
    agent = live.agent
    machine = agent.loop.machine
    return {
        "state": machine.state.visible.value,
        "muted": agent.muted,
        "turn": machine.turn,
        "version": live.version,
        "pid": os.getpid(),
        "waiting_events": len(agent.loop.inbox),
    }


@command("updating", seconds=None)
async def updating(live: Live, asked: Nothing) -> Any:
    """Show that a new version is being installed, as long as the client stays."""
    del asked
    live.agent.update_begins()
    try:
        await asyncio.Event().wait()
    finally:
        live.agent.update_ends()
