"""Outputs on gpiozero's mock pins."""

import pytest
from gpiozero import OutputDevice
from gpiozero.pins.mock import MockFactory

from device.adapters.gpio_outputs import GpioOutputs
from device.errors import ToolError


@pytest.fixture
def factory():
    factory = MockFactory()
    yield factory
    factory.close()


def test_an_output_is_off_at_first_and_does_what_it_is_told(factory):
    outputs = GpioOutputs.open({"lamp": 17, "fan": 27}, pin_factory=factory)
    assert outputs.names() == ("lamp", "fan")
    assert not factory.pin(17).state
    outputs.switch("lamp", on=True)
    assert factory.pin(17).state
    assert not factory.pin(27).state
    outputs.switch("lamp", on=False)
    assert not factory.pin(17).state
    outputs.close()
    assert outputs.names() == ()


def test_after_the_end_the_pins_are_free_again(factory):
    outputs = GpioOutputs.open({"lamp": 17}, pin_factory=factory)
    outputs.switch("lamp", on=True)
    outputs.close()
    again = GpioOutputs.open({"lamp": 17}, pin_factory=factory)
    assert again.names() == ("lamp",)
    again.close()


def test_a_pin_that_is_taken_or_missing_is_a_sentence_and_the_others_work(factory):
    taken = OutputDevice(17, pin_factory=factory)
    failures = []
    outputs = GpioOutputs.open(
        {"lamp": 17, "fan": 27, "moon": 99, "other fan": 27}, pin_factory=factory, on_failure=failures.append
    )
    assert outputs.names() == ("fan",)
    assert [str(failure).split(" (key board.outputs): ")[0] for failure in failures] == [
        "Pin 17 cannot be used for lamp",
        "Pin 99 cannot be used for moon",
        "Pin 27 cannot be used for other fan",
    ]
    assert all(str(failure).endswith(".") and "\n" not in str(failure) for failure in failures)
    outputs.close()
    taken.close()


def test_a_failure_is_logged_where_nobody_else_wants_it(factory, caplog):
    GpioOutputs.open({"moon": 99}, pin_factory=factory)
    assert "Pin 99 cannot be used for moon" in caplog.text


def test_what_cannot_be_switched_is_a_sentence_for_the_model(factory, monkeypatch):
    outputs = GpioOutputs.open({"lamp": 17}, pin_factory=factory)
    with pytest.raises(ToolError, match=r"nothing called oven to switch\.$"):
        outputs.switch("oven", on=True)

    def broken(device):
        raise OSError("gone")

    monkeypatch.setattr(OutputDevice, "on", broken)
    with pytest.raises(ToolError, match=r"The lamp cannot be switched: .*\.$"):
        outputs.switch("lamp", on=True)
    outputs.close()
