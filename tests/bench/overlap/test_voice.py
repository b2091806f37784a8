"""A user who speaks: their sentences pass the microphone one after another, in a room that is never quite silent."""

import asyncio

import numpy as np
import pytest

from device.adapters.fakes.clock import FakeClock
from device.bench.overlap.player import Staging, playing
from device.bench.overlap.voice import CHUNK_SAMPLES, Voice
from device.config import load
from device.eval.workloads import TOOLS, workload

CONFIG = load(environment={}).config


class Beeps:
    """Says every text as a tone between silences, a chunk a character."""

    def speakers(self):
        return (("made", "beep"),)

    def say(self, text, **_):
        silence = np.zeros(CHUNK_SAMPLES, np.float32)
        return np.concatenate([silence, np.full(CHUNK_SAMPLES * len(text), 0.5, np.float32), silence])


async def test_sentences_pass_one_after_the_other_and_end_with_their_sound(monkeypatch):
    monkeypatch.setattr("device.app.varied_voices", lambda config: Beeps())
    voice = Voice(CONFIG)
    voice.clock = FakeClock()
    await voice.prepare(["abc", "de"])
    saying = [asyncio.create_task(voice.say(text)) for text in ("abc", "de")]
    await asyncio.sleep(0)
    sounds = voice.sounds()
    loud = []
    for number in range(8):
        loud.append(bool(np.abs(next(sounds)).max() > 0.4))
        await asyncio.sleep(0.001)
        assert saying[0].done() is (number >= 3)
    assert loud == [True] * 5 + [False] * 3
    assert 0 < np.abs(next(sounds)).max() < 0.01
    assert len(await asyncio.gather(*saying)) == 2


@pytest.mark.models
async def test_a_request_that_is_spoken_is_heard_and_answered(artifact_path):
    for name in (CONFIG.models.asr, CONFIG.models.tts, CONFIG.models.vad, CONFIG.models.llm):
        artifact_path(name)
    async with playing(CONFIG, Staging(strict=False, heard=True, specs=TOOLS)) as player:
        played = await player.play(workload("many calls", 2, "1"))
    assert played.outcome.heard == 2
    assert played.outcome.first_word_seconds > 0
