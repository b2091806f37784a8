"""Calls that need a yes: what is asked, when, and what counts as an answer."""

import asyncio

import pytest

from device.core.entries import (
    CallConfirmed,
    CallEnded,
    CallMade,
    CallQuestioned,
)
from device.core.events import StopPressed, TextTyped
from device.core.fsm import State
from device.runtime import tools as tools_module
from tests.runtime.errands import TOOLS, call, calls
from tests.runtime.stage import answers, stage, tools_of
from tests.virtual_time import in_virtual_time


def watering(**policy):
    watered = []

    async def water(context, plant: str) -> str:
        """Water a plant."""
        watered.append(plant)
        return f"{plant} watered"

    return watered, TOOLS | tools_of(water, confirm=True, **policy)


QUESTION = "Shall I water a plant: fern?"
WATER = answers(
    ("2 plants", calls(call("water", plant="fern"), call("water", plant="rose"))),
    ("fern watered", "The fern is wet."),
    ("rose watered", "The rose is wet."),
    ("Please water", call("water", plant="fern")),
    ("6 times", "Forty-two."),
    ("Look", call("look", what="moon", wait=0.1)),
    ("moon seen", "The moon was seen."),
)


@in_virtual_time
async def test_the_user_is_asked_in_the_programs_words_and_a_yes_lets_the_call_run():
    watered, tools = watering()
    async with stage(WATER, tools=tools) as it:
        await it.say("Please water the fern.")
        await it.until(lambda: it.heard() == ["", QUESTION])
        assert watered == []
        assert it.entries(CallQuestioned) == [CallQuestioned(call_id="c1", question=QUESTION)]
        await it.say("Yes, please.")
        await it.until_quiet()
        assert it.entries(CallConfirmed) == [CallConfirmed(call_id="c1")]
        assert watered == ["fern"]
        assert it.heard() == ["", QUESTION, "All right.", "The fern is wet."]


@pytest.mark.parametrize("no", ["No.", "Stop!", "Never mind."])
@in_virtual_time
async def test_a_no_cancels_the_call(no):
    watered, tools = watering()
    async with stage(WATER, tools=tools) as it:
        await it.say("Please water the fern.")
        await it.until(lambda: it.heard() == ["", QUESTION])
        await it.say(no)
        await it.until_quiet()
        assert it.entries(CallEnded) == [
            CallEnded(call_id="c1", status="cancelled", text="the user did not agree to it")
        ]
        assert watered == []
        # To "stop" nothing is said.
        assert it.heard() == ["", QUESTION, *([] if no == "Stop!" else ["All right, I won't."])]


@in_virtual_time
async def test_silence_is_no_consent():
    watered, tools = watering()
    async with stage(WATER, tools=tools) as it:
        await it.say("Please water the fern.")
        await it.until(lambda: it.heard() == ["", QUESTION])
        asked = asyncio.get_running_loop().time()
        await it.until_quiet()
        assert asyncio.get_running_loop().time() - asked == pytest.approx(tools_module.CONSENT_SECONDS, abs=0.5)
        assert it.entries(CallEnded)[0].status == "cancelled"
        await it.say("Yes.")
        await it.until_quiet()
        assert watered == []


@in_virtual_time
async def test_the_time_to_answer_begins_when_the_question_was_heard():
    watered, tools = watering()
    async with stage(WATER, tools=tools) as it:
        await it.say("Please water the fern.")
        await it.begin_to_say("What is six times seven?", seconds=25)
        await it.begin_to_say("", seconds=25)
        await it.begin_to_say("", seconds=25)
        await it.fall_silent()
        await it.until(lambda: QUESTION in it.heard())
        await it.say("Yes.")
        await it.until_quiet()
        assert watered == ["fern"]


@in_virtual_time
async def test_another_question_in_between_is_answered_and_the_yes_still_counts():
    watered, tools = watering()
    async with stage(WATER, tools=tools) as it:
        await it.say("Please water the fern.")
        await it.until(lambda: it.heard() == ["", QUESTION])
        await it.say("What is six times seven?")
        await it.until(lambda: len(it.heard()) == 3)
        await it.say("Yes.")
        await it.until_quiet()
        assert it.heard() == ["", QUESTION, "Forty-two.", "All right.", "The fern is wet."]
        assert watered == ["fern"]


@in_virtual_time
async def test_a_question_that_was_cut_off_is_asked_again():
    watered, tools = watering()
    async with stage(WATER, tools=tools) as it:
        await it.say("Please water the fern.")
        await it.until(lambda: it.state is State.EMITTING)
        await it.say("What is six times seven?")
        await it.until(lambda: it.heard()[-1] == QUESTION)
        cut_off = it.heard()[1]
        assert QUESTION.startswith(cut_off)
        assert cut_off != QUESTION
        assert it.heard()[2:] == ["Forty-two.", QUESTION]
        await it.say("Yes.")
        await it.until_quiet()
        assert watered == ["fern"]


@in_virtual_time
async def test_a_yes_that_came_before_the_question_was_heard_is_no_consent():
    watered, tools = watering()
    async with stage(WATER, tools=tools) as it:
        await it.say("Please water the fern.")
        await it.until(lambda: it.state is State.EMITTING)
        it.post(TextTyped(text="Yes."))
        await it.until(lambda: it.heard()[-1] == QUESTION)
        assert watered == []


@in_virtual_time
async def test_of_two_questions_each_has_an_answer_of_its_own():
    watered, tools = watering()
    async with stage(WATER, tools=tools) as it:
        await it.say("Please water two plants.")
        await it.until(lambda: it.heard() == ["", QUESTION])
        await asyncio.sleep(5)
        assert it.heard() == ["", QUESTION]
        await it.say("Yes.")
        await it.until(lambda: it.heard()[-1] == "Shall I water a plant: rose?")
        await it.say("No.")
        await it.until_quiet()
        assert watered == ["fern"]
        assert {ended.call_id: ended.status for ended in it.entries(CallEnded)} == {"c1": "done", "c2": "cancelled"}
        assert "The fern is wet." in it.heard()


@in_virtual_time
async def test_when_the_first_question_lapses_the_second_is_asked():
    watered, tools = watering()
    async with stage(WATER, tools=tools) as it:
        await it.say("Please water two plants.")
        await it.until(lambda: it.heard()[-1:] == ["Shall I water a plant: rose?"], seconds=100)
        await it.say("Yes.")
        await it.until_quiet()
        assert watered == ["rose"]


@in_virtual_time
async def test_a_question_that_nobody_can_be_asked_lapses(monkeypatch):
    monkeypatch.setattr(tools_module, "QUESTION_SECONDS", 30)
    watered, tools = watering()
    async with stage(WATER, tools=tools) as it:
        await it.say("Please water the fern.")
        await it.until(lambda: it.state is State.EMITTING)
        it.post(StopPressed())
        await it.until_quiet()
        assert it.entries(CallEnded)[0].status == "cancelled"
        assert watered == []


@in_virtual_time
async def test_results_come_before_a_question_so_that_the_answer_follows_it():
    _, tools = watering()
    async with stage(WATER, tools=tools) as it:
        await it.begin_to_say("Please water the fern.")
        it.agent.home.runner.start(CallMade(call_id="c1", turn=0, name="look", arguments={"what": "moon"}))
        it.agent.home.runner.start(CallMade(call_id="c2", turn=0, name="water", arguments={"plant": "fern"}))
        await asyncio.sleep(1.5)
        it.post(StopPressed())
        await it.fall_silent()
        await it.until(lambda: QUESTION in it.heard())
        assert it.heard() == ["The moon was seen.", QUESTION]


@in_virtual_time
async def test_a_task_cannot_ask_the_user_and_does_not_wait_to():
    watered, tools = watering()
    script = answers(
        ("Go", call("think", task="the fern")),
        ("the fern", call("water", plant="fern")),
        ("consent", "It may not."),
        ("may not", "I may not."),
    )
    async with stage(script, tools=tools) as it:
        await it.say("Go.")
        await it.until_quiet()
        (ended,) = it.entries(CallEnded, "k1")
        assert (ended.status, ended.text) == ("failed", "it needs the user's consent, and a task cannot ask for it")
        assert it.heard() == ["", "I may not."]
        assert watered == []


@in_virtual_time
async def test_nothing_is_said_if_what_asked_for_the_floor_was_taken_back_meanwhile():
    _, tools = watering()
    async with stage(WATER, tools=tools) as it:
        await it.begin_to_say("", seconds=1)
        it.agent.home.runner.start(CallMade(call_id="c1", turn=0, name="water", arguments={"plant": "fern"}))
        await asyncio.sleep(0.5)
        await it.agent.home.runner.cancel("c1")
        await it.fall_silent()
        await it.until_quiet()
        assert it.model.prompts == []
        assert "".join(it.heard()) == ""


@in_virtual_time
async def test_a_yes_into_the_last_words_of_the_question_is_the_answer():
    watered, tools = watering()
    async with stage(WATER, tools=tools) as it:
        await it.say("Please water the fern.")
        await it.until(lambda: it.heard() == [""] and it.state is State.EMITTING)
        await asyncio.sleep(0.3)
        await it.say("Yes.", seconds=0.2)
        await it.until_quiet()
        assert it.heard() == ["", QUESTION, "All right.", "The fern is wet."]
        assert watered == ["fern"]


@in_virtual_time
async def test_a_sign_of_listening_to_another_reply_is_no_consent():
    watered, tools = watering()
    script = answers(("story", "Once upon a time there was a fern."), ("Please water", call("water", plant="fern")))
    async with stage(script, tools=tools) as it:
        await it.say("Tell me a story.")
        await it.until(lambda: it.state is State.EMITTING)
        await it.say("Yes.", seconds=0.2)
        await it.until_quiet()
        await it.say("Please water the fern.")
        await it.until(lambda: QUESTION in it.heard())
        assert watered == []
