"""Calls side by side: joined, cancelled, limited, and what is known of them meanwhile."""

import asyncio
import contextlib

import pytest

from device.core.entries import (
    CallEnded,
    CallMade,
    CallProgressed,
    CallsJoined,
    ContextClosed,
    OutputMalformed,
    ReplyStarted,
)
from tests.runtime.errands import NESTED, TOOLS, call, calls, look, wait_for
from tests.runtime.stage import answers, stage, tools_of
from tests.virtual_time import in_virtual_time

# --- joins of calls ---------------------------------------------------------------------------------------------------


@in_virtual_time
async def test_joined_calls_are_told_together_and_once():
    script = answers(
        ("Go", calls(call("look", what="moon"), call("look", what="sun", wait=3), call("wait_for", calls="c1 c2"))),
        ("sun seen", "The moon and the sun were seen."),
    )
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.entries(CallsJoined) == [CallsJoined(call_id="c3", call_ids=("c1", "c2"))]
        assert it.heard() == ["", "The moon and the sun were seen."]
        assert it.entries(ReplyStarted)[-1].call_ids == ("c3",)
        assert it.entries(CallEnded)[-1].text == "look: moon seen; look: sun seen."


@in_virtual_time
async def test_a_result_that_was_joined_twice_is_told_once_by_the_last():
    joins = [call("wait_for", calls="c1 c2"), call("wait_for", calls="c1 c2 c3")]
    script = answers(
        ("Go", calls(call("look", what="moon", wait=3), call("look", what="sun", wait=3), *joins)),
        ("sun seen", "The moon and the sun were seen."),
    )
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.entries(CallEnded)[-1].text == (
            "look: moon seen; look: sun seen; wait for: They are told together with others."
        )
        assert it.heard() == ["", "The moon and the sun were seen."]


@in_virtual_time
async def test_of_joined_results_that_are_too_long_together_each_is_told_in_part():
    async def recite(context, word: str) -> str:
        """Recite."""
        return f"{word} " * 100

    script = answers(
        ("Go", calls(call("recite", word="moon"), call("recite", word="sun"), call("wait_for", calls="c1 c2"))),
    )
    tools = tools_of(recite) | tools_of(wait_for, most_characters=100)
    async with stage(script, tools=tools) as it:
        await it.say("Go.")
        await it.until_quiet()
        (text,) = (entry.text for entry in it.entries(CallEnded) if entry.call_id == "c3")
        assert len(text) <= 100
        assert "recite: moon moon" in text
        assert "recite: sun sun" in text


@in_virtual_time
async def test_a_join_of_what_has_ended_ends_at_once():
    script = answers(
        ("Go", "Wait. " + call("look", what="moon")), ("Join", call("wait_for", calls="c1")), ("moon", "The moon.")
    )
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        await it.say("Join it.")
        await it.until_quiet()
        assert it.entries(CallEnded)[-1] == CallEnded(call_id="c2", status="done", text="look: moon seen.")


@in_virtual_time
async def test_a_join_that_could_never_end_is_refused_with_the_circle_named():
    async def patient(context, calls: str) -> str:
        """Wait a little, then for others."""
        await asyncio.sleep(1)
        return await context.work.join(tuple(calls.split()))

    script = answers(
        ("Go", calls(call("patient", calls="c2"), call("wait_for", calls="c1"))), ("wait for ever", "A circle.")
    )
    async with stage(script, tools=TOOLS | tools_of(patient)) as it:
        await it.say("Go.")
        await it.until_quiet()
        first, second = it.entries(CallEnded)
        circle = "That would wait for ever: main/c1 waits for main/c2 waits for main/c1."
        assert first == CallEnded(call_id="c1", status="failed", text=circle)
        assert second.status == "done"
        assert second.text == f"patient failed: {circle}"
        assert it.heard() == ["", "A circle."]


@pytest.mark.parametrize(
    ("wanted", "why"),
    [("c9", "There is no task c9."), ("", "There is nothing to wait for."), ("c1", "main/c1 waits for main/c1")],
)
@in_virtual_time
async def test_a_join_of_nothing_of_strangers_and_of_itself_is_refused(wanted, why):
    async with stage(answers(("Go", call("wait_for", calls=wanted)), ("fail", "No.")), tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        (ended,) = it.entries(CallEnded)
        assert ended.status == "failed"
        assert why in ended.text


@in_virtual_time
async def test_what_a_cancelled_join_was_to_tell_is_told_without_it():
    script = answers(
        ("Go", calls(call("look", what="moon"), call("look", what="sun", wait=50), call("wait_for", calls="c1 c2"))),
        ("Cancel", call("cancel", call_id="c3")),
        ("moon seen", "The moon was seen."),
        ("cancelled it", "Cancelled."),
        ("sun seen", "The sun was seen."),
    )
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await asyncio.sleep(3)
        assert it.heard() == [""]
        await it.say("Cancel that.")
        await it.until_quiet()
        assert it.entries(CallEnded)[1].status == "cancelled"
        everything = " ".join(it.heard())
        assert everything.count("The moon was seen.") == 1
        assert everything.count("The sun was seen.") == 1


@in_virtual_time
async def test_what_a_cancelled_join_was_to_tell_is_told_even_if_nobody_speaks():
    script = answers(
        ("Go", calls(call("look", what="moon"), call("look", what="sun", wait=50), call("wait_for", calls="c1 c2"))),
        ("moon seen", "The moon was seen."),
        ("sun seen", "The sun was seen."),
    )
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await asyncio.sleep(3)
        await it.agent.home.runner.cancel("c3")
        await it.until(lambda: it.heard()[-1] == "The moon was seen.", seconds=10)
        await it.until_quiet()
        assert it.heard() == ["", "The moon was seen.", "The sun was seen."]


@in_virtual_time
async def test_a_join_that_times_out_gives_its_results_back_even_if_nobody_speaks():
    script = answers(
        ("Go", calls(call("look", what="moon"), call("look", what="sun", wait=50), call("wait_for", calls="c1 c2"))),
        ("moon seen", "The moon was seen, but the wait timed out."),
        ("sun seen", "The sun was seen."),
    )
    async with stage(script, tools=tools_of(look, timeout_seconds=100) | tools_of(wait_for, timeout_seconds=5)) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.heard() == ["", "The moon was seen, but the wait timed out.", "The sun was seen."]


# --- cancelling -------------------------------------------------------------------------------------------------------


@in_virtual_time
async def test_to_cancel_a_call_ends_its_child_and_grandchildren_the_deepest_first():
    async with stage(NESTED, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until(lambda: len(it.entries(CallMade, "k2")) == 1)
        it.check()
        await it.say("Cancel that.")
        await it.until_quiet()
        ends = [(context, type(entry).__name__, entry.status) for context, entry in it.order(CallEnded, ContextClosed)]
        assert ends == [
            ("k2", "CallEnded", "cancelled"),
            ("k2", "ContextClosed", "cancelled"),
            ("k1", "CallEnded", "cancelled"),
            ("k1", "ContextClosed", "cancelled"),
            ("main", "CallEnded", "cancelled"),
            ("main", "CallEnded", "done"),
        ]
        assert it.agent.contexts.open_contexts() == 0
        assert it.heard() == ["", "", "Cancelled."]
        it.check()


@in_virtual_time
async def test_the_places_of_cancelled_children_are_free_again():
    async with stage(NESTED, tools=TOOLS, options=("tasks.children=2",)) as it:
        for _ in range(3):
            await it.say("Go.")
            await it.until(lambda: it.agent.contexts.open_contexts() == 2)
            await it.agent.home.runner.cancel(it.agent.home.runner.open_calls()[0].call_id)
        assert len(it.agent.contexts._free) == 2
        assert len(it.agent.contexts._waits) == 0
        assert set(it.model._caches) <= {0, 1}  # the dialogue's and the speculation's


@in_virtual_time
async def test_a_cancelled_call_is_not_told_by_itself_but_read_once():
    async with stage(NESTED, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until(lambda: len(it.entries(CallMade, "k2")) == 1)
        await it.agent.home.runner.cancel("c1")
        await it.until_quiet()
        await asyncio.sleep(10)
        assert len(it.entries(ReplyStarted)) == 1
        for _ in range(3):
            await it.say("Hello.")
            await it.until_quiet()
        assert it.heard() == ["", "Hi.", "Hi.", "Hi."]
        assert it.model.prompts[-1].count("think was cancelled") == 1


@in_virtual_time
async def test_a_call_that_is_cancelled_before_it_began_is_recorded_all_the_same():
    async with stage(answers(("Go", call("look", what="moon"))), tools=TOOLS) as it:
        runner = it.agent.home.runner
        runner.start(CallMade(call_id="c1", turn=0, name="look", arguments={"what": "moon"}))
        await runner.cancel("c1")
        assert it.entries(CallEnded)[0].status == "cancelled"
        assert not await runner.cancel("c1")


@in_virtual_time
async def test_a_call_that_is_cancelled_twice_ends_once():
    async def stubborn(context) -> str:
        """Clean up slowly."""
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(1)
        return ""

    async with stage(answers(("Go", call("stubborn"))), tools=tools_of(stubborn, timeout_seconds=300)) as it:
        await it.say("Go.")
        await it.until(lambda: bool(it.agent.home.runner.open_calls()))
        began = asyncio.get_running_loop().time()
        assert await asyncio.gather(*(it.agent.home.runner.cancel("c1") for _ in range(3))) == [True] * 3
        assert len(it.entries(CallEnded)) == 1
        assert asyncio.get_running_loop().time() - began == pytest.approx(1)


@in_virtual_time
async def test_a_tool_that_ignores_its_cancellation_is_left_behind_after_the_grace():
    async def deaf(context) -> str:
        """Ignore everything."""
        until = asyncio.get_running_loop().time() + 100
        while asyncio.get_running_loop().time() < until:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(1)
        return "late"

    async with stage(
        answers(("Go", call("deaf")), ("timed out", "No.")), tools=tools_of(deaf, timeout_seconds=5)
    ) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert [ended.status for ended in it.entries(CallEnded)] == ["timed_out"]
        assert asyncio.get_running_loop().time() < 12
        await asyncio.sleep(120)
        assert len(it.entries(CallEnded)) == 1


@in_virtual_time
async def test_a_call_is_told_of_the_others_and_not_of_itself():
    async def count(context) -> str:
        """Count."""
        context.report("3 of 10")
        await asyncio.sleep(10)
        return "ten"

    script = answers(("Go", call("count")), ("What", call("working_on")), ("3 of 10", "Counting."), ("ten", "Ten."))
    async with stage(script, tools=TOOLS | tools_of(count, timeout_seconds=60)) as it:
        await it.say("Go.")
        await it.say("What are you working on?")
        await it.until(lambda: len(it.entries(CallEnded)) == 1)
        assert it.entries(CallEnded)[0].text == "c1 count 3 of 10"


# --- how many at once -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duplicates", "statuses"),
    [("allow", ["done", "done"]), ("replace", ["cancelled", "done"]), ("reject", ["failed", "done"])],
)
@in_virtual_time
async def test_two_calls_that_are_the_same(duplicates, statuses):
    script = answers(("Go", calls(call("look", what="moon"), call("look", what="moon"))), ("seen", "Seen."))
    async with stage(script, tools=tools_of(look, duplicates=duplicates)) as it:
        await it.say("Go twice.")
        await it.until_quiet()
        assert [ended.status for ended in it.entries(CallEnded)] == statuses
        assert it.heard()[-1] == "Seen."


@in_virtual_time
async def test_a_model_that_repeats_itself_calls_once():
    script = answers(("Go", calls(call("look", what="moon"), call("look", what="moon"))), ("seen", "Seen."))
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert len(it.entries(CallMade)) == len(it.entries(OutputMalformed)) == 1
        assert it.heard() == ["", "Seen."]


@in_virtual_time
async def test_calls_with_other_arguments_are_no_duplicates():
    script = answers(("Go", calls(call("look", what="moon"), call("look", what="sun"))), ("seen", "Seen."))
    async with stage(script, tools=tools_of(look, duplicates="reject")) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert [ended.status for ended in it.entries(CallEnded)] == ["done", "done"]


@in_virtual_time
async def test_no_more_calls_of_a_tool_run_at_once_than_its_policy_says_in_all_contexts_together():
    at_once, most = 0, 0

    async def dig(context, hole: str) -> str:
        """Dig."""
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(1)
        at_once -= 1
        return f"{hole} dug"

    script = answers(
        ("Go", calls(*(call("dig", hole=str(n)) for n in range(3)), call("think", task="more holes"))),
        ("more holes", calls(*(call("dig", hole=str(n)) for n in range(3, 6)))),
        ("dug", "Dug."),
    )
    async with stage(script, tools=TOOLS | tools_of(dig, at_once=2, timeout_seconds=60)) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert most == 2
        assert [ended.status for ended in it.entries(CallEnded, None)] == ["done"] * 7


@in_virtual_time
async def test_a_call_that_waits_for_its_place_can_be_cancelled():
    script = answers(("Go", calls(call("look", what="moon", wait=50), call("look", what="sun", wait=1))))
    async with stage(script, tools=tools_of(look, at_once=1, timeout_seconds=100)) as it:
        await it.say("Go.")
        await it.until(lambda: len(it.entries(CallMade)) == 2)
        await it.agent.home.runner.cancel("c2")
        await it.agent.home.runner.cancel("c1")
        assert [ended.call_id for ended in it.entries(CallEnded)] == ["c2", "c1"]
        assert not it.agent.home.runner.open_calls()


# --- progress ---------------------------------------------------------------------------------------------------------


@in_virtual_time
async def test_progress_is_what_the_model_reads_of_a_call_that_runs():
    async def count(context) -> str:
        """Count."""
        for number in range(1, 10):
            context.report(f"{number}\x07 of\n10")
            await asyncio.sleep(0.55)
        return "ten"

    script = answers(("Go", "Counting. " + call("count")), ("How far", "Soon."), ("ten", "Ten."))
    async with stage(script, tools=tools_of(count, timeout_seconds=60)) as it:
        await it.say("Go.")
        await it.until(lambda: len(it.entries(CallProgressed)) == 2)
        await it.say("How far are you?")
        await it.until_quiet()
        # Faster than once a second is not worth a record.
        assert [entry.text for entry in it.entries(CallProgressed)] == [
            "1 of 10",
            "3 of 10",
            "5 of 10",
            "7 of 10",
            "9 of 10",
        ]
        assert "count: running, 3 of 10" in it.model.prompts[1]
