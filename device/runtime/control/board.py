"""The board of the running agent."""

import asyncio
from typing import Annotated, Any

from msgspec import Meta, Struct

from device.errors import BoardError
from device.runtime.control.commands import command
from device.runtime.control.live import Live


class Press(Struct, frozen=True, forbid_unknown_fields=True):
    """Which button is pressed, and for how long."""

    button: str
    seconds: Annotated[float, Meta(ge=0.0, le=30.0)] = 0.1


@command("press", seconds=40.0)
async def press(live: Live, asked: Press) -> Any:
    """Press a button of a board that has its pins in memory."""
    board = live.agent.board
    if board is None:
        raise BoardError("This agent has no board: set board.kind to mock, and board.button to a pin.")
    board.press(asked.button, closed=True)
    try:
        await asyncio.sleep(asked.seconds)
    finally:
        board.press(asked.button, closed=False)
    return {"pressed": asked.button, "seconds": asked.seconds}
