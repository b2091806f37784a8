"""Recordings of any kind, and where their speech truly ends."""

import json

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from device.bench import clips
from device.errors import AudioError, UsageError

TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)).astype(np.float32)


@given(
    lead=st.integers(0, 100).map(lambda n: 160 * n),
    tail=st.integers(0, 20_000),
    gain=st.floats(0.01, 1.0),
    noise_db=st.floats(-90.0, -55.0),
)
def test_the_true_end_is_the_last_frame_within_40_db_of_the_peak(lead, tail, gain, noise_db):
    quiet = np.random.default_rng(0).uniform(-1, 1, lead + len(TONE) + tail) * gain * 0.5 * 10 ** (noise_db / 20)
    quiet[lead : lead + len(TONE)] += TONE * gain
    assert clips.true_end(quiet.astype(np.float32)) == lead + len(TONE)


@pytest.mark.parametrize("length", [0, 1, 159, 160, 5000])
def test_silence_ends_where_it_ends(length):
    assert clips.true_end(np.zeros(length, np.float32)) == length


def recorded(path, rate_hz=16_000, seconds=1.0):
    samples = 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(rate_hz * seconds)) / rate_hz)
    soundfile.write(path, np.pad(samples, (0, rate_hz // 2)), rate_hz)
    return path


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_a_recording_of_any_rate_ends_at_the_same_time(tmp_path, rate_hz):
    clip = clips.read(recorded(tmp_path / "a.wav", rate_hz))
    assert clip.end_sample / 16_000 == pytest.approx(1.0, abs=0.011)


@pytest.mark.parametrize(
    ("name", "content", "text", "end_seconds"),
    [
        ("utterances.json", {"a.wav": {"text": "hello", "end_seconds": 0.7, "pauses": [[0.2, 0.3]]}}, "hello", 0.7),
        ("a.json", {"end_seconds": 0.6}, "", 0.6),
        ("a.json", {"text": "hi", "end_seconds": 99}, "hi", 1.5),
        ("utterances.json", {"b.wav": {"text": "other"}}, "", 1.0),
    ],
)
def test_a_sidecar_says_what_is_known(tmp_path, name, content, text, end_seconds):
    path = recorded(tmp_path / "a.wav")
    (tmp_path / name).write_text(json.dumps(content))
    clip = clips.read(path)
    assert clip.text == text
    assert clip.end_sample / 16_000 == pytest.approx(end_seconds, abs=0.011)
    assert clip.pauses == (1 if text == "hello" else 0)


def test_a_text_beside_it_holds_the_words(tmp_path):
    path = recorded(tmp_path / "a.wav")
    (tmp_path / "a.txt").write_text("hello there\n")
    assert clips.read(path).text == "hello there"


@pytest.mark.parametrize("content", ["{", "[]", '{"end_seconds": "late"}', "3"])
def test_a_sidecar_that_makes_no_sense_is_an_error_in_one_sentence(tmp_path, content):
    path = recorded(tmp_path / "a.wav")
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(AudioError, match=r"not understood: write"):
        clips.read(path)


def test_directories_are_searched_and_nothing_found_is_an_error(tmp_path):
    (tmp_path / "deep").mkdir()
    first, second = recorded(tmp_path / "deep" / "a.wav"), recorded(tmp_path / "b.WAV")
    assert clips.find([tmp_path]) == [second, first]
    assert clips.find([first]) == [first]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="No recording was found"):
        clips.find([tmp_path / "empty"])
