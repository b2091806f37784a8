"""What holds for every tool."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.adapters.fakes.work import FakeWork
from device.core.prompt.grammar import grammar_for
from device.errors import ConfigError, ToolError
from device.toolkit import OpenCall
from device.tools import all_tools, builtin_tools
from tests.tools.surroundings import call, tool_context

TOOLS = all_tools()
HIDDEN = {"think", "research"}
NETWORK = {"weather"}


def test_the_built_in_tools():
    assert set(TOOLS) == HIDDEN | NETWORK | {
        "get_time", "set_timer", "set_alarm", "remind", "list_timers", "cancel_timer", "calculate", "convert",
        "add_to_list", "read_list", "remove_from_list", "take_note", "read_notes", "change_volume", "change_speed",
        "device_status", "switch", "list_tasks", "cancel_task", "join_tasks",
    }  # fmt: skip


def test_tools_are_chosen_by_name():
    assert list(builtin_tools(["calculate", "think"])) == ["calculate", "think"]
    assert set(builtin_tools()) == set(TOOLS) - HIDDEN - NETWORK - {"switch"}
    assert list(builtin_tools(["calculate"], also=["think"])) == ["calculate", "think"]
    assert set(builtin_tools(also=["think"])) - set(builtin_tools()) == {"think"}
    with pytest.raises(ConfigError, match=r'no tool "launch" \(key tools.also\)'):
        builtin_tools(also=["launch"])
    assert set(builtin_tools(network=True)) - set(builtin_tools()) == NETWORK
    with pytest.raises(ConfigError, match='no tool "launch"'):
        builtin_tools(["launch"])


@pytest.mark.parametrize("name", TOOLS)
def test_the_model_is_told_what_it_is_and_what_it_takes(name):
    spec = TOOLS[name].spec
    assert 10 < len(spec.description) < 110
    for argument in spec.parameters["properties"].values():
        assert 3 < len(argument["description"]) < 80


def test_there_is_a_grammar_for_all_of_them():
    specs = [tool.spec for tool in builtin_tools(network=True, outputs=["lamp"]).values()]
    for form in ("qwen", "llama3", "chatml"):
        assert grammar_for(specs, form)


WORDS = "all the my list timer 7 am half past six tomorrow in ten minutes weather 50 percent louder everything miles, 5:30 and eggs c1 -"
TEXTS = st.text(max_size=40) | st.lists(st.sampled_from(WORDS.split()), max_size=6).map(" ".join)
WORK = OpenCall(call_id="c1", name="weather", arguments={"city": "Oslo"}, seconds=1.0)


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_no_text_makes_a_tool_raise_anything_but_a_sentence(data):
    async def play():
        context = tool_context(work=FakeWork([WORK]))
        for _ in range(3):
            name = data.draw(st.sampled_from(sorted(set(TOOLS) - NETWORK)))
            arguments = {argument: data.draw(TEXTS) for argument in TOOLS[name].spec.parameters["properties"]}
            try:
                told = await call(context, name, **arguments)
            except ToolError as error:
                told = str(error)
                assert told.endswith(".")
            assert told
            assert len(told) < 2000

    asyncio.run(play())
