"""The pins for real, on the kernel's simulated GPIO (its module gpio-sim): lines, edges and levels go through the kernel.

Needs root and that module; skipped where they are not. The simulated controller has 28 lines, each with the name that an
Orin Nano gives the line of that BCM number: so the same lines are a Jetson's by name, and a Raspberry Pi's by number.
"""

import os
import threading
import time
from pathlib import Path

import pytest

from device.adapters.gpio_board import GpioBoard
from device.adapters.gpio_factory import Found
from device.adapters.gpio_lines import LineFactory, PiLineFactory, jetson_lines
from device.config import load
from device.core.indication import Indication, frame

CONFIG = Path("/sys/kernel/config/gpio-sim")
ORIN_NANO = ("nvidia,p3768-0000+p3767-0005",)

pytestmark = [
    pytest.mark.hardware,
    pytest.mark.skipif(not (CONFIG.is_dir() and os.access(CONFIG, os.W_OK)), reason="the kernel has no gpio-sim here"),
]


class Controller:
    """The simulated controller, from outside."""

    def __init__(self) -> None:
        self._made = CONFIG / f"device-{os.getpid()}"
        bank = self._made / "bank0"
        bank.mkdir(parents=True)
        (bank / "label").write_text("pinctrl-bcm2711")
        (bank / "num_lines").write_text("28")
        for bcm, name in jetson_lines(ORIN_NANO).items():
            (bank / f"line{bcm}").mkdir()
            (bank / f"line{bcm}" / "name").write_text(name)
        (self._made / "live").write_text("1")
        chip = (bank / "chip_name").read_text().strip()
        self.path = Path("/dev") / chip
        self._lines = Path("/sys/devices/platform") / (self._made / "dev_name").read_text().strip() / chip

    def drive(self, bcm: int, *, high: bool) -> None:
        """What a button does."""
        (self._lines / f"sim_gpio{bcm}" / "pull").write_text("pull-up" if high else "pull-down")

    def level(self, bcm: int) -> int:
        """What a LED sees."""
        return int((self._lines / f"sim_gpio{bcm}" / "value").read_text())

    def remove(self) -> None:
        (self._made / "live").write_text("0")
        for line in (self._made / "bank0").glob("line*"):
            line.rmdir()
        (self._made / "bank0").rmdir()
        self._made.rmdir()


@pytest.fixture
def controller():
    controller = Controller()
    yield controller
    controller.remove()


def jetson(controller: Controller):
    return LineFactory(jetson_lines(ORIN_NANO), chips=[controller.path])


def raspberry_pi_by_lines(controller: Controller):
    return PiLineFactory(chips=[controller.path])


def raspberry_pi(controller: Controller):
    pytest.importorskip("lgpio")
    from gpiozero.pins.lgpio import LGPIOFactory

    class Pi(LGPIOFactory):
        def _get_revision(self) -> int:
            return 0xA02082

    return Pi(chip=int(controller.path.name.removeprefix("gpiochip")))


BOARDS = pytest.mark.parametrize("make", [jetson, raspberry_pi_by_lines, raspberry_pi])


def board(factory, *settings: str):
    options = load(
        overrides=[f"board.{setting}" for setting in ("kind=jetson", *settings)], environment={}
    ).config.board
    failures: list[str] = []
    found = Found(kind="jetson", model="simulated", compatible=ORIN_NANO)
    return GpioBoard.open(
        options, factory=factory, found=found, on_failure=lambda one: failures.append(str(one))
    ), failures


@BOARDS
def test_edges_go_through_the_kernel_to_the_board(controller, make):
    controller.drive(17, high=True)
    opened, failures = board(make(controller), "button=17", "second_button=27")
    assert failures == []
    told: list[tuple[str, bool, float]] = []
    news = threading.Event()

    def tell(name: str, closed: bool) -> None:
        told.append((name, closed, time.monotonic()))
        news.set()

    opened.watch(tell)
    late_ms = []
    for closed in (True, False) * 10:
        news.clear()
        began = time.monotonic()
        controller.drive(17, high=not closed)
        assert news.wait(10)
        assert told[-1][:2] == ("button", closed)
        late_ms.append((told[-1][2] - began) * 1000)
    print(f"{make.__name__}: an edge is told after {sorted(late_ms)[10]:.2f} ms (median of 20)")
    opened.close()


@BOARDS
def test_every_indication_reaches_the_leds_lines(controller, make):
    opened, failures = board(make(controller), "led=rgb", "led_pins=[5, 6, 13]")
    assert failures == []
    for shown in Indication:
        now = frame(shown, opened.light.lamp, 0.0).lights
        opened.light.show(now)
        assert [controller.level(pin) for pin in (5, 6, 13)] == [
            round(x) for x in (now[0].red, now[0].green, now[0].blue)
        ]
    opened.close()
    assert [controller.level(pin) for pin in (5, 6, 13)] == [0, 0, 0]


@BOARDS
def test_a_line_that_another_program_has_is_a_sentence_and_the_rest_works(controller, make):
    other = jetson(controller)
    other.pin("GPIO17")
    opened, failures = board(make(controller), "button=17", "second_button=27")
    assert opened.buttons == ("second_button",)
    assert len(failures) == 1
    assert failures[0].startswith("Pin 17 cannot be used for the button (key board.button): ")
    opened.close()
    other.close()
