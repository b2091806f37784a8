"""A turn's timeline as text, as a picture and as a trace event file."""

import copy
import json
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from device.cli.main import main
from device.cli.text import cells, rows
from device.cli.trace_perfetto import chrome_trace
from device.cli.trace_picture import picture
from device.cli.trace_text import trace_lines
from device.cli.trace_window import window
from tests.cli.fake_agent import FakeAgent


def span(lane: str, name: str, begin: float, end: float | None, note: str = "") -> dict[str, Any]:
    return {"lane": lane, "name": name, "begin_ms": begin, "end_ms": end, "note": note}


TRACE: dict[str, Any] = {
    "turn": 12,
    "wall_seconds": 1.8e9,
    "cause": "spoken",
    "said": "What is six times seven?",
    "answered": "Forty-two.",
    "outcome": "heard",
    "failure": "",
    "voice_to_voice_ms": 412.0,
    "spans": [
        span("you", "speech", -4000.0, 0.0),
        span("model", "read ahead", -300.0, -180.0, "6 tokens"),
        span("ears", "wait for the end", 0.0, 288.0),
        span("ears", "recognition", 64.0, 120.0, "What is six times seven?"),
        span("model", "rehearsal", 121.0, 200.0, "thrown away"),
        span("model", "rehearsal", 210.0, 290.0, "kept"),
        span("voice", "first sound made", 330.0, 400.0, "Forty-two."),
        span("voice", "reply heard", 412.0, 5000.0),
        span("calls", "c7 weather", 300.0, None),
    ],
    "moments": [{"name": "endpoint", "at_ms": 288.0, "note": ""}],
}

STRANGE = [
    TRACE | {"spans": [], "moments": [], "voice_to_voice_ms": None, "said": "", "cause": "alarm"},
    TRACE | {"spans": [span("calls", "c1 x", 0.0, None)], "outcome": "failed", "failure": "It broke\x1b[2J."},
    TRACE | {"spans": [span("new lane", "<&>\x1b" * 20, 5.0, 5.0)]},
    TRACE | {"spans": [span("you", "speech", -9e9, -8e9), span("voice", "reply heard", 9e9, 9.1e9)]},
]


def test_every_span_has_a_line_that_fits_and_its_bar_stands_where_it_was():
    lines = rows(trace_lines(TRACE, 80), 80, colour=False)
    assert all(cells(one) <= 80 for one in lines)
    bars = {one[:21].strip(): one[30:] for one in lines[-9:]}
    assert bars["speech"].startswith("◂")
    assert bars["reply heard"].endswith("▸")
    assert bars["c7 weather"].rstrip().endswith(("█", "▸"))
    wait, sound = bars["wait for the end"], bars["reply heard"]
    assert len(sound) - len(sound.lstrip()) > len(wait.rstrip())
    assert any("thrown away" in one for one in lines)
    assert "412 ms" in lines[0]
    assert lines[1].endswith("What is six times seven?")


@pytest.mark.parametrize("trace", STRANGE)
@pytest.mark.parametrize("width", [10, 40, 80])
def test_strange_traces_are_shown_too(trace, width):
    lines = rows(trace_lines(trace, width), width, colour=False)
    assert all(cells(one) <= width for one in lines)
    assert all(one.isprintable() for one in lines)


@pytest.mark.parametrize("trace", [TRACE, *STRANGE])
def test_the_window_has_a_length_and_holds_the_wait(trace):
    view = window(trace)
    assert view.end_ms > view.begin_ms
    assert 0.0 <= view.share(0.0) <= 1.0


def test_the_picture_has_a_bar_for_each_span_with_its_time_under_the_pointer():
    drawn = ET.fromstring(picture(TRACE))
    titles = [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == len(TRACE["spans"])
    assert "recognition: 56 ms, from 64 ms · What is six times seven?" in titles
    rectangles = {
        one[0].text.partition(":")[0]: one.attrib for one in drawn.iter("{http://www.w3.org/2000/svg}rect") if len(one)
    }
    assert float(rectangles["first sound made"]["x"]) > float(rectangles["recognition"]["x"])


@pytest.mark.parametrize("trace", STRANGE)
def test_strange_traces_are_drawn_inside_the_picture(trace):
    drawn = ET.fromstring(picture(trace))
    for one in drawn.iter("{http://www.w3.org/2000/svg}rect"):
        if "x" in one.attrib:
            assert 0 <= float(one.attrib["x"]) <= float(one.attrib["x"]) + float(one.attrib["width"]) <= 960


@pytest.mark.parametrize("trace", [TRACE, *STRANGE])
def test_the_trace_events_keep_to_the_format(trace):
    found = json.loads(json.dumps(chrome_trace(trace)))
    assert found["displayTimeUnit"] in ("ms", "ns")
    slices: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for event in found["traceEvents"]:
        assert {"ph", "pid", "tid", "name", "ts"} <= set(event)
        assert isinstance(event["name"], str)
        assert event["ts"] >= 0
        match event["ph"]:
            case "M":
                assert event["name"] in ("process_name", "thread_name", "thread_sort_index")
                assert set(event["args"]) == {"sort_index" if event["name"] == "thread_sort_index" else "name"}
            case "X":
                assert event["dur"] >= 0
                slices.setdefault((event["pid"], event["tid"]), []).append((event["ts"], event["ts"] + event["dur"]))
            case "i":
                assert event["s"] in ("g", "p", "t")
            case other:
                raise AssertionError(other)
    for of_thread in slices.values():
        of_thread.sort()
        assert all(a[1] <= b[0] for a, b in pairwise(of_thread)), "slices of a thread must nest"
    assert sum(map(len, slices.values())) == len(trace["spans"])


# --- the command ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    answers = {"trace": TRACE, "turns": [{key: TRACE[key] for key in TRACE if key not in ("spans", "moments")}]}
    agent = FakeAgent(tmp_path / "s", lambda command: copy.deepcopy(answers[command]))
    yield lambda *arguments: main(["--socket", str(tmp_path / "s"), "trace", *map(str, arguments)])
    agent.die()


def test_it_is_printed_listed_drawn_and_written(run, tmp_path, capsys):
    assert run("12") == 0
    assert "wait for the end" in capsys.readouterr().out
    assert run("--list") == 0
    assert capsys.readouterr().out.split() == [
        "12",
        *clock(),
        "412",
        "ms",
        "heard",
        "What",
        "is",
        "six",
        "times",
        "seven?",
    ]
    assert run("--svg", tmp_path / "a.svg", "--perfetto", tmp_path / "a.json") == 0
    assert capsys.readouterr().out == ""
    assert json.loads((tmp_path / "a.json").read_text())["traceEvents"]
    ET.fromstring((tmp_path / "a.svg").read_text())
    assert run("--json") == 0
    assert json.loads(capsys.readouterr().out) == TRACE


def clock() -> list[str]:
    from device.cli.screen import clock as shown

    return [shown(TRACE["wall_seconds"])]


def test_a_file_that_cannot_be_written_is_told(run, tmp_path, capsys):
    assert run("--svg", tmp_path / "no" / "a.svg") == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("turn", ["-1", "x", "1e3", "٣", "9" * 40])
def test_what_is_no_turns_number_is_a_wrong_command_line(run, turn, capsys):
    with pytest.raises(SystemExit) as ended:
        run(turn)
    assert ended.value.code == 2


def test_files_are_replaced_whole_and_readable_for_everybody(tmp_path):
    from device.cli.metrics import write_whole
    from device.errors import DeviceError

    path = tmp_path / "device.prom"
    path.write_text("old")
    write_whole(path, "new\n")
    assert path.read_text() == "new\n"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in tmp_path.iterdir()] == ["device.prom"]
    with pytest.raises(DeviceError, match="cannot be written"):
        write_whole(Path("/dev/full/x"), "new")
    (tmp_path / "directory").mkdir()
    with pytest.raises(DeviceError):
        write_whole(tmp_path / "directory", "new")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["device.prom", "directory"]
