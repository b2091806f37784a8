"""`device metrics`."""

import json

import pytest

from device.cli.main import main
from tests.cli.fake_agent import FakeAgent
from tests.core.test_exposition import read

TOLD = [
    {
        "name": "device_muted",
        "kind": "gauge",
        "help": "Whether.",
        "samples": [{"value": 1, "labels": {}, "suffix": ""}],
    },
    {"name": "device_new", "kind": "gauge", "help": "Of a newer agent.", "samples": [{"value": 0.5}], "unit": "x"},
]


@pytest.fixture
def run(tmp_path):
    agent = FakeAgent(tmp_path / "s", lambda _: TOLD)
    yield lambda *arguments: main(["--socket", str(tmp_path / "s"), "metrics", *map(str, arguments)])
    agent.die()


def test_they_are_printed_as_prometheus_reads_them(run, capsys):
    assert run() == 0
    assert read(capsys.readouterr().out) == {("device_muted", ()): 1, ("device_new", ()): 0.5}


def test_they_are_written_to_a_textfile_and_told_as_json(run, tmp_path, capsys):
    assert run("--textfile", tmp_path / "device.prom") == 0
    assert capsys.readouterr().out == ""
    assert read((tmp_path / "device.prom").read_text())["device_muted", ()] == 1
    assert run("--json") == 0
    assert json.loads(capsys.readouterr().out) == TOLD


def test_without_an_agent_the_textfile_is_left_as_it_is(tmp_path, capsys):
    (tmp_path / "device.prom").write_text("old")
    assert main(["--socket", str(tmp_path / "none"), "metrics", "--textfile", str(tmp_path / "device.prom")]) == 11
    assert (tmp_path / "device.prom").read_text() == "old"
