"""A reply that was cut off is continued."""

import pytest

from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.ledger import MemoryLedger
from device.core.context import Conversation
from device.core.entries import ReplyEnded
from device.core.events import StopPressed, TextTyped
from device.core.fsm import State
from tests.runtime.agent import answers, scene
from tests.runtime.test_scenarios import STORY

SCRIPT = answers(("story", STORY), ("old", "He was ninety."), ("time", "It is noon."), ("Go on", "About what?"))


def heard(it) -> list[str]:
    return [reply.heard.strip() for reply in it.entries(ReplyEnded)]


async def cut_off_story(it, blocks: int = 16) -> str:
    await it.hear("Tell me a story.")
    await it.until(lambda: it.state is State.EMITTING)
    await it.step(blocks)
    it.post(StopPressed())
    await it.until_idle()
    return heard(it)[-1]


@pytest.mark.parametrize("blocks", [1, 4, 9, 16, 25])
async def test_go_on_says_the_words_that_were_not_heard_and_no_others(blocks):
    async with scene(SCRIPT) as it:
        first = await cut_off_story(it, blocks)
        await it.hear("Go on.")
        await it.until_idle()
        assert (first + " " + heard(it)[-1]).split() == STORY.split()
        assert not it.entries(ReplyEnded)[-1].interrupted


async def test_a_question_in_between_is_answered_and_the_story_goes_on_after_it():
    async with scene(SCRIPT) as it:
        await it.hear("Tell me a story.")
        await it.until(lambda: it.state is State.EMITTING)
        await it.step(8)
        await it.hear("How old was he?")
        await it.until_idle()
        await it.hear("Continue, please.")
        await it.until_idle()
        first, between, rest = heard(it)
        assert between == "He was ninety."
        assert (first + " " + rest).split() == STORY.split()


async def test_it_goes_on_as_often_as_it_is_cut_off():
    async with scene(SCRIPT) as it:
        told = (await cut_off_story(it, 6)).split()
        for _ in range(3):
            it.post(TextTyped(text="Go on."))
            await it.until(lambda: it.state is State.EMITTING)
            await it.step(4)
            it.post(StopPressed())
            await it.until_idle()
            told += heard(it)[-1].split()
        it.post(TextTyped(text="go on"))
        await it.until_idle()
        assert told + heard(it)[-1].split() == STORY.split()


async def test_after_stop_it_goes_on_too():
    async with scene(SCRIPT) as it:
        await it.hear("Tell me a story.")
        await it.until(lambda: it.state is State.EMITTING)
        await it.step(8)
        await it.hear("Stop!")
        await it.until_idle()
        await it.hear("Go on.")
        await it.until_idle()
        assert " ".join(heard(it)).split() == STORY.split()


async def test_with_nothing_cut_off_the_model_is_asked():
    async with scene(SCRIPT) as it:
        await it.hear("What is the time?")
        await it.until_idle()
        await it.hear("Go on.")
        await it.until_idle()
        assert heard(it)[-1] == "About what?"


async def test_what_was_cut_off_before_a_restart_goes_on_after_it():
    ledger = MemoryLedger(FakeClock())
    async with scene(SCRIPT, ledger=ledger) as it:
        await cut_off_story(it, 8)
    async with scene(SCRIPT, ledger=ledger) as it:
        await it.hear("Go on.")
        await it.until_idle()
        assert " ".join(heard(it)).split() == STORY.split()
        live = it.agent.dialogue.conversation
        assert Conversation.replay(ledger.records(), model="scripted") == live
