"""LEDs on gpiozero's mock pins."""

import pytest
from gpiozero import OutputDevice
from gpiozero.pins.mock import MockFactory, MockPin, MockPWMPin

from device.adapters.gpio_lights import PinLight
from device.core.indication import PATTERNS, Colour, Indication, Lamp, frame
from device.errors import BoardError


@pytest.fixture
def factory():
    factory = MockFactory(pin_class=MockPWMPin)
    yield factory
    factory.close()


def show(light: PinLight, shown: Indication, seconds: float = 0.0) -> None:
    light.show(frame(shown, light.lamp, seconds).lights)


@pytest.mark.parametrize("shown", Indication)
def test_a_plain_led_is_lit_as_the_pattern_says_without_being_dimmed(factory, shown):
    light = PinLight.open([18], factory, Lamp())
    at = 0.0
    for step in (PATTERNS[shown].blink * 2)[:4]:
        show(light, shown, at)
        assert factory.pin(18).state == step.level
        assert factory.pin(18).frequency is None
        at += step.ms / 1000
    light.close()
    assert factory.pin(18).state == 0


@pytest.mark.parametrize("shown", Indication)
def test_an_rgb_led_has_the_patterns_colour_without_being_dimmed(factory, shown):
    light = PinLight.open([17, 27, 22], factory, Lamp())
    show(light, shown)
    colour = Colour.parse(PATTERNS[shown].colour)
    assert [factory.pin(pin).state for pin in (17, 27, 22)] == [colour.red, colour.green, colour.blue]
    assert all(factory.pin(pin).frequency is None for pin in (17, 27, 22))
    light.close()


def test_a_led_that_lights_up_at_ground_is_dark_when_its_pin_is_high(factory):
    light = PinLight.open([18], factory, Lamp(), active_high=False)
    assert factory.pin(18).state == 1
    show(light, Indication.LISTENING)
    assert factory.pin(18).state == 0
    light.close()


def test_brightness_and_mixed_colours_dim(factory):
    light = PinLight.open([18], factory, Lamp(brightness=0.25))
    show(light, Indication.LISTENING)
    assert factory.pin(18).state == 0.25
    light.close()
    orange = {Indication.MUTED: Colour.parse("#ff8000")}
    light = PinLight.open([17, 27, 22], factory, Lamp(colours=orange))
    show(light, Indication.MUTED)
    assert [round(factory.pin(pin).state, 2) for pin in (17, 27, 22)] == [1.0, 0.5, 0.0]
    light.close()


def test_a_pin_that_cannot_be_dimmed_is_switched(caplog):
    factory = MockFactory(pin_class=MockPin)
    light = PinLight.open([18], factory, Lamp(brightness=0.25))
    assert "Pin 18 cannot be dimmed" in caplog.text
    show(light, Indication.LISTENING)
    assert factory.pin(18).state
    light.close()
    factory.close()


def test_what_does_not_change_is_not_written_again(factory):
    light = PinLight.open([17, 27, 22], factory, Lamp())
    show(light, Indication.LISTENING)
    factory.pin(22).clear_states()
    show(light, Indication.LISTENING)
    assert len(factory.pin(22).states) == 1
    light.close()


def test_a_pin_that_is_taken_is_a_sentence_and_the_others_are_free_again(factory):
    taken = OutputDevice(22, pin_factory=factory)
    with pytest.raises(BoardError, match=r"^Pin 22 cannot be used for the LED \(key board.led_pins\): .*in use.*\.$"):
        PinLight.open([17, 27, 22], factory, Lamp())
    OutputDevice(17, pin_factory=factory).close()
    taken.close()


def test_a_led_that_no_longer_answers_is_a_sentence(factory, monkeypatch):
    light = PinLight.open([18], factory, Lamp())

    def broken(self, value):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(MockPWMPin, "_set_state", broken)
    with pytest.raises(BoardError, match=r"^The LED no longer answers: input/output error\.$"):
        show(light, Indication.LISTENING)
    monkeypatch.undo()
    light.close()
