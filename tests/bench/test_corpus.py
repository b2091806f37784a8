"""The set of utterances: varied, the same for the same seed, and true to its sidecar."""

import json

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from device.adapters.tts_espeak import EspeakSpeaker
from device.bench.corpus import making, sound
from device.bench.corpus.scenes import scene
from device.bench.corpus.sentences import USUAL, Templates, sentence
from device.bench.corpus.unseen import UNSEEN
from device.config import load

SPEAKERS = (("piper", "joe"), ("espeak", "en-us"), ("flite", "slt"))


def test_two_hundred_utterances_are_varied():
    scenes = [scene(0, number, SPEAKERS) for number in range(200)]
    assert len({one.sentence.text for one in scenes}) > 170
    assert {one.sentence.kind for one in scenes} == {"question", "command", "statement"}
    assert {one.sentence.manner for one in scenes} == {"fluent", "pausing", "hesitant"}
    assert {one.engine for one in scenes} == {"piper", "espeak", "flite"}
    assert {one.noise for one in scenes} == {"none", "white", "pink", "babble"}
    paused = sum(any(one.sentence.pauses_ms) for one in scenes)
    assert 60 < paused < 120


def test_the_unseen_sentences_have_no_template_in_common_with_the_usual_ones():
    usual, unseen = (
        {line for lines in templates.kinds.values() for line in lines.splitlines()} for templates in (USUAL, UNSEEN)
    )
    assert len(unseen) >= 40
    assert not usual & unseen


@given(st.text(max_size=20), st.sampled_from([USUAL, UNSEEN]))
def test_a_sentence_is_whole_and_the_same_for_its_seed(seed, templates):
    said = sentence(seed, templates)
    assert said == sentence(seed, templates)
    assert not set("{}|") & set(said.text)
    assert said.text[-1] in ".?"
    assert len(said.pauses_ms) == len(said.clauses) - 1
    assert all(pause == 0 or 200 <= pause <= 700 for pause in said.pauses_ms)
    for clause, pause in zip(said.clauses, said.pauses_ms, strict=False):
        assert clause.endswith(",") or not pause or said.apart


def words(*lengths_and_gaps: int) -> np.ndarray:
    """Tones of so many milliseconds, with silences between them."""
    parts = []
    for number, ms in enumerate(lengths_and_gaps):
        samples = ms * 16
        tone = 0.5 * np.sin(2 * np.pi * 300 * np.arange(samples) / 16_000)
        parts.append(tone if number % 2 == 0 else np.zeros(samples))
    return np.concatenate(parts).astype(np.float32)


def test_the_gaps_between_words_are_found():
    found = sound.gaps(words(300, 60, 200, 200, 100))
    assert [(round(start / 16), round(end / 16)) for start, end in found] == [(300, 360), (560, 760)]


@given(st.integers(20, 70).map(lambda n: 10 * n), st.integers(0, 1))
def test_a_pause_gets_the_length_that_is_wanted_and_nothing_is_lost(wanted_ms, comma):
    speech = words(300, 100, 200, 150, 250, 30, 100)
    paused, placed = sound.with_pauses(speech, 2, {comma: wanted_ms})
    natural = (100, 150)[comma]
    assert len(paused) == len(speech) + (wanted_ms - natural) * 16
    assert np.sum(paused**2) == pytest.approx(np.sum(speech**2), rel=1e-4)
    assert placed == [((300, 600)[comma] / 1000, wanted_ms / 1000)]


def test_a_voice_that_made_no_gap_gets_no_pause():
    speech = words(500)
    paused, placed = sound.with_pauses(speech, 1, {0: 400})
    assert np.array_equal(paused, speech)
    assert placed == []


@given(st.sampled_from(["white", "pink", "babble"]), st.sampled_from([30, 20, 10]))
def test_noise_has_the_level_that_is_wanted(colour, snr_db):
    chance = np.random.default_rng(1)
    speech = words(400, 300, 400) * 0.2
    noise = sound.noise(colour, 32_000, chance, [words(200, 50, 300), words(100, 20, 400)])
    mixture = sound.mixed(speech, noise, 8_000, snr_db=snr_db)
    alone = np.sqrt(np.mean((mixture[:8_000]) ** 2)) if colour == "white" else np.sqrt(np.mean(noise**2))
    level = alone if colour == "white" else alone * sound.speech_level(speech) * 10 ** (-snr_db / 20)
    assert 20 * np.log10(sound.speech_level(speech) / level) == pytest.approx(snr_db, abs=0.5)


class FakeVoices:
    """Says every text as one tone a word, longer gaps at commas."""

    def speakers(self):
        return SPEAKERS

    def say(self, text, *, engine, voice, tempo, pitch):
        del engine, voice, pitch
        lengths = []
        for word in text.split():
            lengths += [round(40 * len(word) / tempo), 120 if word.endswith(",") else 20]
        return np.pad(words(*lengths[:-1]), 3_000)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


@pytest.fixture
def made(tmp_path, monkeypatch):
    def make(count: int, cache: str = "cache", templates: Templates = USUAL):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / cache))
        monkeypatch.setattr("device.app.varied_voices", lambda config: FakeVoices())
        return making.corpus(load(environment={}).config, seed=3, count=count, tell=str, templates=templates)

    return make


def test_the_set_is_the_same_wherever_and_however_much_of_it_is_made(made):
    few, many = made(3, "here"), made(25, "there")
    assert [path.name for path in few] == [path.name for path in many[:3]]
    for one, other in zip(few, many, strict=False):
        assert one.read_bytes() == other.read_bytes()


def test_what_was_made_is_not_made_again(made):
    first = made(3)
    times = [path.stat().st_mtime_ns for path in first]
    assert made(3) == first
    assert [path.stat().st_mtime_ns for path in first] == times


@pytest.mark.parametrize("templates", [USUAL, UNSEEN], ids=["usual", "unseen"])
def test_the_sidecar_tells_the_end_of_the_clean_speech_and_its_pauses(made, templates):
    paths = made(20, templates=templates)
    sidecar = json.loads((paths[0].parent / "utterances.json").read_text())
    paused = 0
    for path in paths:
        known = sidecar[path.name]
        samples, rate_hz = soundfile.read(path, dtype="float32")
        assert rate_hz == 16_000
        assert len(samples) / rate_hz == pytest.approx(known["end_seconds"] + making.TAIL_SECONDS, abs=0.002)
        if known["noise"] == "none":
            end = round(known["end_seconds"] * rate_hz)
            assert np.abs(samples[end - 320 : end]).max() > 10 * np.abs(samples[end + 16 :]).max()
        for at, length in known["pauses"]:
            paused += 1
            assert 0.2 <= length <= 0.7
            assert making.LEAD_SECONDS < at < known["end_seconds"] - length
    assert paused > 3


def test_espeak_speaks_from_the_library_that_brings_the_phonemes_and_always_alike():
    with EspeakSpeaker() as espeak:
        first, rate_hz = espeak.say("Set a timer, for ten minutes.", voice="en-us", tempo=1.0)
        again, _ = espeak.say("Set a timer, for ten minutes.", voice="en-us", tempo=1.0)
        slow, _ = espeak.say("Set a timer, for ten minutes.", voice="en-us", tempo=0.7)
    assert 1.0 < len(first) / rate_hz < 4.0
    assert np.abs(first).max() > 0.1
    assert np.array_equal(first, again)
    assert len(slow) > 1.2 * len(first)
