"""The bound, on workloads whose times can be told by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.bench.overlap.bound import Pace, first_answer_seconds, overlapped_seconds, serial_seconds
from device.bench.overlap.workloads import SHAPES, Call, Fact, Sentence, Workload, suite

PACE = Pace(prompt=1.0, sentence=0.5, call=0.25, sound=0.25, character=0.1)
SAYS = Fact(text="a" * 19, keys=("a",))  # with its full stop, two seconds


def call(seconds: float, then: Call | None = None) -> Call:
    return Call(tool="t", seconds=seconds, fact=SAYS, then=then)


def asking(*calls: Call, at: float = 0.0) -> Sentence:
    return Sentence(text="x", at_seconds=at, calls=calls)


def test_one_call_leaves_nothing_to_overlap():
    workload = Workload(name="one", sentences=(asking(call(3.0)),))
    # Prompt 1, call 0.25, tool 3; then prompt 1, sentence 0.5, sound 0.25, speech 2.
    assert serial_seconds(workload, PACE) == pytest.approx(8.0)
    assert overlapped_seconds(workload, PACE) == pytest.approx(8.0)
    assert first_answer_seconds(workload, PACE) == pytest.approx(6.0)


def test_calls_overlap_each_other_and_the_speech():
    workload = Workload(name="two", sentences=(asking(call(4.0), call(4.0)),))
    speech = PACE.speech([SAYS, SAYS])
    assert speech == pytest.approx(4.0)
    assert serial_seconds(workload, PACE) == pytest.approx(1.25 + 8.0 + 1.75 + speech)
    assert overlapped_seconds(workload, PACE) == pytest.approx(1.25 + 4.0 + 1.75 + 4.0)


def test_what_depends_waits_in_both():
    workload = Workload(name="chain", sentences=(asking(call(1.0, then=call(2.0))),))
    # The second call is written behind the first one's sentence, and runs while that is said.
    first_told = 1.25 + 1.0 + 1.0 + 0.5
    assert overlapped_seconds(workload, PACE) == pytest.approx(first_told + 0.25 + 2.0 + 1.75 + 2.0)
    assert serial_seconds(workload, PACE) == pytest.approx(max(first_told + 0.25 + 2.0, first_told + 2.25) + 3.75)


def test_a_question_waits_for_the_strict_turn_before_it():
    question = Sentence(text="y", at_seconds=0.5, answer=SAYS)
    workload = Workload(name="question", sentences=(asking(call(3.0)), question))
    assert serial_seconds(workload, PACE) == pytest.approx(8.0 + 3.75)
    assert overlapped_seconds(workload, PACE) == pytest.approx(8.0)
    assert first_answer_seconds(workload, PACE) == pytest.approx(0.5 + 1.75)


@given(seed=st.integers(0, 999), character=st.floats(0.0, 0.2), prompt=st.floats(0.0, 3.0), call=st.floats(0.0, 1.0))
def test_overlap_is_never_slower_than_strict_turns(seed, character, prompt, call):
    pace = Pace(prompt=prompt, sentence=0.3, call=call, sound=0.2, character=character)
    for workload in suite(seed, SHAPES):
        assert overlapped_seconds(workload, pace) <= serial_seconds(workload, pace) + 1e-9


def test_the_pace_is_the_mean_of_what_was_measured():
    assert Pace.of({"prompt": [1.0, 3.0], "call": [0.5]}, {}) == Pace(
        prompt=2.0, sentence=0.0, call=0.5, sound=0.0, character=0.0
    )


def test_a_sentence_that_was_measured_takes_as_long_as_it_took():
    pace = Pace.of({"character": [0.1]}, {SAYS.sentence: 1.7})
    assert pace.speech([SAYS]) == pytest.approx(1.7)
    assert pace.speech([Fact(text="bbb", keys=())]) == pytest.approx(0.4)
