"""Everything about using tools in one place."""

import pytest

from device.core.prompt.tool_use import ToolUse
from device.tools import builtin_tools

TOOLS = tuple(tool.spec for tool in builtin_tools().values())


def test_it_is_the_grammar_the_leaning_and_the_grounding_of_its_tools():
    use = ToolUse(TOOLS, "qwen")
    assert use.names == {tool.name for tool in TOOLS}
    assert "set_timer" in use.grammar
    assert use.leaning("Set a timer.").opening > 0
    assert use.grounded("set_timer", {"duration": "1 hour", "label": "x"}, "a timer for half an hour") == {
        "duration": "half an hour"
    }


def test_a_call_of_another_tool_is_left_alone():
    assert ToolUse(TOOLS, "qwen").grounded("other", {"x": 1}, "") == {"x": 1}


def test_without_tools_there_is_nothing():
    use = ToolUse((), "qwen")
    assert (use.grammar, use.names, use.leaning("Set a timer.").opening) == ("", frozenset(), 0.0)


@pytest.mark.parametrize(
    ("said", "name", "arguments"),
    [
        ("turn off the lamp and start the fan", "switch", {"output": "fan", "on": True}),
        ("remind me in an hour to call mum and set a timer for five", "set_timer", {"duration": "5 minutes"}),
        ("set the alarm for 7 tomorrow, and remind me at six to call mum", "remind", {"what": "call mum", "when": "6"}),
    ],
)
def test_a_call_is_held_to_its_own_wish(said, name, arguments):
    tools = builtin_tools(outputs=["lamp", "fan"]).values()
    assert ToolUse([tool.spec for tool in tools], "qwen").grounded(name, arguments, said) == arguments


@pytest.mark.parametrize(
    ("said", "name", "arguments", "meant"),
    [
        ("my flight leaves tomorrow, wake me at six", "set_alarm", {"time": "6"}, {"time": "tomorrow at 6"}),
        ("set a timer, make it half an hour", "set_timer", {"duration": "1 hour"}, {"duration": "half an hour"}),
    ],
)
def test_a_remark_or_more_of_the_same_is_part_of_a_wish(said, name, arguments, meant):
    assert ToolUse(TOOLS, "qwen").grounded(name, arguments, said) == meant
