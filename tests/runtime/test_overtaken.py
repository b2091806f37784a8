"""Who speaks on before the first reply is heard is answered everything that they said, and nothing is done twice."""

import asyncio

import pytest

from device.core.entries import CallMade, OutputMalformed, ReplyEnded
from device.core.events import SilenceAsked, StopPressed, TalkPressed, TextTyped
from device.core.fsm import State
from tests.runtime.errands import STORY, TOOLS, call, calls
from tests.runtime.stage import Stage, newest, stage
from tests.virtual_time import in_virtual_time

CAPITAL, PRODUCT = "What is the capital of Norway?", "And how much is six times seven?"


def script(prompt: str) -> str:
    """Answers whatever stands in the newest message, in its order."""
    asked = newest(prompt)
    known = {"capital": "It is Oslo.", "6 times": "Forty-two.", "rings": "Your timer rings.", "Hello": "Hi."}
    return " ".join(said for key, said in known.items() if key in asked)


def generating(it: Stage) -> bool:
    return it.state is State.GENERATING


@in_virtual_time
async def test_both_questions_are_answered_when_the_user_types_on_at_once():
    async with stage(script, tools=TOOLS, token_seconds=0.05) as it:
        it.post(TextTyped(text=CAPITAL))
        await it.until(lambda: generating(it))
        it.post(TextTyped(text=PRODUCT))
        await it.until_quiet()
        assert it.heard() == ["", "It is Oslo. Forty-two."]
        assert it.entries(ReplyEnded)[0].overtaken
        it.check()


@in_virtual_time
async def test_both_questions_are_answered_when_the_user_speaks_on_while_the_model_writes():
    async with stage(script, tools=TOOLS, token_seconds=0.2) as it:
        await it.say(CAPITAL)
        await it.until(lambda: generating(it))
        await it.say(PRODUCT, seconds=0.3)
        await it.until_quiet()
        assert it.heard() == ["", "It is Oslo. Forty-two."]


@in_virtual_time
async def test_three_in_a_row_are_answered_together():
    async with stage(script, tools=TOOLS, token_seconds=0.05) as it:
        for text in ("Hello.", CAPITAL, PRODUCT):
            it.post(TextTyped(text=text))
            await it.until(lambda: generating(it))
        await it.until_quiet()
        assert it.heard()[-1] == "It is Oslo. Forty-two. Hi."
        it.check()


@in_virtual_time
async def test_what_was_heard_in_part_is_cut_off_and_not_asked_anew():
    def at_length(prompt: str) -> str:
        return script(prompt).replace("It is Oslo.", STORY)

    async with stage(at_length, tools=TOOLS) as it:
        it.post(TextTyped(text=CAPITAL))
        await it.until(lambda: it.state is State.EMITTING)
        await asyncio.sleep(1)
        await it.say(PRODUCT)
        await it.until_quiet()
        assert it.heard()[-1] == "Forty-two."
        assert STORY.startswith(it.heard()[0])
        assert it.heard()[0]
        assert not it.entries(ReplyEnded)[0].overtaken


@in_virtual_time
async def test_a_call_that_the_overtaken_reply_made_is_not_made_again():
    def calling(prompt: str) -> str:
        asked = newest(prompt)
        looks = [call("look", what=what) for what in ("moon", "sun") if f"the {what}." in asked]
        return calls(*looks) + "Well, let me think about that for a long while now." if looks else script(prompt)

    async with stage(calling, tools=TOOLS, token_seconds=0.05) as it:
        it.post(TextTyped(text="Look at the moon."))
        await it.until(lambda: it.entries(CallMade))
        assert generating(it)
        it.post(TextTyped(text="And look at the sun."))
        await it.until_quiet()
        assert [made.arguments["what"] for made in it.entries(CallMade)] == ["moon", "sun"]
        assert [one.text for one in it.entries(OutputMalformed)] == ["the same call again: look"]
        it.check()


@pytest.mark.parametrize("stop", [StopPressed(), SilenceAsked(text="Stop.")])
@in_virtual_time
async def test_what_was_stopped_is_taken_back(stop):
    async with stage(script, tools=TOOLS, token_seconds=0.05) as it:
        it.post(TextTyped(text=CAPITAL))
        await it.until(lambda: generating(it))
        it.post(stop)
        await it.until(lambda: it.state is State.IDLE)
        it.post(TextTyped(text=PRODUCT))
        await it.until_quiet()
        assert it.heard() == ["", "Forty-two."]


@pytest.mark.parametrize(("seconds", "answer"), [(2.0, "It is Oslo. Forty-two."), (60.0, "Forty-two.")])
@in_virtual_time
async def test_who_presses_the_button_to_go_on_is_answered_both_unless_they_say_nothing_for_long(seconds, answer):
    async with stage(script, tools=TOOLS, token_seconds=0.05) as it:
        it.post(TextTyped(text=CAPITAL))
        await it.until(lambda: generating(it))
        it.post(TalkPressed())
        await it.until(lambda: not it.agent.dispatcher.replying)
        await asyncio.sleep(seconds)
        it.post(TextTyped(text=PRODUCT))
        await it.until_quiet()
        assert it.heard()[-1] == answer
