"""The suite is made by rule: repeatable, of one to eight calls, and every fact can be told from every other."""

import itertools

import pytest

from device.bench.overlap.props import Props
from device.bench.overlap.workloads import LONGEST_CALL_SECONDS, SHAPES, suite, tool_specs
from device.core.toolspec import checked
from device.errors import ToolError
from device.toolkit import ToolContext


def test_a_seed_makes_the_same_suite_and_another_seed_another():
    assert suite(7, 10) == suite(7, 10)
    assert suite(7, 10) != suite(8, 10)


def test_a_shorter_suite_is_the_beginning_of_a_longer_one():
    assert suite(3, 12)[:5] == suite(3, 5)


def test_the_suite_goes_from_one_call_to_eight_with_chains_and_questions():
    workloads = suite(0, SHAPES)
    counts = [len(workload.calls()) for workload in workloads]
    assert (min(counts), max(counts)) == (1, 8)
    assert any(call.then is not None for workload in workloads for call in workload.calls())
    assert any(sentence.answer is not None for workload in workloads for sentence in workload.sentences)


@pytest.mark.parametrize("seed", range(30))
def test_every_workload_can_be_judged(seed):
    for workload in suite(seed, SHAPES):
        facts = workload.facts()
        numbers = [fact.keys[-1] for fact in facts]
        assert len(set(numbers)) == len(numbers)
        for one, other in itertools.permutations(facts, 2):
            assert not set(one.keys) <= set(other.sentence.lower().rstrip(".").split())
        for fact in facts:
            assert set(fact.keys) <= set(fact.sentence.lower().rstrip(".").split())
        tools = [call.tool for call in workload.calls()]
        assert len(set(tools)) == len(tools)
        texts = [sentence.text for sentence in workload.sentences]
        assert len(set(texts)) == len(texts)
        assert all(0.0 <= call.seconds <= LONGEST_CALL_SECONDS for call in workload.calls())
        times = [sentence.at_seconds for sentence in workload.sentences]
        assert times == sorted(times)
        assert times[0] == 0.0


def test_what_follows_from_a_call_needs_the_number_in_its_result():
    for workload in suite(1, SHAPES):
        for call in workload.calls():
            if call.then is not None:
                assert str(call.then.argument) == call.fact.keys[-1]
                assert call.then.parameter


def test_scale_shortens_calls_and_pauses_alone():
    whole, quarter = suite(5, 4), suite(5, 4, scale=0.25)
    assert [w.facts() for w in whole] == [w.facts() for w in quarter]
    for slow, quick in zip(whole, quarter, strict=True):
        for one, other in zip(slow.calls(), quick.calls(), strict=True):
            assert other.seconds == pytest.approx(one.seconds / 4, abs=0.01)


async def test_the_tools_find_what_the_workload_says_and_only_with_the_right_argument():
    props = Props()
    (workload,) = [w for w in suite(2, SHAPES, scale=0.0) if "three that depend" in w.name and len(w.calls()) == 4]
    props.lay_out(workload)
    tools = props.tools()
    assert set(tools) == {spec.name for spec in tool_specs()}
    context = ToolContext(clock=None)
    for call in workload.calls():
        assert await tools[call.tool](context, checked(tools[call.tool].spec, call.arguments)) == call.fact.text
    with pytest.raises(ToolError):
        await tools["safe"](context, {"code": 1})
    with pytest.raises(ToolError):
        await tools["meter"](context, {})
