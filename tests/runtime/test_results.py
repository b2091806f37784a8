"""Results are told when the floor is free, together, never lost and never twice."""

import asyncio

from device.core.entries import (
    CallEnded,
    CallProgressed,
    PieceHeard,
    ReplyEnded,
    ReplyStarted,
)
from device.core.events import ResultsArrived, StopPressed, TextTyped
from device.core.fsm import State
from device.errors import GenerationError
from tests.runtime.errands import STORY, TOOLS, call, calls
from tests.runtime.stage import answers, newest, stage, tools_of
from tests.virtual_time import in_virtual_time

LEAD = "One moment, I am going to look for both of them now."
MOON, SUN = "The moon was seen just now over there.", "The sun was seen as well somewhere."
MOON_AND_SUN = answers(
    # They come while the reply that called for them is heard.
    ("Go", LEAD + calls(call("look", what="moon", wait=0.1), call("look", what="sun", wait=0.1))),
    ("Soon", calls(call("look", what="moon", wait=2), call("look", what="sun", wait=2))),
    ("moon seen", f"{MOON} {SUN}"),
    ("sun seen", SUN),
    ("6 times", "Forty-two."),
    ("Hello", "Hi."),
)


@in_virtual_time
async def test_results_that_come_while_the_user_speaks_wait_for_the_floor_and_come_together():
    async with stage(MOON_AND_SUN, tools=TOOLS) as it:
        await it.say("Soon.")
        await it.until(lambda: it.state is State.IDLE)
        await it.begin_to_say("What is six times seven?", seconds=4)
        assert len(it.entries(CallEnded)) == 2
        assert it.state is State.LISTENING
        await it.fall_silent()
        await it.until_quiet()
        # The answer ignored them.
        assert it.heard() == ["", "Forty-two.", f"{MOON} {SUN}"]
        assert [started.call_ids for started in it.entries(ReplyStarted)] == [(), ("c1", "c2"), ("c1", "c2")]


@in_virtual_time
async def test_a_result_that_the_answer_to_the_user_mentions_is_not_told_again():
    def script(prompt: str) -> str:
        if "Hello" in newest(prompt):
            return "Hi. The moon was seen, and the sun was seen."
        return MOON_AND_SUN(prompt)

    async with stage(script, tools=TOOLS) as it:
        await it.say("Soon.")
        await it.begin_to_say("Hello.", seconds=4)
        await it.fall_silent()
        await it.until_quiet()
        assert it.heard() == ["", "Hi. The moon was seen, and the sun was seen."]


@in_virtual_time
async def test_of_two_results_that_were_cut_off_after_the_first_only_the_second_is_told_again():
    async with stage(MOON_AND_SUN, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until(lambda: it.heard() == [LEAD] and it.state is State.EMITTING)
        await asyncio.sleep(0.65)
        await it.say("What is six times seven?")
        await it.until_quiet()
        heard = it.heard()[1]
        assert heard.startswith("The moon was seen")
        assert "sun" not in heard
        assert it.heard()[2:] == ["Forty-two.", SUN]
        assert [started.call_ids for started in it.entries(ReplyStarted)] == [(), ("c1", "c2"), ("c2",), ("c2",)]


@in_virtual_time
async def test_a_result_that_was_cut_off_before_its_words_is_told_again():
    async with stage(MOON_AND_SUN, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until(lambda: it.heard() == [LEAD] and it.state is State.EMITTING)
        await it.say("What is six times seven?", seconds=0.3)
        await it.until_quiet()
        assert it.heard()[1] in {"", "The"}
        assert it.heard()[2:] == ["Forty-two.", f"{MOON} {SUN}"]


@in_virtual_time
async def test_a_result_that_was_cut_off_after_its_words_is_not_told_again():
    long = "The moon was seen. " + STORY
    script = answers(("Go", call("look", what="moon")), ("moon seen", long), ("6 times", "Forty-two."))
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until(lambda: it.state is State.EMITTING)
        await asyncio.sleep(1)
        await it.say("What is six times seven?")
        await it.until_quiet()
        assert it.heard()[1].startswith("The moon was seen.")
        assert it.heard()[2:] == ["Forty-two."]


@in_virtual_time
async def test_a_result_whose_sentence_the_model_had_not_written_yet_is_told_again():
    slowly = "The moon was seen. Now I shall see what else there is for you to know today. The sun was seen."

    def script(prompt: str) -> str:
        return slowly if "moon seen" in newest(prompt) else MOON_AND_SUN(prompt)

    async with stage(script, tools=TOOLS, token_seconds=0.02) as it:
        await it.say("Go.")
        await it.until(lambda: any("moon" in piece.text for piece in it.entries(PieceHeard)))
        it.post(TextTyped(text="What is six times seven?"))
        await it.until_quiet()
        _, cut_off, *later = it.entries(ReplyEnded)
        assert cut_off.unfinished
        assert cut_off.heard.strip() == "The moon was seen."
        assert "sun" not in cut_off.generated
        assert [reply.heard for reply in later] == ["Forty-two.", SUN]


@in_virtual_time
async def test_what_the_user_stopped_comes_with_the_next_reply_and_not_by_itself():
    async with stage(MOON_AND_SUN, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until(lambda: it.heard() == [LEAD] and it.state is State.EMITTING)
        it.post(StopPressed())
        await it.until_quiet()
        await asyncio.sleep(30)
        assert len(it.heard()) == 2
        await it.say("Hello.")
        await it.until_quiet()
        assert it.heard()[2:] == ["Hi.", f"{MOON} {SUN}"]


@in_virtual_time
async def test_a_result_that_was_cut_off_by_the_end_of_the_process_is_told_by_the_next():
    async with stage(MOON_AND_SUN, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until(lambda: it.heard() == [LEAD] and it.state is State.EMITTING)
        crashed = it.ledger.records()
        assert it.agent.dialogue.conversation.open_turn is not None
    async with stage(MOON_AND_SUN, tools=TOOLS, records=crashed) as again:
        await again.until_quiet()
        assert again.heard()[-1] == f"{MOON} {SUN}"
        assert again.entries(ReplyEnded)[1].interrupted
        again.check()


@in_virtual_time
async def test_a_model_that_fails_to_tell_is_not_asked_for_ever_and_tells_it_later():
    failing = [True]

    def script(prompt: str) -> str:
        if "seen" in newest(prompt) and failing:
            raise GenerationError("The weights are gone.")
        return MOON_AND_SUN(prompt)

    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.heard() == [LEAD, ""]
        failing.clear()
        await it.say("Hello.")
        await it.until_quiet()
        assert it.heard()[2:] == ["Hi.", f"{MOON} {SUN}"]


@in_virtual_time
async def test_a_result_that_the_sound_cards_loss_cut_off_is_told_when_it_is_back():
    async with stage(MOON_AND_SUN, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until(lambda: it.heard() == [LEAD] and it.state is State.EMITTING)
        it.audio.unplug()
        await it.until(lambda: it.state is State.IDLE)
        await asyncio.sleep(5)
        it.audio.missing = False
        await it.until(lambda: it.audio.is_open)
        await it.until(lambda: len(it.heard()) == 3)
        assert it.heard()[-1] == f"{MOON} {SUN}"


@in_virtual_time
async def test_a_tool_that_tells_too_much_is_cut_to_what_its_policy_says():
    async def flood(context) -> str:
        """Flood."""
        for _ in range(10_000):
            context.report("more")
        return "water " * 100_000

    script = answers(("Go", call("flood")), ("water", "A flood."))
    async with stage(script, tools=tools_of(flood, most_characters=100)) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert len(it.entries(CallEnded)[0].text) <= 102
        assert len(it.entries(CallProgressed)) == 1
        assert it.heard()[-1] == "A flood."


@in_virtual_time
async def test_results_that_need_not_be_told_make_no_reply():
    async with stage(MOON_AND_SUN, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        started = len(it.entries(ReplyStarted))
        for call_ids in (("c1",), ("c1", "c2"), ("c9",)):
            it.post(ResultsArrived(call_ids=call_ids))
            await it.until_quiet()
        assert len(it.entries(ReplyStarted)) == started
        await it.say("Hello.")
        await it.until_quiet()
        assert it.heard()[-1] == "Hi."
