"""What the agent remembers: reading it, beginning anew, deleting it for good."""

import asyncio
import itertools
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from device.core.entries import AlarmCancelled, AlarmRang, AlarmSet, ConversationStarted, Record, ValueWritten
from device.core.events import StopPressed
from device.core.fsm import State
from device.ports import Ledger
from device.runtime.agent import Agent
from device.runtime.control.commands import Nothing, command
from device.runtime.control.live import Live
from device.runtime.control.streaming import stream

MOST_RECORDS = 200
"""So many are told at once."""

MOST_RECORDS_BYTES = 256 * 1024

FOLLOW_SECONDS = 0.2
"""Records that come together are told together."""

KEPT = (AlarmSet, AlarmCancelled, AlarmRang, ValueWritten)
"""What is no conversation: alarms, lists, notes and settings."""


class After(Struct, frozen=True, forbid_unknown_fields=True):
    """Records above an id; the last `limit` ones of all if it is negative."""

    after: int = 0
    limit: Annotated[int, Meta(ge=1, le=MOST_RECORDS)] = MOST_RECORDS


class Last(Struct, frozen=True, forbid_unknown_fields=True):
    """How many records to begin with."""

    last: Annotated[int, Meta(ge=0, le=MOST_RECORDS)] = 0


class Forget(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether all is to go, alarms, lists, notes and settings too."""

    everything: bool = False


@command("records")
async def records(live: Live, asked: After) -> Any:
    """Tell records of the ledger, in order: as many as fit."""
    ledger = live.agent.faculties.ledger
    return _page(ledger.records()[-asked.limit :] if asked.after < 0 else ledger.records(asked.after), asked.limit)


@command("follow", seconds=None)
async def follow(live: Live, asked: Last) -> Any:
    """Tell the last records, and then every one that is added, for as long as the client stays."""
    ledger = live.agent.faculties.ledger
    tail = _Tail(ledger, last=asked.last)
    ledger.followers.add(tail.grown.set)
    try:
        await stream(live, tail, every_seconds=FOLLOW_SECONDS)
    finally:
        ledger.followers.discard(tail.grown.set)


class _Tail:
    """What was added to a ledger; it keeps a place in it and no records, so a slow client costs nothing."""

    def __init__(self, ledger: Ledger, *, last: int) -> None:
        self.grown = asyncio.Event()
        self._ledger = ledger
        before = ledger.records()
        at = len(before) - last - 1
        self._after_id = before[at].id if at >= 0 else 0

    async def take(self) -> list[msgspec.Raw]:
        """The next page."""
        while not (found := self._ledger.records(self._after_id)[:MOST_RECORDS]):
            self.grown.clear()
            await self.grown.wait()
        page = _page(found, MOST_RECORDS)
        self._after_id = found[len(page) - 1].id
        return page


def _page(found: Sequence[Record], limit: int) -> list[msgspec.Raw]:
    """As many of the records as may be told at once, at least one if there are any, as they are sent."""
    told: list[msgspec.Raw] = []
    size = 0
    for record in itertools.islice(found, limit):
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
    agent.dialogue.append(ConversationStarted())
    count = await agent.faculties.ledger.forget(lambda record: is_kept(record, everything=asked.everything))
    if asked.everything:
        agent.values.reread()
    agent.marks.clear()
    agent.insight.forget()
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
