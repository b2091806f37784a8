"""The catalogue's text."""

from random import Random

import pytest

from device.core.prompt.grammar import grammar_for
from device.tools import builtin_tools
from device.tuning.catalogue import own_purposes, purposes, read, small_talk

OVEN = """
heat_oven oven | Heat the oven
degrees! int 150..250 5 | in Celsius
fan flag with the fan, without the fan
- Heat it to {degrees}. / {degrees} degrees {fan}.
= It heats. > It is heating up.
"""


def test_a_block_is_a_purpose():
    (oven,) = read(OVEN)
    assert oven.names == ("heat_oven", "oven")
    assert oven.required == ("degrees",)
    assert oven.requests == ("Heat it to {degrees}.", "{degrees} degrees {fan}.")
    wish = oven.ask(Random(1), oven.requests[0])
    assert set(wish.arguments) == {"degrees"}
    assert (wish.result, wish.told) == ("It heats.", "It is heating up.")


@pytest.mark.parametrize(
    ("block", "wrong"),
    [
        ("oven\n- Heat it.", "no description"),
        ("oven | Heat", "nobody asks"),
        ("oven | Heat\ndegrees! int 1..2\n- Heat it.", "degrees"),
        ("oven | Heat\n- Heat it to {degrees}.", "degrees"),
        ("oven | Heat\ndegrees! heat 1..2\n- Heat it to {degrees}.", "heat"),
    ],
)
def test_what_is_wrong_with_a_block_is_said(block, wrong):
    with pytest.raises(ValueError, match=wrong):
        read(block)


def test_every_tool_can_be_declared_held_to_a_grammar_and_asked_for():
    random = Random(0)
    for purpose in purposes():
        spec = purpose.spec(random)
        assert grammar_for((spec,), "qwen")
        for request in purpose.requests:
            wish = purpose.ask(random, request)
            assert "{" not in wish.said + wish.result + wish.told
            assert set(purpose.required) <= set(wish.arguments) <= set(spec.parameters["properties"])


def test_no_two_purposes_share_a_name():
    names = [name for purpose in (*purposes(), *own_purposes()) for name in purpose.names]
    assert len(names) == len(set(names))


def test_what_is_asked_of_the_agents_own_tools_fits_them():
    specs = {tool.spec.name: tool.spec for tool in builtin_tools().values()}
    known = [purpose for purpose in own_purposes() if purpose.key in specs]
    assert len(known) >= 15
    for purpose in known:
        parameters = specs[purpose.key].parameters
        assert set(purpose.kinds) <= set(parameters["properties"]), purpose.key
        assert set(parameters["required"]) <= set(purpose.required) | set(purpose.kinds), purpose.key


def test_everything_that_is_said_in_talk_is_answered():
    assert all(said and answer for said, answer in small_talk())
    assert len({said for said, _ in small_talk()}) == len(small_talk())
