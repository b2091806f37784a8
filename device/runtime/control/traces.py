"""Where the time of a turn went."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from device.errors import ControlError
from device.runtime.control.commands import Nothing, command
from device.runtime.control.live import Live
from device.runtime.overview import summary
from device.runtime.spans import origin, spans
from device.runtime.turns import MOST_TURNS


class WhichTurn(Struct, frozen=True, forbid_unknown_fields=True):
    """A turn's number; the last one's if there is none."""

    turn: Annotated[int, Meta(ge=0)] | None = None


@command("trace")
async def trace(live: Live, asked: WhichTurn) -> Any:
    """One turn's spans, in milliseconds from the user's last sound, or from the reply's beginning without one."""
    turns = live.agent.insight.turns
    found = turns.get(asked.turn) if asked.turn is not None else next(iter(turns.last(1)), None)
    if found is None:
        kept = [turn.number for turn in turns.last()]
        raise ControlError(
            f"Turn {asked.turn} is not kept: the last {MOST_TURNS} turns since the agent's start are, "
            f"{kept[0]} to {kept[-1]} now."
            if kept
            else "There was no turn yet since the agent started: ask it something first."
        )
    zero = origin(found.marks)
    return {
        **summary(found),
        "spans": [msgspec.to_builtins(span) for span in spans(found.marks)],
        "moments": [
            {"name": mark.stage.value, "at_ms": round((mark.seconds - zero) * 1000, 1), "note": mark.note}
            for mark in sorted(found.marks, key=lambda mark: mark.seconds)
        ],
    }


@command("turns")
async def turns(live: Live, asked: Nothing) -> Any:
    """The turns that can be traced, oldest first."""
    del asked
    return [summary(turn) for turn in live.agent.insight.turns.last()]
