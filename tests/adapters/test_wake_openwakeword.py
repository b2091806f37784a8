"""The wake word's models, for real, on the voice that ships."""

import numpy as np
import pytest

from device.adapters.wake_openwakeword import HOP_SAMPLES, LOOKBACK_SAMPLES, OpenWakeWord
from device.errors import ModelError
from device.ports import RECOGNITION_HZ

pytestmark = pytest.mark.models
SILENCE = np.zeros(RECOGNITION_HZ, np.float32)


@pytest.fixture(scope="module")
def wake(artifact_path):
    return OpenWakeWord(artifact_path("hey-jarvis"))


def scores(wake, samples, *, before=SILENCE, size=512):
    wake.begin(before)
    return [wake.hear(samples[at : at + size]) for at in range(0, len(samples), size)]


def test_it_is_called_what_its_file_is_called(wake):
    assert wake.phrase == "hey jarvis"


@pytest.mark.parametrize("text", ["Hey Jarvis.", "Hey Jarvis, what time is it?", "Well then, hey Jarvis, stop."])
def test_it_knows_its_name(wake, speak, text):
    assert max(scores(wake, np.concatenate((SILENCE, speak(text), SILENCE)))) > 0.9


@pytest.mark.parametrize(
    "text",
    ["What time is it?", "Hey there, how are you?", "Travis said he would.", "Have you seen the harvest?", "Hey Siri."],
)
def test_it_knows_what_is_not_its_name(wake, speak, text):
    assert max(scores(wake, np.concatenate((SILENCE, speak(text), SILENCE)))) < 0.3


def test_a_first_syllable_that_came_before_is_not_lost(wake, speak):
    sound = np.concatenate((SILENCE, speak("Hey Jarvis, what time is it?"), SILENCE))
    begun = RECOGNITION_HZ + 3200  # a fifth of a second into the words
    assert max(scores(wake, sound[begun:], before=sound[:begun])) > 0.9


def test_what_is_judged_does_not_depend_on_how_the_sound_is_cut(wake, speak):
    sound = np.concatenate((SILENCE, speak("Hey Jarvis, what time is it?")))
    whole = scores(wake, sound, size=HOP_SAMPLES)
    for size in (160, 512, 5000):
        assert max(scores(wake, sound, size=size)) == pytest.approx(max(whole), abs=1e-3)


def test_beginning_anew_is_as_good_as_having_heard_all_along(wake, speak):
    sound = np.concatenate((speak("The weather is fine today."), SILENCE, speak("Hey Jarvis, what time is it?")))
    at = LOOKBACK_SAMPLES // HOP_SAMPLES * HOP_SAMPLES + HOP_SAMPLES
    along = scores(wake, sound, size=HOP_SAMPLES)[at // HOP_SAMPLES :]
    anew = scores(wake, sound[at:], before=sound[:at], size=HOP_SAMPLES)
    assert max(anew) == pytest.approx(max(along), abs=0.02)


def test_a_directory_without_a_word_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(ModelError, match="No wake word is in"):
        OpenWakeWord(tmp_path)
