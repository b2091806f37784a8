"""A reply is prepared at a pause: kept if that was the end, else gone without a trace."""

import asyncio

import pytest

from device.core.entries import CallMade, ReplyEnded, ReplyStarted, UserSaid
from device.core.fsm import State
from device.ports import Urgency
from tests.runtime.agent import answers, scene

FORTY_TWO = answers(("6 times 7", "It is forty-two."), ("hello", "Hi."))


async def pause(it, words: str, *, blocks: int = 4) -> None:
    """The user says `words` and pauses, too shortly for an end."""
    it.recognizer.transcripts.append(words)
    await it.step(10, level=0.5)
    it.judge.complete = 0.0
    await it.step(blocks)
    await asyncio.sleep(0.02)


async def test_at_a_pause_the_reply_is_made_and_its_first_piece_synthesized_but_nobody_hears_or_remembers_it():
    async with scene(FORTY_TWO) as it:
        await pause(it, "What is six times seven?")
        assert it.state is State.LISTENING
        assert it.voice.said == ["It is forty-two."]
        assert it.loud_samples() == 0
        assert it.entries(UserSaid) == it.entries(ReplyStarted) == []


async def test_while_they_are_spoken_the_words_are_read_ahead_all_but_the_last_which_may_be_cut_short():
    async with scene(FORTY_TWO) as it:
        it.recognizer.transcripts.append("What is six times seven?")
        await it.step(16, level=0.5)
        await asyncio.sleep(0.02)
        read = it.model.decode(it.model._caches[1]).decode()
        assert read.rpartition("user")[2].strip().startswith("What is 6 times")
        assert "7" not in read.rpartition("user")[2]
        assert it.model.prompts == []


def whole_questions(signs):
    """The rule that whatever ends with a question mark is finished."""
    return 0.5 if (signs.text or "").endswith("?") else 0.0


async def test_words_that_may_be_all_are_answered_before_there_is_any_pause():
    async with scene(FORTY_TWO, rule=whole_questions) as it:
        it.recognizer.transcripts.append("What is six times seven?")
        await it.step(16, level=0.5)
        await asyncio.sleep(0.02)
        assert it.voice.said == ["It is forty-two."]
        assert it.loud_samples() == 0
        assert it.entries(UserSaid) == []
        await it.until_idle()
        assert len(it.model.prompts) == 1
        assert it.agent.dispatcher.speculator.kept == 1
        assert [reply.heard for reply in it.entries(ReplyEnded)] == ["It is forty-two."]


async def test_words_that_follow_what_might_have_been_all_leave_no_trace_of_its_answer():
    async with scene(FORTY_TWO, rule=whole_questions) as it:
        it.recognizer.transcripts.append("What is six times seven?")
        await it.step(16, level=0.5)
        await asyncio.sleep(0.02)
        it.recognizer._heard = "What is six times seven? And"
        await it.step(16, level=0.5)
        await asyncio.sleep(0.02)
        assert it.agent.dispatcher.speculator.dropped == 1
        it.recognizer._heard = "hello to you"
        await it.until_idle()
        assert it.entries(UserSaid) == [UserSaid(text="hello to you")]
        (reply,) = it.entries(ReplyEnded)
        assert reply.heard == "Hi."


async def test_when_the_turn_ends_with_these_words_the_prepared_reply_is_played_at_once():
    async with scene(FORTY_TWO) as it:
        await pause(it, "What is six times seven?")
        await it.until_idle()
        assert len(it.model.prompts) == 1
        assert it.agent.dispatcher.speculator.kept == 1
        (reply,) = it.entries(ReplyEnded)
        assert (reply.heard, reply.turn) == ("It is forty-two.", 1)
        assert it.voice.said == ["It is forty-two."]
        # What was the speculation's sequence is the dialogue's now.
        assert it.agent.home.sequence == 1
        assert it.model.urgencies[1] is Urgency.FOREGROUND
        assert it.model.urgencies[0] is Urgency.SPECULATIVE


@pytest.mark.parametrize("end", ["What is six times seven?", "hello"])
async def test_once_the_reply_is_under_way_nothing_but_the_dialogue_holds_cells_of_the_model(end):
    async with scene(FORTY_TWO) as it:
        await pause(it, "What is six times seven?")
        assert set(it.model._caches) == {0, 1}
        it.recognizer._heard = end
        it.judge.complete = 1.0
        await it.until_idle()
        assert set(it.model._caches) == {it.agent.home.sequence}


async def test_the_conversation_goes_on_over_several_kept_replies():
    async with scene(FORTY_TWO) as it:
        for _ in range(3):
            it.judge.complete = 1.0
            await it.hear("What is six times seven?")
            await it.until_idle()
        assert [reply.heard for reply in it.entries(ReplyEnded)] == ["It is forty-two."] * 3
        for earlier, later in zip(it.model.prompts, it.model.prompts[1:], strict=False):
            assert later.startswith(earlier)


async def test_when_the_user_goes_on_the_prepared_reply_leaves_no_trace():
    async with scene(FORTY_TWO) as it:
        await pause(it, "What is six times seven?")
        it.recognizer._heard = "What is six times seven, hello?"
        await it.step(6, level=0.5)
        assert it.agent.dispatcher.speculator.dropped == 1
        it.judge.complete = 1.0
        it.recognizer._heard = "hello"
        await it.step(40)
        await it.until_idle()
        assert it.entries(UserSaid) == [UserSaid(text="hello")]
        (reply,) = it.entries(ReplyEnded)
        assert reply.heard == "Hi."
        assert "forty-two" not in it.model.prompts[-1]


async def test_what_is_prepared_is_kept_when_the_voice_had_only_sunk_within_the_last_word():
    async with scene(FORTY_TWO) as it:
        await pause(it, "What is six times seven?")
        await it.step(6, level=0.5)
        it.judge.complete = 1.0
        await it.until_idle()
        assert it.agent.dispatcher.speculator.dropped == 0
        assert len(it.model.prompts) == 1
        assert [reply.heard for reply in it.entries(ReplyEnded)] == ["It is forty-two."]


async def test_tool_calls_wait_for_the_end_of_the_turn():
    async with scene(answers(("time", '{"name": "get_time", "arguments": {}}'), ("It is", "It is late."))) as it:
        await pause(it, "What time is it?")
        assert it.entries(CallMade) == []
        await it.until(lambda: len(it.entries(ReplyEnded)) == 2)
        assert [call.name for call in it.entries(CallMade)] == ["get_time"]


async def test_a_prepared_reply_that_broke_is_made_anew():
    async with scene(FORTY_TWO) as it:
        working, it.voice.synthesize = it.voice.synthesize, lambda text: 1 / 0
        await pause(it, "What is six times seven?")
        it.voice.synthesize = working
        await it.until_idle()
        assert it.entries(ReplyEnded)[-1].heard == "It is forty-two."


async def test_nothing_is_prepared_when_that_is_switched_off():
    async with scene(FORTY_TWO, options=("hearing.speculate=false",)) as it:
        await pause(it, "What is six times seven?")
        assert it.model.prompts == []
        await it.until_idle()
        assert it.entries(ReplyEnded)[-1].heard == "It is forty-two."


async def test_the_agent_ends_although_a_reply_is_prepared():
    async with scene(FORTY_TWO) as it:
        await pause(it, "What is six times seven?")
