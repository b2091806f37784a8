"""One simulated user with one agent: what they say when, and what came of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict

import msgspec

from device import app
from device.config import Config
from device.core.entries import Record, ReplyEnded
from device.core.events import TextTyped
from device.errors import DeviceError
from device.eval.result import Case
from device.eval.typed import POLL_SECONDS, Typed, typed
from device.eval.users.goals import judged
from device.eval.users.personas import PAUSE, REPLY, Part

PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 300.0


def session(config: Config, part: Part, *, strict: bool) -> Case:
    """Let the user play their part; in strict turns they wait until the agent has finished. Raises DeviceError."""
    mode = msgspec.structs.replace(
        config, conversation=msgspec.structs.replace(config.conversation, synchronous=strict)
    )
    return asyncio.run(_session(mode, part, strict=strict))


async def _session(config: Config, part: Part, *, strict: bool) -> Case:
    async with typed(config, app.enabled_tools(config)) as agent:
        clock = agent.agent.faculties.clock
        after_id, began = agent.last_id(), clock.monotonic_seconds()
        for line in part.lines:
            await _wait(agent, line.when, strict=strict)
            agent.agent.loop.post(TextTyped(text=line.text))
            await asyncio.sleep(POLL_SECONDS)
        await agent.settle()
        seconds = clock.monotonic_seconds() - began
        records = agent.agent.dialogue.ledger.records(after_id)
        done = judged(part.wanted, records)
        return {**asdict(done), "seconds": seconds, **_spoken(records)}


async def _wait(agent: Typed, when: str, *, strict: bool) -> None:
    """Wait until the next line is due."""
    if when == PAUSE and not strict:
        await asyncio.sleep(PAUSE_SECONDS)
    elif when == REPLY:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not agent.agent.loop.machine.state.replying and not agent.agent.settled:
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise DeviceError(f"The agent did not begin to answer within {PATIENCE_SECONDS:g} seconds.") from None
    else:
        await agent.settle()


def _spoken(records: Sequence[Record]) -> Case:
    """How many words were shown, how many of them in replies that were cut off, and how many those were."""
    replies = [one.entry for one in records if isinstance(one.entry, ReplyEnded)]
    cut_off = [reply for reply in replies if reply.interrupted]
    return {
        "words": sum(len(reply.heard.split()) for reply in replies),
        "words_wasted": sum(len(reply.heard.split()) for reply in cut_off),
        "interruptions": len(cut_off),
    }
