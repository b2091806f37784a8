"""A turn's stages as a line."""

from device.adapters.fakes.clock import FakeClock
from device.runtime.marks import Marks, Stage
from device.runtime.timeline import BESIDE, timelines


def test_each_answered_turn_has_its_stages_after_the_last_sound():
    clock = FakeClock()
    marks = Marks(clock)
    for answered in (True, False, True):
        for stage in (Stage.SPEECH_STARTED, Stage.SILENCE_BEGAN, Stage.REHEARSED, Stage.ENDPOINT):
            clock.advance(0.1)
            marks.add(stage)
        if answered:
            clock.advance(0.1)
            marks.add(Stage.REPLY_STARTED, "1")
            clock.advance(0.05)
            marks.add(Stage.PLAYBACK_STARTED, "1")
            clock.advance(0.05)
            marks.add(Stage.PLAYBACK_FINISHED, "1")
    first, last = timelines(marks)
    assert first.as_dict() == last.as_dict()
    assert first.as_dict() == {
        "endpoint": 200.0,
        "reply started": 300.0,
        "first sound out": 350.0,
        "last sound out": 400.0,
    }
    assert first.as_text().startswith("timeline (ms after your last sound): endpoint 200 · reply started 300")
    assert not {stage.value for stage in BESIDE} & set(first.as_dict())
