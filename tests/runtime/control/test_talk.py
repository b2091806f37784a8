"""Asking, saying, hearing and interrupting over the control socket, on an agent of fakes."""

import asyncio
import base64

import numpy as np

from device.core.context import Conversation
from device.core.entries import ReplyEnded, UserSaid
from device.core.fsm import State
from device.core.prompt.messages import Assistant
from tests.runtime.control.asking import Client
from tests.runtime.stage import answers, stage, tools_of
from tests.virtual_time import in_virtual_time

TALKS = answers(("hello", "Good morning. How are you?"), ("long", "word " * 400))


@in_virtual_time
async def test_what_is_asked_is_answered_as_if_it_had_been_typed():
    async with stage(TALKS, tools={}) as it:
        client = Client(it)
        outcome = await client.ask("ask", text="hello")
        assert outcome == {
            "text": "Good morning. How are you?",
            "heard": "Good morning. How are you?",
            "interrupted": False,
            "failure": "",
        }
        assert "".join(part["text"] for part in client.parts) == "Good morning. How are you?"
        assert it.entries(UserSaid) == [UserSaid(text="hello", typed=True)]
        it.check()


@in_virtual_time
async def test_a_tools_result_is_part_of_the_answer():
    async def weather(context, city: str) -> str:
        """Tell the weather."""
        await asyncio.sleep(3.0)
        return "It rains."

    script = answers(
        ("rain in Oslo?", '<tool_call>\n{"name": "weather", "arguments": {"city": "Oslo"}}\n</tool_call>'),
        ("It rains.", "Take an umbrella."),
    )
    async with stage(script, tools=tools_of(weather)) as it:
        outcome = await Client(it).ask("ask", text="rain in Oslo?")
        assert outcome["text"] == "Take an umbrella."


@in_virtual_time
async def test_words_are_said_as_they_are_and_remembered_as_the_agents():
    async with stage(TALKS, tools={}) as it:
        prompts = len(it.model.prompts)
        outcome = await Client(it).ask("say", text="The kettle is on.")
        assert outcome["heard"] == "The kettle is on."
        assert len(it.model.prompts) == prompts
        assert [ended.heard for ended in it.entries(ReplyEnded)] == ["The kettle is on."]
        last = Conversation.replay(it.ledger.records(), model="scripted").messages()[-1]
        assert isinstance(last, Assistant)
        it.check()


@in_virtual_time
async def test_words_wait_until_the_floor_is_free():
    async with stage(TALKS, tools={}) as it:
        await it.begin_to_say("hello")
        saying = asyncio.ensure_future(Client(it).ask("say", text="The kettle is on."))
        await asyncio.sleep(1.0)
        assert it.state is State.LISTENING
        await it.fall_silent()
        await saying
        assert it.heard() == ["Good morning. How are you?", "The kettle is on."]


@in_virtual_time
async def test_an_interruption_silences_at_once_and_whoever_asked_is_told():
    async with stage(TALKS, tools={}) as it:
        asking = asyncio.ensure_future(Client(it).ask("ask", text="long"))
        await it.until(lambda: it.state is State.EMITTING)
        await asyncio.sleep(1.0)
        await Client(it).ask("interrupt")
        outcome = await asking
        assert outcome["interrupted"]
        assert 0 < len(outcome["heard"]) < 400
        it.check()


def pieces(seconds: float) -> str:
    return base64.b64encode((np.ones(round(16_000 * seconds)) * 16_000).astype("<i2").tobytes()).decode()


@in_virtual_time
async def test_a_recording_is_heard_in_the_microphones_place_and_answered():
    async with stage(TALKS, tools={}) as it:
        it.recognizer.transcripts.append("hello")
        it.level = 1e-9  # the sound card runs
        client = Client(it)
        assert await client.ask("hear", samples=pieces(0.5)) is None
        outcome = await client.ask("hear", samples=pieces(0.4), last=True)
        assert outcome["heard"] == "Good morning. How are you?"
        assert it.entries(UserSaid) == [UserSaid(text="hello")]
        assert not it.agent.recorded.belongs_to(client._answering._live.session)


@in_virtual_time
async def test_one_recording_is_heard_at_a_time_and_a_client_that_goes_gives_the_microphone_back():
    async with stage(TALKS, tools={}) as it:
        it.level = 1e-9
        first, second = Client(it), Client(it)
        await first.ask("hear", samples=pieces(0.3))
        await second.ask("hear", samples=pieces(0.3))
        assert "Another recording" in second.failure.sentence
        first.leave()
        await second.ask("hear", samples=pieces(0.3))
        assert second.failure is None
        second.leave()


@in_virtual_time
async def test_what_is_no_sound_is_refused():
    async with stage(TALKS, tools={}) as it:
        client = Client(it)
        await client.ask("hear", samples="!")
        assert client.failure.exit_code == 5
        client.leave()


@in_virtual_time
async def test_the_microphone_is_closed_and_opened_again():
    async with stage(TALKS, tools={}) as it:
        client = Client(it)
        assert await client.ask("mute", on=True) == {"muted": True}
        assert (await client.ask("status"))["muted"]
        assert await client.ask("mute", on=False) == {"muted": False}
        assert not it.agent.muted
        assert await client.ask("mute", on="loudly") is None
        assert client.failure is not None
