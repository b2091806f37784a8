"""The picture of a run."""

import json
import xml.etree.ElementTree as ET

import pytest

from device.errors import UsageError
from device.tuning.curve import picture, read

STEPS = [
    {"step": 1, "loss": 1.0, "targets": 400, "test": {"loss": 0.8, "openings": 0.4}},
    {"step": 2, "loss": 0.5, "targets": 300},
    {"step": 3, "loss": 0.3, "targets": 300, "test": {"loss": 0.4, "openings": 0.9}},
]


def lines_of(svg):
    root = ET.fromstring(svg)
    return [
        [tuple(map(float, point.split(","))) for point in line.get("points").split()]
        for line in root.iter("{http://www.w3.org/2000/svg}polyline")
    ]


def test_losses_fall_and_openings_rise_in_the_picture():
    mean, tested, openings = lines_of(picture(STEPS))
    assert mean[0][1] < mean[1][1] < mean[2][1]  # y grows downward
    assert tested[0][1] < tested[1][1]
    assert openings[0][1] > openings[1][1]
    assert "1,000 tokens learnt" in picture(STEPS)


def test_a_run_of_one_step_has_a_picture():
    assert len(lines_of(picture(STEPS[:1]))) == 3


def test_what_a_run_reported_is_read(tmp_path):
    path = tmp_path / "progress.jsonl"
    path.write_text("".join(json.dumps(step) + "\n" for step in STEPS))
    assert read(path) == STEPS


@pytest.mark.parametrize("text", ["", "no json\n", '{"step": 1}\n', "[]\n"])
def test_what_is_no_progress_is_named(tmp_path, text):
    path = tmp_path / "progress.jsonl"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"progress\.jsonl"):
        read(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path / "none")
