"""What a tool says in a sentence of its own, and what rings, is told word for word, at once and without the model."""

import asyncio

from device.core.entries import CallEnded, ReplyEnded, ReplyStarted
from device.core.events import StopPressed
from device.core.fsm import State
from device.errors import GenerationError, ToolError
from tests.runtime.errands import call, calls, look
from tests.runtime.stage import Stage, answers, newest, stage, tools_of
from tests.virtual_time import in_virtual_time


async def add(context, item: str) -> str:
    """Add something to the list."""
    if item == "something":
        raise ToolError("Ask the user what.")
    return f"{item} is on the list"


async def timer(context, seconds: float) -> str:
    """Set a timer."""
    await context.alarms.set(seconds, "tea")
    return "The timer is set."


TOOLS = tools_of(add, timer, sentence=True) | tools_of(look)


def told_by_the_model(it: Stage) -> list[str]:
    """The newest message of each prompt that news stands in."""
    return [newest(prompt) for prompt in it.model.prompts if "<tool_response>" in newest(prompt)]


@in_virtual_time
async def test_a_sentence_is_told_word_for_word_and_the_model_is_not_asked():
    async with stage(answers(("milk", call("add", item="milk")), ("list", "no!")), tools=TOOLS) as it:
        await it.say("milk")
        await it.until_quiet()
        assert it.heard() == ["", "Milk is on the list."]
        assert told_by_the_model(it) == []
        assert it.entries(CallEnded)[0].sentence


@in_virtual_time
async def test_several_are_told_in_one_reply():
    both = calls(call("add", item="milk"), call("add", item="bread"))
    async with stage(answers(("Go", both)), tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.heard() == ["", "Milk is on the list. Bread is on the list."]
        assert it.entries(ReplyStarted)[-1].call_ids == ("c1", "c2")


@in_virtual_time
async def test_what_is_left_the_model_tells_after_it_in_the_same_reply():
    both = "One moment, please. " + calls(call("add", item="milk"), call("look", what="moon", wait=0))
    async with stage(answers(("Go", both), ("moon seen", " The moon was seen.")), tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.heard() == ["One moment, please.", "Milk is on the list.\nThe moon was seen."]


@in_virtual_time
async def test_what_went_wrong_is_for_the_model():
    script = answers(("Add", call("add", item="something")), ("Ask the user", "What shall I add?"))
    async with stage(script, tools=TOOLS) as it:
        await it.say("Add something.")
        await it.until_quiet()
        assert it.heard() == ["", "What shall I add?"]


@in_virtual_time
async def test_the_model_reads_what_was_said_for_it_and_its_next_prompt_goes_on_from_there():
    async with stage(answers(("milk", call("add", item="milk")), ("Hello", "Hi.")), tools=TOOLS) as it:
        await it.say("milk")
        await it.until_quiet()
        read = it.model.counters().tokens_computed
        await it.say("Hello.")
        await it.until_quiet()
        assert it.heard()[-1] == "Hi."
        prompt = it.model.prompts[-1]
        assert "Milk is on the list.<|im_end|>" in prompt
        computed = it.model.counters().tokens_computed - read
        assert computed < len(prompt.partition("Milk is on the list.")[2]) + len("Hi.") + 10


@in_virtual_time
async def test_an_interrupted_sentence_is_kept_as_far_as_it_was_heard_and_told_again():
    sentence = "Milk and bread and butter and eggs is on the list."
    script = answers(("milk", call("add", item="milk and bread and butter and eggs")), ("Hello", "Hi."))
    async with stage(script, tools=TOOLS) as it:
        await it.say("milk and bread and butter and eggs")
        await it.until(lambda: it.state is State.EMITTING)
        await asyncio.sleep(0.3)
        it.post(StopPressed())
        await it.say("Hello.")
        await it.until_quiet()
        _, first, hello, again = it.entries(ReplyEnded)
        assert first.interrupted
        assert 0 < len(first.heard) < len(sentence)
        assert sentence.startswith(first.heard)
        assert [hello.heard, again.heard] == ["Hi.", sentence]


@in_virtual_time
async def test_a_timer_rings_in_words_that_are_surely_right_even_if_the_model_is_broken():
    broken = False

    def script(prompt: str) -> str:
        if broken:
            raise GenerationError("The weights are gone.")
        return call("timer", seconds=30) if "tea" in newest(prompt) else "no!"

    async with stage(script, tools=TOOLS) as it:
        await it.say("tea")
        await it.until_quiet()
        broken = True
        await it.until(lambda: len(it.heard()) == 3)
        assert it.heard()[1:] == ["The timer is set.", "The 30 second timer for tea is over."]
