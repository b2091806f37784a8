"""The whole board on gpiozero's mock pins, and what a person is told where it cannot be as configured."""

import pytest
from gpiozero import OutputDevice
from gpiozero.pins.mock import MockFactory, MockPWMPin

from device.adapters.gpio_board import GpioBoard
from device.adapters.gpio_factory import Found, find_board, open_factory
from device.config import load
from device.errors import BoardError

NOTHING = Found(kind="none")


def options(*settings: str):
    return load(overrides=[f"board.{setting}" for setting in settings], environment={}).config.board


@pytest.fixture
def factory():
    factory = MockFactory(pin_class=MockPWMPin)
    yield factory
    factory.close()


def opened(factory, *settings: str, found: Found = NOTHING):
    failures: list[str] = []
    board = GpioBoard.open(
        options(*settings), factory=factory, found=found, on_failure=lambda failure: failures.append(str(failure))
    )
    return board, failures


def test_a_board_of_buttons_led_and_outputs(factory):
    board, failures = opened(
        factory, "kind=mock", "button=17", "second_button=27", "led=rgb", "led_pins=[5, 6, 13]", "outputs={ lamp = 22 }"
    )
    assert failures == []
    assert board.buttons == ("button", "second_button")
    assert board.light.lamp.leds == 1
    assert board.outputs.names() == ("lamp",)
    board.close()
    assert board.buttons == ()


@pytest.mark.parametrize(("to", "at_rest"), [("ground", 1), ("supply", 0)])
def test_edges_are_told_with_the_buttons_name(factory, to, at_rest):
    board, _ = opened(factory, "kind=mock", "button=17", f"buttons_to={to}")
    told = []
    board.watch(lambda name, closed: told.append((name, closed)))
    assert factory.pin(17).state == at_rest
    for high in (not at_rest, at_rest):
        (factory.pin(17).drive_high if high else factory.pin(17).drive_low)()
    board.press("button", closed=True)
    board.press("button", closed=False)
    assert told == [("button", True), ("button", False)] * 2
    board.close()


def test_a_button_that_is_pressed_from_the_start_is_a_warning(factory, caplog):
    board, _ = opened(factory, "kind=mock", "button=17")
    factory.pin(17).drive_low()
    board.watch(lambda name, closed: None)
    assert "The button is pressed from the start: check its wiring" in caplog.text
    board.close()


def test_what_cannot_be_used_is_a_sentence_each_and_the_rest_works(factory):
    taken = OutputDevice(17, pin_factory=factory)
    board, failures = opened(factory, "kind=mock", "button=17", "second_button=27", "led=strip", "led_bus=/nowhere")
    assert board.buttons == ("second_button",)
    assert board.light is None
    assert [failure.split(" (key ")[0] for failure in failures] == [
        "The LED strip needs the SPI bus /nowhere",
        "Pin 17 cannot be used for the button",
    ]
    assert all(failure.endswith(".") and "\n" not in failure for failure in failures)
    board.close()
    taken.close()


def test_where_nothing_is_configured_no_pin_is_touched_and_nothing_is_said():
    board, failures = opened(None)
    assert (board.buttons, board.light, board.outputs, failures) == ((), None, None, [])
    board.close()


def test_a_computer_without_pins_says_so_once_and_goes_on():
    board, failures = opened(None, "button=17", "led=plain", "led_pins=[18]", "outputs={ lamp = 22 }")
    assert failures == ["This computer has no pins that are known (key board.kind): choose mock for pins in memory."]
    assert (board.buttons, board.light) == ((), None)
    board.close()


def test_no_board_is_no_complaint():
    board, failures = opened(None, "kind=none", "button=17")
    assert (board.buttons, failures) == ((), [])


def test_a_raspberry_pi_that_is_none_and_a_jetson_that_is_unknown_are_sentences():
    for kind in ("raspberry-pi", "jetson"):
        with pytest.raises(BoardError, match=r"^The (pins|header) of this .*\.$"):
            open_factory(kind, NOTHING)


def test_pressing_what_is_not_there_is_a_sentence(factory):
    board, _ = opened(factory, "kind=mock", "button=17")
    with pytest.raises(BoardError, match='no button called "third": the buttons are button'):
        board.press("third", closed=True)
    board.close()


@pytest.mark.parametrize(
    ("model", "compatible", "kind"),
    [
        ("Raspberry Pi 5 Model B Rev 1.0", ["raspberrypi,5-model-b", "brcm,bcm2712"], "raspberry-pi"),
        (
            "NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super",
            ["nvidia,p3768-0000+p3767-0005-super", "nvidia,p3767-0005", "nvidia,tegra234"],
            "jetson",
        ),
        ("linux,dummy-virt", ["linux,dummy-virt"], "none"),
    ],
)
def test_a_board_is_known_by_its_device_tree(tmp_path, model, compatible, kind):
    (tmp_path / "model").write_bytes(model.encode() + b"\0")
    (tmp_path / "compatible").write_bytes(b"".join(name.encode() + b"\0" for name in compatible))
    found = find_board(tmp_path)
    assert (found.kind, found.model, list(found.compatible)) == (kind, model, compatible)


def test_without_a_device_tree_there_is_no_board(tmp_path):
    assert find_board(tmp_path / "nothing").kind == "none"
