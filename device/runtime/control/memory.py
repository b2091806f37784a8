"""What the agent remembers: reading it, beginning anew, deleting it for good."""

import asyncio
import itertools
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from device.core.entries import AlarmCancelled, AlarmRang, AlarmSet, ConversationStarted, Record, ValueWritten
from device.core.events import StopPressed
from device.core.fsm import State
from device.runtime.agent import Agent
from device.runtime.control.commands import Nothing, command
from device.runtime.control.live import Live

MOST_RECORDS = 200
"""So many are told at once."""

MOST_RECORDS_BYTES = 256 * 1024

KEPT = (AlarmSet, AlarmCancelled, AlarmRang, ValueWritten)
"""What is no conversation: alarms, lists, notes and settings."""


class After(Struct, frozen=True, forbid_unknown_fields=True):
    """Records above an id; the last `limit` ones of all if it is negative."""

    after: int = 0
    limit: Annotated[int, Meta(ge=1, le=MOST_RECORDS)] = MOST_RECORDS


class Forget(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether all is to go, alarms, lists, notes and settings too."""

    everything: bool = False


@command("records")
async def records(live: Live, asked: After) -> Any:
    """Tell records of the ledger, in order: as many as fit."""
    ledger = live.agent.faculties.ledger
    found = ledger.records()[-asked.limit :] if asked.after < 0 else ledger.records(asked.after)
    told: list[msgspec.Raw] = []
    size = 0
    for record in itertools.islice(found, asked.limit):
        raw = msgspec.json.encode(record)
        size += len(raw)
        if told and size > MOST_RECORDS_BYTES:
            break
        told.append(msgspec.Raw(raw))
    return told


@command("new")
async def new(live: Live, asked: Nothing) -> Any:
    """Begin a fresh conversation; what is under way ends."""
    del asked
    await _be_still(live.agent)
    live.agent.dialogue.append(ConversationStarted())
    live.agent.dispatcher.prepare()


@command("forget", seconds=120)
async def forget(live: Live, asked: Forget) -> Any:
    """Delete the conversation from the disk for good, or everything that is remembered."""
    agent = live.agent
    await _be_still(agent)
    if asked.everything:
        for alarm in agent.alarms.pending():
            await agent.alarms.cancel(alarm.alarm_id)
        agent.values.forget()
    agent.dialogue.append(ConversationStarted())
    count = await agent.faculties.ledger.forget(lambda record: is_kept(record, everything=asked.everything))
    agent.marks.clear()
    agent.dispatcher.forget_words()
    agent.dispatcher.prepare()
    return {"records": count}


def is_kept(record: Record, *, everything: bool) -> bool:
    """Whether a record outlives the conversation."""
    return not everything and isinstance(record.entry, KEPT)


async def _be_still(agent: Agent) -> None:
    """End the reply and the calls under way; the user, if speaking, is not heard out."""
    agent.loop.post(StopPressed())
    await agent.home.runner.cancel_all()
    while agent.loop.machine.state is not State.IDLE or agent.dispatcher.replying:
        await asyncio.sleep(0.02)
