"""Earcons on their way to the loudspeaker."""

import numpy as np
import pytest

from device.core.earcons import Earcon
from device.core.entries import ReplyEnded
from device.core.fsm import State
from device.ports import Speech, WordEnd
from device.runtime.chimes import chime
from device.runtime.playback import Playback
from tests.runtime.agent import answers, scene
from tests.runtime.test_scenarios import STORY

SCRIPT = answers(("story", STORY), ("Hello", "Hi."))
ON = ("sounds.earcons=true", "sounds.volume=0.2")


@pytest.mark.parametrize("earcon", Earcon)
@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 48_000])
def test_they_are_short_as_loud_as_was_asked_and_do_not_click(earcon, rate_hz):
    sound = chime(earcon, volume=0.3, rate_hz=rate_hz)
    assert len(sound) <= (2.0 if earcon is Earcon.ALARM else 0.15) * rate_hz
    assert np.abs(sound).max() == pytest.approx(0.3, abs=1e-3)
    assert np.abs(sound[[0, -1]]).max() < 0.001
    assert np.abs(np.diff(sound)).max() < 0.3 * 2 * np.pi * 1760 * 1.3 / rate_hz


@pytest.mark.models
@pytest.mark.parametrize("earcon", Earcon)
def test_none_is_heard_as_speech_even_if_all_of_it_comes_back(earcon, artifact_path):
    from device.adapters.vad_silero import SileroVad

    detector = SileroVad(artifact_path("silero-vad"))
    for volume in (0.05, 0.2, 1.0):
        detector.reset()
        silence = np.zeros(16_000, np.float32)
        sound = np.concatenate((silence, chime(earcon, volume=volume, rate_hz=16_000), silence))
        windows = [sound[at : at + 512] for at in range(0, len(sound) - 511, 512)]
        assert max(map(detector.probability, windows)) < 0.45


def test_a_chime_neither_delays_a_reply_nor_counts_as_one():
    started, finished = [], []
    playback = Playback(on_started=started.append, on_finished=finished.append)
    playback.use_device(16_000)
    playback.begin(1)
    playback.ring(lambda rate_hz: chime(Earcon.HEARD, volume=0.2, rate_hz=rate_hz))
    out = np.zeros(512, np.float32)
    playback.render(out)
    assert out.any()
    assert started == []
    voice = Speech(
        text="Hi",
        samples=np.full(512, 0.25, np.float32),
        sample_rate_hz=16_000,
        align=lambda: (WordEnd(chars=2, samples=512),),
    )
    playback.enqueue(1, voice)
    playback.complete(1)
    playback.render(out)
    assert (started, finished) == ([1], [1])
    assert playback.stop(1).pieces == 1


async def test_a_tap_is_answered_by_a_sound_and_none_is_heard_where_they_are_off():
    for options, loud in ((ON, True), ((), False)):
        async with scene(SCRIPT, options=options) as it:
            it.agent.talk_tapped()
            await it.rest()
            assert bool(it.audio.step().any()) is loud


async def test_what_was_heard_of_a_reply_does_not_depend_on_them():
    heard = []
    for options in (ON, ()):
        async with scene(SCRIPT, options=options) as it:
            await it.hear("Tell me a story.")
            await it.until(lambda: it.state is State.EMITTING)
            await it.step(10)
            it.agent.interrupt()
            await it.until_idle()
            heard.append(it.entries(ReplyEnded)[0].heard)
    assert heard[0] == heard[1]


async def test_a_mute_is_heard():
    async with scene(SCRIPT, options=ON) as it:
        it.agent.mute()
        await it.until(lambda: not it.audio.listening)
        assert any(it.audio.step().any() or block.any() for block in it.out[-5:])
