"""Strips of APA102: the bytes they get, decoded as a strip does."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.adapters.gpio_apa102 import CURRENT, Apa102Light, encoded
from device.core.indication import DARK, Colour, Indication, Lamp, frame
from device.errors import BoardError

colours = st.builds(Colour, red=st.floats(0, 1), green=st.floats(0, 1), blue=st.floats(0, 1))


def decoded(sent: bytes, leds: int) -> list[tuple[int, int, int, int]]:
    """What a strip of so many LEDs shows: current, red, green, blue of each. Fails if a bit is missing for the last."""
    assert sent[:4] == bytes(4)
    body, tail = sent[4 : 4 + 4 * leds], sent[4 + 4 * leds :]
    assert not any(tail)
    assert len(tail) * 8 >= leds / 2
    words = [body[at : at + 4] for at in range(0, len(body), 4)]
    assert all(word[0] >> 5 == 0b111 for word in words)
    return [(word[0] & 31, word[3], word[2], word[1]) for word in words]


@given(st.lists(colours, min_size=1, max_size=144))
def test_every_led_of_a_strip_gets_its_colour(lights):
    assert decoded(encoded(lights), len(lights)) == [
        (CURRENT, round(one.red * 255), round(one.green * 255), round(one.blue * 255)) for one in lights
    ]


@pytest.fixture
def bus():
    """A pipe in place of the bus."""
    read, write = os.pipe()
    yield read, write
    os.close(read)


def test_a_strip_shows_every_indication_and_goes_dark_in_the_end(bus):
    read, write = bus
    lamp = Lamp(leds=3, dimmed=True)
    light = Apa102Light(write, lamp)
    for shown in Indication:
        now = frame(shown, lamp, 0.0)
        light.show(now.lights)
        assert os.read(read, 1000) == encoded(now.lights)
    light.close()
    assert os.read(read, 1000) == encoded([DARK] * 3)
    light.close()


def test_what_is_shown_already_is_not_sent_again(bus):
    read, write = bus
    light = Apa102Light(write, Lamp(leds=1, dimmed=True))
    light.show([DARK])
    light.show([DARK])
    assert os.read(read, 1000) == encoded([DARK])
    light.close()


def test_a_bus_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(
        BoardError, match=r"needs the SPI bus .*spidev0.0 \(key board.led_bus\), which is not there: .*\.$"
    ):
        Apa102Light.open(tmp_path / "spidev0.0", Lamp())


def test_what_is_no_bus_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BoardError, match=r"is no SPI bus: .*\.$"):
        Apa102Light.open(tmp_path / "file", Lamp())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_strip_that_no_longer_answers_is_a_sentence():
    read, write = os.pipe()
    os.close(read)
    light = Apa102Light(write, Lamp(leds=1, dimmed=True), "/dev/spidev0.0")
    with pytest.raises(BoardError, match=r"^The LED strip on /dev/spidev0.0 no longer answers: broken pipe\.$"):
        light.show([DARK])
    light.close()
