"""Spans, from marks in any order."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from device.runtime.marks import Mark, Stage
from device.runtime.spans import origin, spans

MARKS = st.lists(
    st.builds(
        Mark, stage=st.sampled_from(Stage), seconds=st.floats(0, 100), note=st.sampled_from(["", "c1 tool", "c1 done", "9"])
    )
)  # fmt: skip


def marks(*stages: tuple[float, Stage, str]) -> list[Mark]:
    return [Mark(stage=stage, seconds=seconds, note=note) for seconds, stage, note in stages]


@given(found=MARKS)
def test_no_span_ends_before_it_begins_and_the_marks_order_does_not_matter(found):
    made = spans(found)
    assert all(span.end_ms is None or span.end_ms >= span.begin_ms for span in made)
    assert [span.begin_ms for span in made] == sorted(span.begin_ms for span in made)
    for name in {span.name for span in made if span.lane != "calls"}:
        of_kind = [span for span in made if span.name == name]
        assert all(a.end_ms is not None and a.end_ms <= b.begin_ms for a, b in pairwise(of_kind))


def test_speech_with_a_pause_in_it_is_one_span_and_the_wait_begins_with_the_last_silence():
    found = spans(
        marks(
            (1.0, Stage.SPEECH_STARTED, ""),
            (2.0, Stage.SILENCE_BEGAN, ""),
            (2.06, Stage.PAUSED, ""),
            (2.2, Stage.RECOGNIZED, "What is"),
            (4.0, Stage.SILENCE_BEGAN, ""),
            (4.06, Stage.PAUSED, ""),
            (4.16, Stage.RECOGNIZED, "What is it?"),
            (4.3, Stage.ENDPOINT, ""),
            (4.31, Stage.REPLY_STARTED, "3"),
        )
    )
    assert [(span.name, span.begin_ms, span.end_ms, span.note) for span in found] == [
        ("speech", -3000.0, 0.0, ""),
        ("recognition", -1940.0, -1800.0, "What is"),
        ("wait for the end", 0.0, 300.0, ""),
        ("recognition", 60.0, 160.0, "What is it?"),
    ]


def test_what_has_not_ended_has_no_end_and_what_never_came_is_none():
    found = spans(
        marks(
            (1.0, Stage.REPLY_STARTED, "1"),
            (1.0, Stage.MODEL_ASKED, "9 tokens"),
            (1.1, Stage.FIRST_TOKEN, ""),
            (1.2, Stage.CALL_BEGAN, "c1 weather"),
        )
    )
    assert [(span.name, span.end_ms) for span in found] == [
        ("prompt read", 100.0),
        ("reply written", None),
        ("c1 weather", None),
    ]
    assert origin(marks((1.5, Stage.CALL_BEGAN, "c1 x"), (1.0, Stage.REPLY_STARTED, "1"))) == 1.0
    assert spans([]) == []
