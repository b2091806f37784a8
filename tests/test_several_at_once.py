"""Several things asked for in one spoken sentence, with the real default models, from the microphone to the loudspeaker."""

import re

import numpy as np
import pytest
import soundfile

from device.core.entries import CallEnded, CallMade, ReplyEnded, UserSaid
from tests.ledger import entries_of
from tests.test_system import run, spoken_reply
from tests.weather_server import WeatherServer

pytestmark = pytest.mark.models
RATE_HZ = 16_000


@pytest.fixture
def weather():
    server = WeatherServer()
    yield server
    server.close()


def test_weather_timer_and_sum_are_asked_in_one_breath_and_each_is_told(
    tmp_path, weather, speak, recognize, monkeypatch
):
    sentence = speak("What's the weather in Oslo, set a ten minute timer, and what's six times seven?")
    soundfile.write(tmp_path / "in.wav", np.pad(sentence, (8000, 16_000)), RATE_HZ)
    for name, value in weather.environment.items():
        monkeypatch.setenv(name, value)
    state = tmp_path / "state"
    code, out, err = run(
        *("--set", "tools.network=true"),
        *("run", "--wav", tmp_path / "in.wav", "--out", tmp_path / "reply.wav", "--linger", 4, "--state", state),
    )
    assert code == 0, err
    entries = entries_of(state)
    # The voice pauses at its commas, each time a little differently: what it said may be two turns.
    asked = " ".join(entry.text for entry in entries if isinstance(entry, UserSaid)).lower()
    assert "oslo" in asked
    assert "seven" in asked
    made = {entry.name: entry.arguments for entry in entries if isinstance(entry, CallMade)}
    assert made["weather"]["city"].lower() == "oslo"
    assert made["set_timer"]["duration"].replace("-", " ") in ("10 minutes", "10 minute", "ten minutes", "ten minute")
    assert all(entry.status == "done" for entry in entries if isinstance(entry, CallEnded))
    told = " ".join(entry.heard for entry in entries if isinstance(entry, ReplyEnded)).lower()
    assert re.search(r"42|forty.two", told)
    assert "timer" in told
    assert re.search(r"(4|four) degrees|light rain", told)
    assert re.search(r"42|forty.two", spoken_reply(tmp_path, recognize)), out
