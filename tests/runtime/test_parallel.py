"""Thinking in parallel, told as short scripts that end in the ledger."""

import asyncio

from device.core.entries import (
    CallEnded,
    CallMade,
    ContextClosed,
    ContextOpened,
    ReplyStarted,
)
from device.core.fsm import State
from device.core.prompt.words import TASK
from device.errors import Conflict, GenerationError, ToolError
from device.ports import Urgency
from device.runtime import tools as tools_module
from tests.runtime.errands import NESTED, STORY, TOOLS, call, calls
from tests.runtime.stage import answers, newest, stage, tools_of
from tests.virtual_time import in_virtual_time

# --- fork and spawn ---------------------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_fork_knows_all_that_its_parent_knows_and_its_cache_is_the_parents():
    script = answers(
        ("my name is Ada", "Hello Ada."),
        ("Think", "I will. " + call("think", task="a rhyme on the name")),
        ("a rhyme on the name", "Ada likes a radar."),
        ("a radar", "It is: Ada likes a radar."),
    )
    async with stage(script, tools=TOOLS) as it:
        await it.say("Hello, my name is Ada.")
        await it.until_quiet()
        await it.say("Think about a rhyme.")
        await it.until_quiet()
        parent, child, told = it.model.prompts[1:]
        # All that was said so far, and the task; the reply that called for it is still being written.
        assert child.startswith(parent.removesuffix("<|im_start|>assistant\n"))
        assert "my name is Ada" in child
        assert "a rhyme on the name" in newest(child)
        assert [parent for parent, child in it.forks if child > 1] == [0]
        assert "Ada likes a radar." in newest(told)
        (opened,) = it.entries(ContextOpened, "k1")
        assert (opened.parent, opened.call_id, opened.task) == ("main", "c1", "a rhyme on the name")
        assert opened.inherits_id > 0
        assert it.heard()[-1] == "It is: Ada likes a radar."
        it.check()


@in_virtual_time
async def test_a_spawn_knows_only_the_fixed_part_and_what_it_is_given():
    script = answers(
        ("my name is Ada", "Hello Ada."),
        ("Find out", call("research", task="how old is she", given="She was born in 1815.")),
        ("how old is she", "She is very old."),
        ("very old", "Very old."),
    )
    async with stage(script, tools=TOOLS) as it:
        fixed = it.model.text(it.agent.dialogue.fixed_prompt()).removesuffix("<|im_start|>assistant\n")
        await it.say("Hello, my name is Ada.")
        await it.until_quiet()
        await it.say("Find out how old.")
        await it.until_quiet()
        child = it.model.prompts[2]
        assert child.startswith(fixed)
        assert "Ada" not in child.removeprefix(fixed)
        assert child.removeprefix(fixed).count("<|im_start|>") == 2
        assert "She was born in 1815." in newest(child)
        (opened,) = it.entries(ContextOpened, "k1")
        assert (opened.inherits_id, opened.given) == (0, "She was born in 1815.")


@in_virtual_time
async def test_the_result_of_a_child_is_one_notification_to_its_parent():
    script = answers(
        ("Go", "One moment. " + call("think", task="the moon")),
        ("the moon", "The moon\nis  full."),
        ("moon is full", "The moon is full."),
    )
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.heard() == ["One moment.", "The moon is full."]
        assert it.entries(CallEnded) == [CallEnded(call_id="c1", status="done", text="The moon is full.")]
        assert it.entries(ContextClosed, "k1")[0].status == "done"
        assert it.entries(ContextClosed, "k1")[0].generated_tokens == len("The moon\nis  full.")
        assert [started.call_ids for started in it.entries(ReplyStarted)] == [(), ("c1",)]


@in_virtual_time
async def test_a_childs_calls_are_recorded_in_its_own_context():
    script = answers(
        ("Go", call("think", task="find the moon")),
        ("find the moon", calls(call("look", what="east"), call("look", what="west", wait=2))),
        ("west seen", "Nothing in the east, but in the west."),
        ("in the west", "It is in the west."),
    )
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert [made.name for made in it.entries(CallMade)] == ["think"]
        assert [made.name for made in it.entries(CallMade, "k1")] == ["look", "look"]
        assert [ended.text for ended in it.entries(CallEnded, "k1")] == ["east seen", "west seen"]
        assert len(it.entries(ReplyStarted, "k1")) == 2
        assert it.entries(ReplyStarted, "k1")[1].call_ids == ("c1", "c2")
        assert it.heard() == ["", "It is in the west."]


@in_virtual_time
async def test_a_child_says_its_words_to_nobody_but_its_parent():
    script = answers(("Go", call("think", task="the moon")), ("the moon", "Secret."), ("Secret", "Told."))
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.heard() == ["", "Told."]
        assert it.agent.contexts.open_contexts() == 0


@in_virtual_time
async def test_two_children_think_side_by_side_and_are_joined():
    script = answers(
        ("Go", call("both", first="the sun", second="the moon")),
        ("the sun", call("look", what="sun", wait=5)),
        ("the moon", call("look", what="moon", wait=5)),
        ("sun seen and", "Both were seen."),
        ("sun seen", "sun seen"),
        ("moon seen", "moon seen"),
    )
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        began = asyncio.get_running_loop().time()
        await it.until_quiet()
        assert it.heard() == ["", "Both were seen."]
        assert asyncio.get_running_loop().time() - began < 8
        it.check()


@in_virtual_time
async def test_a_join_fails_as_soon_as_one_of_its_children_does():
    script = answers(
        ("Go", call("both", first="nothing at all", second="the moon")),
        ("nothing at all", ""),
        ("the moon", call("look", what="moon", wait=100)),
        ("no result", "It failed."),
    )
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.entries(CallEnded) == [CallEnded(call_id="c1", status="failed", text="It came to no result.")]
        assert [entry.status for entry in it.entries(ContextClosed, None)] == ["failed", "cancelled"]
        assert asyncio.get_running_loop().time() < 10


@in_virtual_time
async def test_children_of_children_work_and_end_before_their_parents():
    script = answers(
        ("Go", call("think", task="outer task")),
        ("outer task", call("think", task="inner task")),
        ("inner task", call("look", what="core")),
        ("core seen", "It is red."),
        ("It is red", "Red it is."),
        ("Red it is", "The core is red."),
    )
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.entries(ContextOpened, "k2")[0].parent == "k1"
        assert [context for context, _ in it.order(ContextClosed)] == ["k2", "k1"]
        assert it.heard()[-1] == "The core is red."
        it.check()


# --- their bounds -----------------------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_child_may_not_go_deeper_than_the_configuration_says():
    script = answers(
        ("Go", call("think", task="outer task")),
        ("outer task", call("think", task="inner task")),
        ("itself part of a task", "Refused."),
        ("Refused", "It was refused."),
    )
    async with stage(script, tools=TOOLS, options=("tasks.depth=1",)) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.entries(CallEnded, "k1")[0].text.startswith("This task is itself part of a task")
        assert it.heard()[-1] == "It was refused."


@in_virtual_time
async def test_there_are_no_more_children_at_once_than_the_configuration_says():
    script = answers(
        ("Go", calls(*(call("think", task=f"part {n}") for n in range(3)))),
        ("part", call("look", what="it", wait=20)),
        ("it seen", "Fine."),
        ("tasks at work", "Too many."),
        ("Fine", "All done."),
    )
    async with stage(script, tools=TOOLS, options=("tasks.children=2",)) as it:
        await it.say("Go.")
        await it.until_quiet()
        first, *others = it.entries(CallEnded)
        assert first == CallEnded(
            call_id="c3", status="failed", text="There are 2 tasks at work already; wait for one, or cancel it."
        )
        assert [ended.status for ended in others] == ["done", "done"]
        # Their places are free again.
        await it.say("Go.")
        await it.until_quiet()
        assert len(it.entries(ContextClosed, None)) == 4


@in_virtual_time
async def test_a_child_that_uses_up_its_tokens_ends_and_says_so():
    script = answers(("Go", call("think", task="ramble")), ("ramble", "bla " * 100), ("used up", "Too long."))
    async with stage(script, tools=TOOLS, options=("tasks.max_tokens=50",)) as it:
        await it.say("Go.")
        await it.until_quiet()
        (ended,) = it.entries(CallEnded)
        assert (ended.status, ended.text) == ("failed", "It used up its 50 tokens before it came to a result.")
        assert it.heard()[-1] == "Too long."


@in_virtual_time
async def test_a_child_whose_time_is_over_ends_with_all_that_it_began():
    script = answers(
        ("Go", call("think", task="the moon")),
        ("the moon", call("look", what="it", wait=100)),
        ("over", "Too slow."),
    )
    async with stage(script, tools=TOOLS, options=("tasks.seconds=5",)) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.entries(CallEnded, "k1")[0].status == "cancelled"
        assert it.entries(ContextClosed, "k1")[0].status == "timed_out"
        assert it.entries(CallEnded)[0].text == "its 5 seconds were over"
        assert it.heard()[-1] == "Too slow."


@in_virtual_time
async def test_a_child_that_goes_on_calling_comes_to_an_end():
    def script(prompt: str) -> str:
        if "Go" in newest(prompt):
            return call("think", task="the moon")
        return "Never." if "8 steps" in newest(prompt) else call("look", what="it", wait=0.1)

    async with stage(script, tools=TOOLS, options=("thinking.chained_calls=20",)) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.entries(CallEnded)[0].text == "It had come to no result after 8 steps."
        assert len(it.entries(CallMade, "k1")) == 8


@in_virtual_time
async def test_a_child_may_call_only_as_often_in_a_row_as_a_reply():
    script = answers(("Go", call("think", task="the moon")), ("the moon", call("look", what="it")), ("seen", "Seen."))
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        first, second = (s for p, s in zip(it.model.prompts, it.model.samplings, strict=True) if TASK in p)
        assert '"look' in first.grammar
        assert second.grammar.startswith("root ::= speech\n")


@in_virtual_time
async def test_a_task_without_words_is_refused():
    script = answers(("Go", call("think", task="  ")), ("nothing to do", "What?"))
    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.heard()[-1] == "What?"
        assert it.entries(ContextOpened, None) == []


@in_virtual_time
async def test_a_model_that_fails_in_a_child_fails_the_child_alone():
    def script(prompt: str) -> str:
        if "the moon" in newest(prompt):
            raise GenerationError("The weights are gone.")
        return answers(("Go", call("think", task="the moon")), ("weights are gone", "It failed."))(prompt)

    async with stage(script, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert it.entries(ContextClosed, "k1")[0].status == "failed"
        assert it.heard()[-1] == "It failed."


# --- children without a parent ----------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_child_that_nobody_waits_for_ends_with_the_call_that_made_it():
    async def careless(context) -> str:
        """Fork and forget."""
        context.tasks.fork("the moon")
        await asyncio.sleep(1)
        return "forgot it"

    script = answers(
        ("Go", call("careless")), ("the moon", call("look", what="moon", wait=100)), ("forgot", "Forgotten.")
    )
    async with stage(script, tools=TOOLS | tools_of(careless)) as it:
        await it.say("Go.")
        await it.until_quiet()
        ends = [(context, entry.status) for context, entry in it.order(CallEnded, ContextClosed)]
        assert ends == [("k1", "cancelled"), ("k1", "cancelled"), ("main", "done")]
        assert it.heard()[-1] == "Forgotten."


@in_virtual_time
async def test_a_child_that_was_cancelled_before_its_first_step_is_recorded():
    async def hasty(context) -> str:
        """Fork and think better of it."""
        await context.tasks.fork("the moon").cancel()
        return "forgot it"

    async with stage(answers(("Go", call("hasty")), ("forgot", "Forgotten.")), tools=tools_of(hasty)) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert [entry.status for entry in it.entries(ContextClosed, "k1")] == ["cancelled"]
        assert not any(TASK in prompt for prompt in it.model.prompts)
        assert it.heard()[-1] == "Forgotten."


@in_virtual_time
async def test_a_call_that_has_ended_can_begin_nothing_any_more():
    refusals = []

    async def late(context) -> str:
        """Fork when it is too late."""

        async def later() -> None:
            await asyncio.sleep(5)
            try:
                context.tasks.fork("the moon")
            except ToolError as error:
                refusals.append(str(error))

        tasks.append(asyncio.ensure_future(later()))
        return "left"

    tasks = []
    async with stage(answers(("Go", call("late")), ("left", "Left.")), tools=tools_of(late)) as it:
        await it.say("Go.")
        await it.until_quiet()
        await asyncio.gather(*tasks)
        assert refusals == ["The call that asked for this has ended."]
        assert it.entries(ContextOpened, None) == []


@in_virtual_time
async def test_a_call_that_forks_while_it_is_cancelled_leaves_no_child_behind():
    async def clinging(context) -> str:
        """Fork while it ends."""
        child = context.tasks.fork("the moon")
        try:
            await child.result()
        finally:
            context.tasks.fork("the sun")
        return ""

    script = answers(("Go", call("clinging")), ("the ", call("look", what="it", wait=100)))
    async with stage(script, tools=TOOLS | tools_of(clinging, timeout_seconds=5)) as it:
        await it.say("Go.")
        await it.until_quiet()
        assert len(it.entries(ContextClosed, None)) == len(it.entries(ContextOpened, None)) == 2
        assert it.order(CallEnded, ContextClosed)[-1] == ("main", it.entries(CallEnded)[-1])
        assert it.agent.contexts.open_contexts() == 0


@in_virtual_time
async def test_a_restart_settles_open_contexts_and_their_calls_from_the_deepest():
    async with stage(NESTED, tools=TOOLS) as it:
        await it.say("Go.")
        await it.until(lambda: len(it.entries(CallMade, "k2")) == 1)
        crashed = it.ledger.records()
    script = answers(("restarted", "That was lost."), ("Again", call("think", task="once more")), ("once", "Well."))
    async with stage(script, tools=TOOLS, records=crashed) as again:
        await again.until_quiet()
        ends = [(context, entry.status) for context, entry in again.order(CallEnded, ContextClosed)]
        assert ends == [("k2", "failed"), ("k2", "failed"), ("k1", "failed"), ("k1", "failed"), ("main", "failed")]
        assert again.heard()[-1] == "That was lost."
        again.check()
        await again.say("Again.")
        await again.until_quiet()
        # A name that was used once is never used again.
        assert again.order(ContextOpened)[-1][0] == "k3"


# --- who waits for whom -----------------------------------------------------------------------------------------------


@in_virtual_time
async def test_children_think_while_nobody_speaks_and_while_a_reply_is_heard_only():
    thinking = "bla " * 60
    script = answers(
        ("Go", call("think", task="ramble")), ("ramble", thinking), ("Story", STORY), ("bla", "It rambled.")
    )
    async with stage(
        script, tools=TOOLS, token_seconds=0.01, options=("tasks.max_tokens=5000", "hearing.speculate=false")
    ) as it:

        def thought() -> int:
            return sum(child._tokens for children in it.agent.home.children.values() for child in children)

        await it.say("Go.")
        await it.until(lambda: thought() > 20)
        await it.begin_to_say("Story?", seconds=2)
        assert (it.state, it.model.held) == (State.LISTENING, Urgency.BACKGROUND)
        before = thought()
        await asyncio.sleep(1)
        assert thought() == before
        await it.fall_silent()
        await it.until(lambda: it.state is State.GENERATING)
        await asyncio.sleep(0.05)
        assert thought() == before
        await it.until(lambda: it.state is State.EMITTING)
        await asyncio.sleep(0.5)
        assert it.state is State.EMITTING
        assert it.model.held is None
        assert thought() > before + 20
        await it.until_quiet()
        assert it.heard()[-1] == "It rambled."


@in_virtual_time
async def test_the_children_of_strict_turns_are_not_held_by_the_turn_that_waits_for_them():
    script = answers(("Go", call("think", task="the moon")), ("the moon", "It is full."), ("full", "Full."))
    async with stage(script, tools=TOOLS, options=("conversation.synchronous=true",)) as it:
        await it.say("Go.")
        await it.until_quiet(seconds=20)
        assert it.heard() == ["", "Full."]


@in_virtual_time
async def test_shared_values_of_parallel_children_are_never_overwritten_unseen():
    async def add(context, thing: str) -> str:
        """Add to the list."""
        for _ in range(20):
            stored = context.values.get("list")
            await asyncio.sleep(0.01)
            try:
                await context.values.put("list", [*(stored.value or []), thing], version=stored.version)
            except Conflict:
                continue
            return f"{thing} added"
        raise ToolError("Everybody writes.")

    things = [f"t{n}" for n in range(6)]
    script = answers(
        ("Go", calls(call("think", task="odd things"), *(call("add", thing=thing) for thing in things[::2]))),
        ("odd things", calls(*(call("add", thing=thing) for thing in things[1::2]))),
        ("added", "Added."),
    )
    async with stage(script, tools=TOOLS | tools_of(add, at_once=8)) as it:
        await it.say("Go.")
        await it.until_quiet()
        stored = it.agent.contexts._base.values.get("list")
        assert sorted(stored.value) == things
        assert stored.version == len(things)
        it.check()


# --- the end ----------------------------------------------------------------------------------------------------------


@in_virtual_time
async def test_at_the_end_everything_is_ended_within_the_grace():
    async def slow_to_end(context) -> str:
        """End slowly."""
        try:
            await asyncio.sleep(1000)
        finally:
            await asyncio.sleep(1)
        return ""

    script = answers(
        ("Go", "Well. " + calls(call("think", task="outer task"), call("slow_to_end"), call("look", what="moon", wait=500))),
        ("outer task", calls(call("think", task="inner task"), call("slow_to_end"))),
        ("inner task", call("slow_to_end")),
    )  # fmt: skip
    async with stage(script, tools=TOOLS | tools_of(slow_to_end, timeout_seconds=2000)) as it:
        await it.say("Go.")
        await it.until(lambda: len(it.entries(CallMade, "k2")) == 1)
        await it.until(lambda: it.state is State.IDLE)
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began <= 3 * tools_module.GRACE_SECONDS
    made = [(context, entry.call_id) for context, entry in it.order(CallMade)]
    ended = [(context, entry.call_id) for context, entry in it.order(CallEnded)]
    assert sorted(made) == sorted(ended)
    assert [context for context, _ in it.order(ContextClosed)] == ["k2", "k1"]


@in_virtual_time
async def test_a_call_that_is_made_while_everything_ends_ends_too():
    async with stage(answers(("Go", call("look", what="moon"))), tools=TOOLS) as it:
        await it.agent.home.runner.close()
        it.agent.home.runner.start(CallMade(call_id="c1", turn=0, name="look", arguments={"what": "moon"}))
        await asyncio.sleep(0)
        await it.agent.home.runner.idle()
        assert it.entries(CallEnded)[0].status == "cancelled"
