"""A sound card is measured as it stands in its room, and told of in plain words."""

import dataclasses
import threading
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from device.bench import sound_check, sound_verdict
from device.bench.duplex.acoustics import Delay

RATE, BLOCK = 16_000, 160


class Card:
    """A card whose microphone hears its loudspeaker, some time later and weaker."""

    def __init__(self, gain: float, delay_ms: float, noise: float = 0.001) -> None:
        self.name, self.input_hz, self.output_hz, self.delay_seconds = "a card", RATE, RATE, 0.02
        self.xruns, self.worst_wait_seconds, self.worst_block_seconds = 0, 0.001, 0.0005
        self._gain, self._noise, self._delay = gain, noise, Delay(delay_ms, 0.0)
        self._chance = np.random.default_rng(0)
        self._closed = threading.Event()

    def run(self, exchange) -> None:
        captured = np.zeros(BLOCK, np.float32)
        while not self._closed.is_set():
            out = np.zeros(BLOCK, np.float32)
            exchange(captured, out)
            noise = self._chance.normal(0.0, self._noise, BLOCK)
            captured = np.clip(self._gain * self._delay.process(out) + noise, -1, 1).astype(np.float32)
            time.sleep(0)

    def close(self) -> None:
        self._closed.set()


def measured(card: Card, *, says: bool = False):
    tape = sound_check.Tape()
    thread = threading.Thread(target=card.run, args=(tape.exchange,))
    thread.start()
    try:
        return sound_check.check(card, None, block_ms=10, speech=lambda: says, tape=tape)
    finally:
        card.close()
        thread.join()


def test_the_way_from_the_loudspeaker_to_the_microphone_is_found():
    found, spoken = measured(Card(0.1, delay_ms=50.0))
    assert found.delay_ms == pytest.approx(60.0, abs=1.0)  # and a block more
    assert found.echo_return_loss_db == pytest.approx(20.0, abs=1.0)
    assert found.quiet_db == pytest.approx(-60.0, abs=1.0)
    assert not len(spoken)
    assert sound_verdict.verdict(found, cancels=True).usable
    assert not sound_verdict.verdict(found, cancels=False).usable


def test_a_headset_hears_nothing_of_it_and_is_recorded():
    found, spoken = measured(Card(0.0, delay_ms=50.0), says=True)
    assert found.delay_ms is None
    assert found.echo_db is None
    assert len(spoken) == sound_check.SPEECH_SECONDS * RATE
    assert found.speech_db == pytest.approx(-60.0, abs=2.0)
    judged = sound_verdict.verdict(found, cancels=False)
    assert judged.usable
    assert any("faint" in sentence for sentence in judged.sentences)


GOOD = sound_check.Found(
    name="a card", rate_hz=48_000, quiet_db=-65.0, echo_db=-30.0, echo_return_loss_db=15.0, delay_ms=40.0,
    device_delay_ms=30.0, cancelled_db=30.0, speech_db=-25.0, loudest=0.3, xruns=0, worst_wait_ms=1.0,
    worst_block_ms=0.5, block_ms=10.0, played_levels_db=[-120.0, -15.0], captured_levels_db=[-65.0, -30.0],
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "usable", "word"),
    [
        ({}, True, "All is well"),
        ({"quiet_db": -120.0, "echo_db": None}, False, "muted"),
        ({"quiet_db": -30.0}, True, "noisy"),
        ({"loudest": 1.0}, True, "overdriven"),
        ({"speech_db": -60.0}, True, "faint"),
        ({"echo_db": None}, True, "headset"),
        ({"delay_ms": 600.0}, False, "600 ms"),
        ({"echo_db": -3.0}, True, "very loud"),
        ({"cancelled_db": 3.0}, True, "Only 3 dB"),
        ({"xruns": 4}, True, "block_ms"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(change, usable, word):
    found = dataclasses.replace(GOOD, **change)
    judged = sound_verdict.verdict(found, cancels=True)
    assert judged.usable is usable
    assert any(word in sentence for sentence in judged.sentences)
    assert word in sound_verdict.as_text(found, judged)
    ET.fromstring(sound_verdict.picture(found, judged))
