"""What is counted of the scenes, and how it is told and drawn."""

import dataclasses
import xml.etree.ElementTree as ET

import pytest

from device.bench.duplex.figures import Outcome, summary, word_errors
from device.bench.duplex.picture import picture
from device.bench.duplex.report import as_text
from device.bench.duplex.rooms import room
from device.bench.duplex.scenes import Kind, scenes

ROOMS = [dataclasses.replace(room(0, number), echo_db=echo_db) for number, echo_db in enumerate((0, 6))]


def outcome(number: int, kind: Kind, **more) -> Outcome:
    usual = {"said": "", "recognized": "", "interrupted": False, "holds": 0}
    return Outcome(room=ROOMS[number].name, kind=kind, **usual | more)


OUTCOMES = [
    outcome(0, Kind.UNDISTURBED, erle_db=30.0, holds=1),
    outcome(1, Kind.UNDISTURBED, erle_db=20.0, recognized="the echo"),
    outcome(0, Kind.BARGE_IN, said="stop it now", recognized="stop now", alone="stop it", interrupted=True, pause_ms=60.0, heard="a b", truly_heard="a b"),
    outcome(1, Kind.BARGE_IN, said="go", recognized="go", interrupted=True, pause_ms=140.0, heard="a", truly_heard="a b"),
    outcome(1, Kind.BARGE_IN, said="hello"),
    outcome(0, Kind.NOISE, said=""),
]  # fmt: skip


@pytest.fixture
def found():
    machine = {"cores": 2, "processor": "a processor", "load": 0.1}
    return {
        **summary(ROOMS, OUTCOMES),
        "paced": True,
        "models": {"vad": "v"},
        "machine": machine,
        "false_wakes_per_hour": None,
    }


def test_everything_is_counted_once(found):
    assert found["self_interruptions"] == 1
    assert found["false_holds"] == 1
    assert found["barge_in_caught_rate"] == pytest.approx(2 / 3, abs=1e-3)
    assert found["heard_text_exact_rate"] == 0.5
    assert found["pause_ms"]["p50"] == 100.0
    assert found["echo_at_most_as_loud"]["pause_ms"]["p50"] == 60.0
    assert found["word_error_rate"] == 0.25
    assert found["word_error_rate_alone"] == pytest.approx(1 / 3, abs=1e-3)
    assert found["noises_resumed_rate"] == 1.0
    assert found["erle_db"] == 25.0
    assert [one["self_interruptions"] for one in found["by_room"]] == [0, 1]


@pytest.mark.parametrize(
    ("said", "recognized", "errors"),
    [("a b c", "a b c", 0), ("a b c", "", 3), ("", "a b", 2), ("a b c", "a x c d", 2), ("Stop!", "stop", 0)],
)
def test_word_errors_are_the_least_changes(said, recognized, errors):
    assert word_errors(said, recognized) == (errors, len(said.split()))


def test_the_report_has_a_row_for_every_room_and_the_picture_is_one(found):
    text = as_text(found)
    assert all(one.name in text for one in ROOMS)
    ET.fromstring(picture(found))
    assert as_text({**found, "by_room": [], "scenes": []})
    ET.fromstring(picture({**found, "by_room": [], "scenes": []}))


def test_every_room_has_its_scenes_and_the_same_seed_the_same():
    speakers = (("a", "x"), ("b", "y"))
    made = scenes(1, 2, speakers, barge_ins=3)
    assert made == scenes(1, 2, speakers, barge_ins=3)
    assert [scene.kind for scene in made] == [Kind.UNDISTURBED, *[Kind.BARGE_IN] * 3, Kind.NOISE]
