"""The status on one screen."""

import copy

import pytest

from device.cli.main import main
from device.cli.screen import status_lines, watch_lines
from device.cli.text import cells, plain, rows
from tests.cli.fake_agent import VIEW, FakeAgent


def screen(view, width=80) -> list[str]:
    return rows(status_lines(view, width), width, colour=False)


def test_the_status_is_one_screen_of_80_by_24_and_nothing_of_it_is_cut():
    view = copy.deepcopy(VIEW)
    view["turns"] = [VIEW["turns"][0]] * 4
    lines = screen(view)
    assert len(lines) <= 23, "the prompt takes a line"
    assert all(cells(one) <= 80 for one in lines)
    assert not any("…" in one for one in lines)


@pytest.mark.parametrize("text", ["emitting", "3 h 12 min", "Raspberry Pi 5", "61.3 °C", "under-voltage since the start",
    "1.13 GB resident", "at most 1.20 GB", "5.2 of 8.2 GB of memory free", "20.1 of 31.9 GB of disk free", "llm qwen2.5",
    "hw:CARD=Device", "48000 Hz in", "volume 80 %", "microphone -32 dB", "lost 1×", "412 ms p50, 1.69 s p95, 23 in",
    "gone (unplugged)", "c7 weather(city=Oslo) 3 s · asking", "k1 thinks", "c1 calculate(expression=6*7)",
    "What is six times seven?", "Forty-two.", "(under way)"])  # fmt: skip
def test_what_it_tells(text):
    assert text in "\n".join(screen(VIEW))


def test_a_child_stands_below_the_call_that_began_it():
    work = [one for one in screen(VIEW) if "c8 " in one or "k1 " in one or "c1 " in one]
    assert [len(one) - len(one[9:].lstrip()) for one in work] == [9, 11, 13]


def test_much_work_is_counted_instead_of_shown():
    view = copy.deepcopy(VIEW)
    view["contexts"][0]["calls"] *= 20
    lines = screen(view)
    assert len(lines) <= 23
    assert any("more" in one for one in lines)


@pytest.mark.parametrize(
    "view", [{}, {"state": "idle"}, VIEW | {"board": {}, "memory": {}, "sound": None, "turns": None}]
)
def test_what_is_not_known_is_said_to_be_so(view):
    assert "not known" in "\n".join(screen(view))
    rows(watch_lines(view, 80, tokens_per_second=None), 80, colour=True)


def test_what_was_said_cannot_draw_on_the_terminal():
    view = copy.deepcopy(VIEW)
    view["turns"][0] |= {"said": "\x1b[2J\x1b]0;title\x07", "answered": "\x9b31m\u202e"}
    view["live"] |= {"words": "\x1b[H", "reply": "a\rb"}
    for lines in (screen(view), rows(watch_lines(view, 80, tokens_per_second=1.0), 80, colour=True)):
        assert all(plain(one).isprintable() for one in lines)


@pytest.mark.parametrize("width", [1, 10, 40, 200])
def test_it_fits_any_width(width):
    assert all(cells(one) <= width for one in screen(VIEW, width))


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_the_command_prints_it(tmp_path, capsys, monkeypatch, arguments):
    monkeypatch.setenv("COLUMNS", "80")
    agent = FakeAgent(tmp_path / "s", lambda _: VIEW)
    assert main(["--socket", str(tmp_path / "s"), "status", *arguments]) == 0
    agent.die()
    out = capsys.readouterr().out
    assert "Forty-two." in out
    assert "\x1b" not in out
    assert out.startswith("{" if arguments else "device ")
