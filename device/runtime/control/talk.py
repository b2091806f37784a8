"""Speaking to the agent, and making it speak, be silent or deaf."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from device.core.events import SayingAsked, StopPressed, TextTyped
from device.core.prompt.untrusted import Guard
from device.runtime.control.commands import Nothing, command
from device.runtime.control.following import following
from device.runtime.control.live import Live
from device.runtime.tools import cut

MOST_CHARACTERS = 2000

LONGEST_SECONDS = 300.0
"""So long an answer, or the wait for the floor, is followed."""


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """Some text."""

    text: Annotated[str, Meta(min_length=1, max_length=MOST_CHARACTERS)]


class Switch(Struct, frozen=True, forbid_unknown_fields=True):
    """On or off."""

    on: bool


@command("ask", seconds=LONGEST_SECONDS)
async def ask(live: Live, asked: Words) -> Any:
    """Ask as if it had been typed, and tell the reply as it is made."""
    with following(live.agent, TextTyped) as follow:
        live.agent.loop.post(TextTyped(text=cut(asked.text, MOST_CHARACTERS)))
        await follow.until_quiet(live)
    return follow.outcome()


@command("say", seconds=LONGEST_SECONDS)
async def say(live: Live, asked: Words) -> Any:
    """Say these words, as they are, when the floor is free; the conversation remembers them as the agent's."""
    guard = Guard(live.agent.faculties.model.card.control_texts)
    text = guard.harmless(cut(asked.text, MOST_CHARACTERS))
    with following(live.agent, SayingAsked) as follow:
        live.agent.loop.post(SayingAsked(text=text))
        await follow.until_quiet(live)
    return follow.outcome()


@command("interrupt")
async def interrupt(live: Live, asked: Nothing) -> Any:
    """Silence the agent at once, as the button does."""
    del asked
    live.agent.loop.post(StopPressed())


@command("mute")
async def mute(live: Live, asked: Switch) -> Any:
    """Close the microphone, or open it again."""
    if asked.on:
        live.agent.mute()
    else:
        live.agent.unmute()
    return {"muted": live.agent.muted}
