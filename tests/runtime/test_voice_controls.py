"""Volume and speed: heard at once, and the same after a restart."""

import asyncio

import numpy as np
import pytest

from device.adapters.fakes.speech import SteadyVoice
from device.adapters.fakes.values import MemoryValues
from device.runtime.playback import Playback
from device.runtime.voice_controls import VoiceSettings


class Gain:
    """Stands in for the playback: the last gain that was set."""

    def set_gain(self, gain):
        self.gain = gain


@pytest.fixture
def values():
    return MemoryValues()


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_is_set_is_heard_at_once_and_kept(values):
    gain, synthesizer = Gain(), SteadyVoice()
    settings = VoiceSettings(values, gain, synthesizer)
    assert (settings.volume, settings.speed, gain.gain, synthesizer.speed) == (1.0, 1.0, 1.0, 1.0)
    keeping = asyncio.create_task(settings.run())
    settings.volume, settings.speed = 0.5, 1.25
    assert gain.gain == pytest.approx(0.315, abs=0.001)
    assert synthesizer.speed == 1.25
    await settle()
    assert values.get("voice").value == {"volume": 0.5, "speed": 1.25}
    keeping.cancel()
    again = VoiceSettings(values, gain, later := SteadyVoice())
    assert (again.volume, again.speed, later.speed) == (0.5, 1.25, 1.25)


async def test_nothing_is_written_until_something_is_set(values):
    keeping = asyncio.create_task(VoiceSettings(values, Gain(), SteadyVoice()).run())
    await settle()
    assert values.get("voice").version == 0
    keeping.cancel()


async def test_a_setting_goes_no_further_than_it_can(values):
    settings = VoiceSettings(values, Gain(), SteadyVoice())
    settings.volume, settings.speed = 7.0, 9.0
    assert (settings.volume, settings.speed) == (1.0, 2.0)
    settings.volume, settings.speed = -1.0, 0.0
    assert (settings.volume, settings.speed) == (0.0, 0.5)


@pytest.mark.parametrize("nonsense", [7, "loud", {"volume": "x", "speed": None}, [1], {"volume": 40, "speed": -3}])
async def test_what_others_wrote_there_is_no_trouble(values, nonsense):
    values.overwrite("voice", nonsense)
    settings = VoiceSettings(values, Gain(), SteadyVoice())
    assert 0 <= settings.volume <= 1
    assert 0.5 <= settings.speed <= 2


async def test_a_write_in_between_loses_nothing_of_ours(values):
    values.meddle = lambda values: (
        setattr(values, "meddle", None),
        values.overwrite("voice", {"volume": 0.1, "speed": 1}),
    )
    settings = VoiceSettings(values, Gain(), SteadyVoice())
    keeping = asyncio.create_task(settings.run())
    settings.volume = 0.7
    await settle()
    assert values.get("voice").value == {"volume": 0.7, "speed": 1.0}
    keeping.cancel()


async def test_with_a_real_playback_half_the_volume_is_ten_decibels_less(values):
    playback = Playback(on_started=lambda turn: None, on_finished=lambda turn: None)
    playback.use_device(16_000)
    VoiceSettings(values, playback, SteadyVoice()).volume = 0.5
    playback.begin(1)
    playback.enqueue(1, SteadyVoice().synthesize("one two three four"))
    out = np.zeros(4_000, np.float32)
    playback.render(out)
    assert 20 * np.log10(out[-1] / 0.25) == pytest.approx(-10.0, abs=0.1)
