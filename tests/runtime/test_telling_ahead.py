"""While a reply is heard, the one that tells what has arrived meanwhile is prepared."""

import asyncio

import pytest

from device.core.entries import CallMade, ReplyStarted
from device.core.events import PlaybackFinished, PlaybackStarted, StopPressed, TextTyped
from device.core.fsm import State
from tests.runtime.errands import STORY, TOOLS, call, calls
from tests.runtime.stage import BLOCK_SECONDS, answers, stage
from tests.virtual_time import in_virtual_time

LOOK = answers(
    ("Go", f"{STORY}\n{call('look', what='moon', seconds=0.4)}"),
    ("Both", STORY + "\n" + calls(call("look", what="moon", wait=0.4), call("look", what="sun", wait=0.6))),
    ("Chain", f"{STORY}\n{call('look', what='star', seconds=0.4)}"),
    ("star seen", f"The star was seen.\n{call('look', what='moon', seconds=0.5)}"),
    ("sun seen", "The moon was seen. The sun was seen."),
    ("moon seen", "The moon was seen."),
    ("Hello", "Hi."),
)
TOLD = [STORY, "The moon was seen."]


def silences(it) -> list[float]:
    """How long it was silent between replies, from now on; filled as it happens."""
    found, ended = [], []

    def watch(before, event, after) -> None:
        now = asyncio.get_running_loop().time()
        if isinstance(event, PlaybackFinished):
            ended.append(now)
        elif isinstance(event, PlaybackStarted) and ended:
            found.append(now - ended.pop())

    it.agent.loop.observe(watch)
    return found


@in_virtual_time
async def test_a_result_that_came_while_a_reply_was_heard_is_told_without_a_pause():
    async with stage(LOOK, tools=TOOLS, token_seconds=0.004) as it:
        pauses = silences(it)
        it.post(TextTyped(text="Go"))
        await it.until_quiet()
        assert it.heard() == TOLD
        assert pauses[0] <= 2 * BLOCK_SECONDS
        assert it.agent.dispatcher.speculator.kept == 1
        assert len(it.model.prompts) == 2
        it.check()


@in_virtual_time
async def test_two_that_came_one_after_the_other_are_told_together():
    async with stage(LOOK, tools=TOOLS) as it:
        pauses = silences(it)
        it.post(TextTyped(text="Both"))
        await it.until_quiet()
        assert it.heard() == [STORY, "The moon was seen. The sun was seen."]
        assert pauses[0] <= 2 * BLOCK_SECONDS
        assert it.entries(ReplyStarted)[1].call_ids == ("c1", "c2")
        it.check()


@in_virtual_time
async def test_what_a_prepared_reply_calls_begins_only_when_its_turn_has_come():
    async with stage(LOOK, tools=TOOLS, options=("thinking.chained_calls=1",)) as it:
        it.post(TextTyped(text="Chain"))
        await it.until(lambda: it.agent.dispatcher.speculator.busy)
        await asyncio.sleep(0.5)
        assert it.state is State.EMITTING
        assert len(it.entries(CallMade)) == 1
        await it.until_quiet()
        assert it.heard() == [STORY, "The star was seen.", "The moon was seen."]
        it.check()


@pytest.mark.parametrize("event", [TextTyped(text="Hello"), StopPressed()])
@in_virtual_time
async def test_an_interruption_throws_it_away_and_the_result_is_told_all_the_same(event):
    async with stage(LOOK, tools=TOOLS) as it:
        it.post(TextTyped(text="Go"))
        await it.until(lambda: it.agent.dispatcher.speculator.busy)
        assert it.state is State.EMITTING
        it.post(event)
        await it.until_quiet()
        assert it.agent.dispatcher.speculator.kept == 0
        assert it.heard()[-1] == "The moon was seen."
        assert it.heard().count("The moon was seen.") == 1
        it.check()


@in_virtual_time
async def test_strict_turns_prepare_nothing():
    async with stage(LOOK, tools=TOOLS, options=("conversation.synchronous=true",)) as it:
        it.post(TextTyped(text="Go"))
        await it.until_quiet()
        assert it.heard() == TOLD
        assert it.agent.dispatcher.speculator.kept == 0


@in_virtual_time
async def test_a_model_that_goes_round_in_circles_has_to_tell_what_it_knows():
    def script(prompt: str) -> str:
        return "The moon was seen." if prompt.count("moon seen") > 1 else call("look", what="moon")

    async with stage(script, tools=TOOLS, options=("thinking.chained_calls=20",)) as it:
        it.post(TextTyped(text="Go"))
        await it.until(it.heard)
        await it.until_quiet()
        grammars = [sampling.grammar for sampling in it.model.samplings]
        assert ['"look' in grammar for grammar in grammars] == [True, True, False]
        assert it.heard()[-1] == "The moon was seen."
        it.check()
