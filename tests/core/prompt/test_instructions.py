"""What every prompt begins with."""

from device.core.prompt.instructions import TOOL_RULES, fixed_part
from device.core.prompt.messages import System, ToolSpec

LAMP = ToolSpec(name="lamp", description="Switch the lamp", parameters={"type": "object", "properties": {}})


def test_the_example_conversation_follows_the_instructions_unless_it_is_not_wanted():
    whole, short = fixed_part((LAMP,)), fixed_part((LAMP,), examples=False)
    assert len(whole) > 1
    assert short == whole[:1]


def test_without_tools_nothing_is_said_of_them():
    (system,) = fixed_part((), extra="Your name is Ada.")
    assert isinstance(system, System)
    assert TOOL_RULES not in system.text
    assert system.text.endswith("Your name is Ada.")
