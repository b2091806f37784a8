"""`device gpio`: what is connected where, the drawings, and the walk through the wiring."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from device.cli.main import main

DRAWINGS = Path(__file__).parents[2] / "device" / "drawings"
BOARD = ["--set", "board.kind=mock", "--set", "board.button=27", "--set", "board.second_button=22"]
RGB = ["--set", "board.led=rgb", "--set", "board.led_pins=[23, 24, 25]"]


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    code = main(["gpio", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_connections_are_listed_by_the_headers_pins(capsys):
    code, out, _ = run(capsys, "wiring", *BOARD, *RGB, "--set", "board.outputs={ lamp = 17 }")
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert ["button", "(talk)", "GPIO27", "pin", "13"] in lines
    assert ["RGB", "LED", "green", "330", "Ω", "pin", "18"] in lines
    assert ["lamp", "GPIO17", "pin", "11"] in lines
    places = [line[-1] for line in lines]
    assert len(set(places)) == len(places), "no pin is used twice"


def test_without_any_pins_it_says_so(capsys):
    assert "Nothing is connected" in run(capsys, "wiring")[1]


def test_a_drawing_is_svg_with_every_connection(capsys, tmp_path):
    assert run(capsys, "wiring", *BOARD, *RGB, "--draw", str(tmp_path / "w.svg"))[0] == 0
    root = ET.fromstring((tmp_path / "w.svg").read_text())
    texts = {element.text for element in root.iter() if element.tag.endswith("text")}
    assert {"button (talk)", "second button (mute)", "RGB LED", "GPIO27", "40"} <= texts


def test_the_drawings_that_ship_are_those_that_are_drawn_now(capsys, tmp_path):
    assert run(capsys, "wiring", "--check-drawings", str(DRAWINGS))[0] == 0
    code, out, _ = run(capsys, "wiring", "--check-drawings", str(tmp_path))
    assert (code, out.count("is stale")) == (1, 3)
    assert run(capsys, "wiring", "--write-drawings", str(tmp_path))[0] == 0
    assert run(capsys, "wiring", "--check-drawings", str(tmp_path))[0] == 0


def test_the_walk_shows_every_state_and_names_a_button_that_was_not_pressed(capsys):
    code, out, _ = run(capsys, "test", "--each", "0", "--seconds", "0", *BOARD, *RGB)
    assert code == 0
    for words in ("listening", "working in the background", "muted", "error", "updating"):
        assert f"  {words}\n" in out
    assert "The second button was not pressed, or its wire does not reach pin 22." in out


def test_a_board_that_cannot_be_used_is_a_sentence_and_its_exit_code(capsys):
    code, out, _ = run(
        capsys, "test", "--each", "0", "--seconds", "0", "--set", "board.led=strip", "--set", "board.led_bus=/none"
    )
    assert code == 6
    assert "The LED strip needs the SPI bus /none" in out


@pytest.mark.parametrize("name", ["button", "second_button"])
def test_pressing_without_a_running_agent_is_a_sentence(capsys, tmp_path, name):
    code = main(["--socket", str(tmp_path / "none.sock"), "gpio", "press", name])
    assert code == 11
    assert "No agent is running" in capsys.readouterr().err
