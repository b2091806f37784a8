"""gpiozero's devices on lines of the character device, against a kernel's side that the test drives."""

import sys
import threading
from pathlib import Path

import gpiod
import gpiozero
import pytest
from gpiod.line import Bias, Direction
from gpiozero.exc import BadPinFactory

from device.adapters import gpio_lines
from device.adapters.gpio_board import GpioBoard
from device.adapters.gpio_factory import Found, open_factory
from device.adapters.gpio_lines import JETSON_LINES, LineFactory, PiLineFactory, jetson_lines
from device.config import load
from device.core.indication import Indication, frame
from tests.adapters.line_kernel import Kernel

MAIN, ALWAYS_ON = "/dev/gpiochip0", "/dev/gpiochip1"
ORIN_NANO = "nvidia,p3768-0000+p3767-0005-super"
AGX_ORIN = "nvidia,p3737-0000+p3701-0005"
NO_LINE = "GPIO2 of this board's header is no line that can be used"


@pytest.fixture
def kernel(monkeypatch):
    names = {name for lines in JETSON_LINES.values() for name in lines.values()}
    always_on = sorted(name for name in names if name.startswith(("PAA", "PBB")))
    kernel = Kernel({MAIN: sorted(names - set(always_on)), ALWAYS_ON: always_on})
    monkeypatch.setattr(gpiod, "Chip", kernel.chip)
    monkeypatch.setattr(gpiod, "request_lines", kernel.request_lines)
    return kernel


def orin_nano() -> LineFactory:
    return LineFactory(jetson_lines([ORIN_NANO]), chips=[Path(MAIN), Path(ALWAYS_ON)])


@pytest.fixture
def factory(kernel):
    factory = orin_nano()
    yield factory
    factory.close()
    assert all(line.request is None for lines in kernel.chips.values() for line in lines)


def test_a_factory_that_ends_lets_go_of_every_line(kernel):
    factory = orin_nano()
    pins = [factory.pin(f"GPIO{bcm}") for bcm in (17, 27)]
    assert kernel.line("PR.04").request is not None
    factory.close()
    assert kernel.line("PR.04").request is None
    assert kernel.line("PY.00").request is None
    for pin in pins:
        pin.close()


@pytest.mark.parametrize("label", ["pinctrl-bcm2711", "pinctrl-rp1"])
def test_a_raspberry_pis_lines_are_numbered_as_its_pins_whatever_its_controllers_number(monkeypatch, label):
    kernel = Kernel({MAIN: ["power"], "/dev/gpiochip12": [f"LINE{number}" for number in range(54)]})
    kernel.labels = {MAIN: "raspberrypi-exp-gpio", "/dev/gpiochip12": label}
    monkeypatch.setattr(gpiod, "Chip", kernel.chip)
    monkeypatch.setattr(gpiod, "request_lines", kernel.request_lines)
    factory = PiLineFactory(chips=[Path(MAIN), Path("/dev/gpiochip12")])
    led = gpiozero.LED(17, pin_factory=factory)
    led.on()
    assert kernel.line("LINE17").level
    led.close()
    factory.close()
    with pytest.raises(BadPinFactory, match="the controller of a Raspberry Pi's header was not found"):
        PiLineFactory(chips=[Path(MAIN)])
    kernel.denied = {"/dev/gpiochip12"}
    with pytest.raises(PermissionError):
        PiLineFactory(chips=[Path(MAIN), Path("/dev/gpiochip12")])


def test_without_lgpio_a_raspberry_pi_has_the_character_device(monkeypatch):
    made = []
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", None)
    monkeypatch.setattr(gpio_lines, "PiLineFactory", lambda: made.append("lines"))
    open_factory("raspberry-pi", Found(kind="raspberry-pi"))
    assert made == ["lines"]


def test_every_orin_has_its_map_and_other_boards_have_none():
    assert jetson_lines([ORIN_NANO])[17] == "PR.04"
    assert jetson_lines([AGX_ORIN, "nvidia,tegra234"])[23] == "PBB.01"
    assert jetson_lines(["nvidia,p3509-0000+p3767-0000"]) is jetson_lines([ORIN_NANO])
    assert jetson_lines(["nvidia,p3450-0000", "raspberrypi,5-model-b"]) is None
    for lines in JETSON_LINES.values():
        assert len(set(lines.values())) == len(lines) == 22
        assert set(lines) <= set(range(4, 28))


def test_a_led_is_an_output_that_is_dark_at_first_and_an_input_again_in_the_end(factory, kernel):
    led = gpiozero.LED(17, pin_factory=factory)
    line = kernel.line("PR.04")
    assert (line.settings.direction, line.level) == (Direction.OUTPUT, False)
    led.on()
    assert line.level
    led.off()
    assert not line.level
    led.close()
    assert line.request is None
    assert line.history[:3] == [False, True, False]


def test_an_output_that_begins_high_is_never_low_first(factory, kernel):
    gpiozero.OutputDevice(17, initial_value=True, pin_factory=factory)
    assert kernel.line("PR.04").history == [True]


def test_a_button_tells_its_edges_on_a_thread_of_the_factorys(factory, kernel):
    button = gpiozero.DigitalInputDevice(17, pull_up=True, pin_factory=factory)
    line = kernel.line("PR.04")
    assert line.settings.bias is Bias.PULL_UP
    assert not button.is_active
    told: list[str] = []
    pressed, released = threading.Event(), threading.Event()
    button.when_activated = lambda: (told.append(threading.current_thread().name), pressed.set())
    button.when_deactivated = released.set
    line.drive(False)
    assert pressed.wait(10)
    line.drive(True)
    assert released.wait(10)
    assert told == ["pins"]


def test_two_buttons_share_the_thread(factory, kernel):
    first = gpiozero.DigitalInputDevice(17, pull_up=True, pin_factory=factory)
    second = gpiozero.DigitalInputDevice(27, pull_up=True, pin_factory=factory)
    events = threading.Event(), threading.Event()
    first.when_activated, second.when_activated = events[0].set, events[1].set
    kernel.line("PY.00").drive(False)
    assert events[1].wait(10)
    assert not events[0].is_set()
    first.close()
    kernel.line("PY.00").drive(True)
    events[1].clear()
    kernel.line("PY.00").drive(False)
    assert events[1].wait(10)
    assert [thread.name for thread in threading.enumerate()].count("pins") == 1


def test_an_agx_has_pins_on_both_controllers(kernel):
    factory = LineFactory(jetson_lines([AGX_ORIN]), chips=[Path(MAIN), Path(ALWAYS_ON)])
    gpiozero.LED(23, pin_factory=factory).on()
    gpiozero.LED(17, pin_factory=factory).on()
    assert kernel.line("PBB.01").level
    assert kernel.line("PR.04").level
    factory.close()


def board(factory, *settings: str):
    options = load(
        overrides=[f"board.{setting}" for setting in ("kind=jetson", *settings)], environment={}
    ).config.board
    failures: list[str] = []
    found = Found(kind="jetson", model="Jetson", compatible=(ORIN_NANO,))
    opened = GpioBoard.open(options, factory=factory, found=found, on_failure=lambda error: failures.append(str(error)))
    return opened, failures


def test_the_board_works_with_these_pins_and_a_led_that_cannot_be_dimmed_is_switched(factory, kernel):
    opened, failures = board(factory, "button=17", "led=plain", "led_pins=[18]", "brightness=0.5")
    assert failures == []
    opened.light.show(frame(Indication.LISTENING, opened.light.lamp, 0.0).lights)
    assert kernel.line("PH.07").level
    told = threading.Event()
    opened.watch(lambda name, closed: told.set())
    kernel.line("PR.04").drive(False)
    assert told.wait(10)
    opened.close()
    assert not kernel.line("PH.07").level


def test_a_line_that_is_taken_missing_or_forbidden_is_a_sentence_each(factory, kernel):
    kernel.request_lines(MAIN, {kernel.chips[MAIN].index(kernel.line("PR.04")): gpiod.LineSettings()}, "spi")
    _, failures = board(factory, "button=17", "second_button=2")
    assert failures == [
        "Pin 17 cannot be used for the button (key board.button): another program has it; choose another or free it.",
        f"Pin 2 cannot be used for the second button (key board.second_button): {NO_LINE}; choose another or free it.",
    ]
    kernel.line("PR.04").request.release()
    kernel.denied = {MAIN, ALWAYS_ON}
    _, failures = board(orin_nano(), "button=17")
    assert "this user may not (it must be in the group gpio)" in failures[0]
    kernel.denied = set()
    kernel.chips.pop(MAIN)
    _, failures = board(orin_nano(), "button=17")
    assert "no GPIO controller has the line PR.04" in failures[0]


def test_a_line_whose_controller_vanishes_does_not_end_the_thread(factory, kernel, monkeypatch):
    first = gpiozero.DigitalInputDevice(17, pull_up=True, pin_factory=factory)
    second = gpiozero.DigitalInputDevice(27, pull_up=True, pin_factory=factory)
    gone, works = threading.Event(), threading.Event()

    def vanished():
        gone.set()
        raise OSError("No such device")

    first.when_activated, second.when_activated = lambda: None, works.set
    monkeypatch.setattr(kernel.line("PR.04").request, "read_edge_events", vanished)
    kernel.line("PR.04").drive(False)
    assert gone.wait(10)
    kernel.line("PY.00").drive(False)
    assert works.wait(10)
