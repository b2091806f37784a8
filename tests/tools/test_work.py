"""What is under way, told, cancelled and joined; and thinking in parallel."""

import pytest

from device.adapters.fakes.work import FakeTasks, FakeWork
from device.errors import ToolError
from device.toolkit import OpenCall
from tests.tools.surroundings import call, tool_context

OSLO = OpenCall(call_id="c1", name="weather", arguments={"city": "Oslo"}, seconds=12.4)
ROME = OpenCall(call_id="c2", name="weather", arguments={"city": "Rome"}, seconds=5.0)
WHALES = OpenCall(call_id="c3", name="research", arguments={"task": "how long whales live"}, seconds=0.2, progress="half done")  # fmt: skip


@pytest.fixture
def context():
    return tool_context(work=FakeWork([OSLO, ROME, WHALES]))


async def test_what_is_under_way_is_told(context):
    assert await call(context, "list_tasks") == (
        "weather Oslo: for 12 seconds; weather Rome: for 5 seconds; "
        "research how long whales live: for 1 second, half done"
    )
    assert await call(tool_context(), "list_tasks") == "Nothing is being worked on."


async def test_of_many_only_some_are_told():
    calls = [OpenCall(call_id=f"c{n}", name="weather", arguments={"city": "x" * 500}, seconds=1) for n in range(30)]
    told = await call(tool_context(work=FakeWork(calls)), "list_tasks")
    assert told.endswith("; and 22 more")
    assert len(told) < 900


@pytest.mark.parametrize(
    ("which", "gone"),
    [
        ("the weather in Rome", "weather Rome is cancelled."),
        ("whales", "research how long whales live is cancelled."),
        ("never mind the research", "research how long whales live is cancelled."),
        ("c1", "weather Oslo is cancelled."),
        ("everything", "weather Oslo, weather Rome and research how long whales live are cancelled."),
        ("everything except the research", "weather Oslo and weather Rome are cancelled."),
        ("the weather, but not in Rome", "weather Oslo is cancelled."),
        ("all tasks other than whales and Oslo", "weather Rome is cancelled."),
        ("all but c2", "weather Oslo and research how long whales live are cancelled."),
    ],
)
async def test_a_task_is_cancelled_by_its_name_its_arguments_or_its_id(context, which, gone):
    assert await call(context, "cancel_task", which=which) == gone


@pytest.mark.parametrize(
    ("which", "problem"),
    [
        ("the weather", "which: weather Oslo and weather Rome"),
        ("", "which: weather Oslo, weather Rome and research"),
        ("everything but the washing and Rome", "no such task; there is weather Oslo, weather Rome and research"),
        ("the research besides whales", "Nothing else"),
        ("the washing", "no such task; there is weather Oslo, weather Rome and research"),
    ],
)
async def test_what_is_not_clear_is_asked(context, which, problem):
    with pytest.raises(ToolError, match=rf"{problem}.*\.$"):
        await call(context, "cancel_task", which=which)
    assert len(context.work.open_calls()) == 3


async def test_where_nothing_runs_nothing_is_cancelled_or_joined():
    for name in ("cancel_task", "join_tasks"):
        with pytest.raises(ToolError, match="Nothing is being worked on"):
            await call(tool_context(), name, which="everything")


async def test_the_only_task_need_not_be_named():
    assert await call(tool_context(work=FakeWork([OSLO])), "cancel_task", which="it") == "weather Oslo is cancelled."


async def test_a_task_that_ended_meanwhile_is_a_sentence(context):
    async def too_late(call_id):
        return False

    context.work.cancel = too_late
    with pytest.raises(ToolError, match="just ended"):
        await call(context, "cancel_task", which="whales")


@pytest.mark.parametrize(
    ("which", "told"),
    [("", "weather: done; weather: done; research: done"), ("both weathers", "weather: done; weather: done; research: done"),
     ("all but whales", "weather: done; weather: done"), ("the weather", "weather: done; weather: done"), ("whales", "research: done")],
)  # fmt: skip
async def test_results_are_told_together(context, which, told):
    assert await call(context, "join_tasks", which=which) == told


async def test_those_who_wait_are_not_waited_for():
    waiting = OpenCall(call_id="c9", name="join_tasks", arguments={"which": ""}, seconds=3)
    context = tool_context(work=FakeWork([OSLO, waiting]))
    assert await call(context, "join_tasks") == "weather: done"


async def test_thinking_is_a_fork_and_research_a_spawn():
    context = tool_context(tasks=FakeTasks({"plan": "go by train"}))
    assert await call(context, "think", task="plan") == "go by train"
    assert await call(context, "research", task="whales", context="for a child of six") == "whales is done"
    assert context.tasks.given == [("fork", "plan", ""), ("spawn", "whales", "for a child of six")]
