"""How the agent fares: at once, and as it goes on; and that it is being updated.

Who watches asks again for each look, and is answered when something has changed, but at most LOOKS_PER_SECOND times a
second, and at the pace that all streams share. So one look at most is under way, it is always the newest, and a reader
that stalls costs nothing at all.
"""

import asyncio
from typing import Any

from device.runtime.control.commands import Nothing, command
from device.runtime.control.live import Live
from device.runtime.overview import live as live_view
from device.runtime.overview import overview

LOOKS_PER_SECOND = 5.0
QUIET_SECONDS = 1.0
"""So long a look waits for something to happen."""


@command("status")
async def status(live: Live, asked: Nothing) -> Any:
    """Everything that one screen can tell of the agent."""
    del asked
    return await overview(live.agent, version=live.version, began_seconds=live.began_seconds)


@command("watch")
async def watch(live: Live, asked: Nothing) -> Any:
    """The status and what goes on this moment, as soon as it is worth another look."""
    loop, agent = asyncio.get_running_loop(), live.agent
    now = loop.time()
    early = live.session.looked_seconds + 1.0 / LOOKS_PER_SECOND - now
    if (wait := max(early, live.pushes.wait_seconds(now))) > 0:
        await asyncio.sleep(wait)
    hears = agent.capture is not None and not agent.muted
    if not hears and not agent.loop.machine.state.replying:
        await agent.insight.glance.stirs(live.session.changes, QUIET_SECONDS)
    live.session.looked_seconds, live.session.changes = loop.time(), agent.insight.glance.changes
    return {**await status(live, asked), "live": live_view(agent)}


@command("updating", seconds=None)
async def updating(live: Live, asked: Nothing) -> Any:
    """Show that a new version is being installed, as long as the client stays."""
    del asked
    live.agent.update_begins()
    try:
        await asyncio.Event().wait()
    finally:
        live.agent.update_ends()
