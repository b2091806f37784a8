"""Everything about using tools in one place."""

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
