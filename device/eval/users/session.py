"""One simulated user with one agent: what they say when, and what came of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict

import msgspec

from device import app
from device.config import Config
from device.core.entries import Record, ReplyEnded
from device.core.events import TextTyped
from device.errors import DeviceError
from device.eval.result import Case
from device.eval.typed import POLL_SECONDS, Typed, typed
from device.eval.users.actor import Actor
from device.eval.users.goals import judged
from device.eval.users.personas import PAUSE, REPLY, Part
from device.eval.users.shop import shop_tools
from device.eval.users.wishes import SERVICE
from device.toolkit import Tool

PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 300.0


def tools_of(setting: str, config: Config) -> Mapping[str, Tool]:
    """What the agent can do in a setting."""
    return shop_tools() if setting == SERVICE else app.enabled_tools(config)


def session(config: Config, part: Part, setting: str, *, strict: bool, actor: Actor | None = None) -> Case:
    """Let the user play their part; in strict turns they wait until the agent has finished.

    Who is played by an `actor` is asked in the end what they believe was done. Raises DeviceError.
    """
    mode = msgspec.structs.replace(
        config, conversation=msgspec.structs.replace(config.conversation, synchronous=strict)
    )
    return asyncio.run(_session(mode, part, setting, strict=strict, actor=actor))


async def _session(config: Config, part: Part, setting: str, *, strict: bool, actor: Actor | None) -> Case:
    async with typed(config, tools_of(setting, config)) as agent:
        clock = agent.agent.faculties.clock
        after_id, began = agent.last_id(), clock.monotonic_seconds()
        for line in part.lines:
            await _wait(agent, line.when, strict=strict)
            await _say(agent, line.text)
        await agent.settle()
        seconds = clock.monotonic_seconds() - began
        records = agent.agent.dialogue.ledger.records(after_id)
        verdicts = [] if actor is None else await _believed(part, actor, records)
        done = judged(part.wanted, records)
        return {**asdict(done), "seconds": seconds, **_spoken(records), "judged": verdicts}


async def _believed(part: Part, actor: Actor, records: tuple[Record, ...]) -> list[dict[str, bool]]:
    """What the actor believes of each wish in the end, and how it is."""
    return [
        {
            "content": await actor.content(line.wish, _heard(records)),
            "truly": judged(line.wish.wanted, records).fulfilled == len(line.wish.wanted),
        }
        for line in part.lines
    ]


async def _say(agent: Typed, text: str) -> None:
    agent.agent.loop.post(TextTyped(text=text))
    await asyncio.sleep(POLL_SECONDS)


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


def _heard(records: tuple[Record, ...]) -> str:
    return " ".join(one.entry.heard.strip() for one in records if isinstance(one.entry, ReplyEnded))


def _spoken(records: tuple[Record, ...]) -> Case:
    """How many words were shown, how many of them in replies that were cut off, and how many those were.

    An interruption was survived when a reply that was heard to its end came after it.
    """
    replies = [one.entry for one in records if isinstance(one.entry, ReplyEnded)]
    cut_off = [number for number, reply in enumerate(replies) if reply.interrupted]
    survived = [
        number for number in cut_off if any(one.heard.strip() and not one.interrupted for one in replies[number + 1 :])
    ]
    return {
        "words": sum(len(reply.heard.split()) for reply in replies),
        "words_wasted": sum(len(replies[number].heard.split()) for number in cut_off),
        "interruptions": len(cut_off),
        "survived": len(survived),
    }
