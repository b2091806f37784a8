"""The default speech models, for real: voice, recognition, voice activity, end of turn."""

import logging

import numpy as np
import pytest

from device.adapters.asr_moonshine import MoonshineRecognizer, plausible, quietest_place
from device.adapters.asr_online import OnlineRecognizer
from device.adapters.moonshine_graph import MoonshineGraph
from device.adapters.piper_graph import PiperGraph
from device.adapters.tts_piper import PiperSynthesizer
from device.adapters.turn_smart import SmartTurn
from device.adapters.vad_silero import SileroVad
from device.core.utterances import normalized
from device.errors import ModelError

pytestmark = pytest.mark.models
NOISE = np.random.default_rng(5).normal(0.0, 0.05, 48_000).astype(np.float32)


@pytest.fixture(scope="module")
def voice(artifact_path):
    return PiperSynthesizer(artifact_path("piper-en_US-joe-medium"))


@pytest.fixture(scope="module")
def recognizer(artifact_path):
    return MoonshineRecognizer(artifact_path("moonshine-tiny-en"))


# --- voice ---------------------------------------------------------------------------------------------------------


def test_what_the_voice_says_is_understood(voice, recognize):
    for text in ("Water boils at one hundred degrees.", "Your timer is set for ten minutes.", "It will rain tomorrow."):
        speech = voice.synthesize(text)
        heard = recognize(speech.samples, speech.sample_rate_hz).split()
        words = normalized(text).split()
        assert sum(word in heard for word in words) >= 0.75 * len(words)


@pytest.mark.parametrize(
    "text", ["", " ", "…", "😀", "?!", "\u2060", "12,5", "x" * 300, "naïve café — ¿qué?", "日本語"]
)
def test_no_text_breaks_the_voice(voice, text):
    speech = voice.synthesize(text)
    assert np.isfinite(speech.samples).all()
    assert all(0 <= word.samples <= len(speech.samples) for word in speech.words)


def test_word_ends_are_in_order_and_within_the_sound(voice):
    text = "It's 3:45 PM, Dr. Smith; twenty-one people said yes."
    speech = voice.synthesize(text)
    ends = [(word.chars, word.samples) for word in speech.words]
    assert ends == sorted(ends)
    assert ends[-1] == (len(text.rstrip(".")), len(speech.samples)) or ends[-1][1] == len(speech.samples)
    assert len(ends) >= 8


def test_up_to_a_words_end_that_word_is_heard_and_the_next_is_not(voice, recognize):
    text = "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday."
    speech = voice.synthesize(text)
    days = normalized(text).split()
    for number in (1, 2, 3):
        heard = recognize(speech.samples[: speech.words[number].samples + 1200], speech.sample_rate_hz)
        assert heard.split() == days[: number + 1]


@pytest.mark.parametrize("text", ["Yes.", "The capital of France is Paris,", "One. Two. Three.", "", "😀"])
def test_in_parts_the_voice_says_the_same(voice, recognize, text):
    streamed, whole = list(voice.stream(text)), voice.synthesize(text)
    assert [part.final for part in streamed] == [False] * (len(streamed) - 1) + [True]
    sound = np.concatenate([part.samples for part in streamed])
    # The noise in it is another each time, by which a trimmed end may differ.
    assert abs(len(sound) - len(whole.samples)) < 0.15 * voice.sample_rate_hz
    said = recognize(sound, voice.sample_rate_hz).split() if len(sound) else []
    words = normalized(text).split()
    assert len(words) < 3 or sum(word in said for word in words) >= 0.5 * len(words)
    before, ends = 0, []
    for part in streamed:
        ends += [(word.chars, before + word.samples) for word in part.words]
        before += len(part.samples)
    assert [chars for chars, _ in ends] == [word.chars for word in whole.words]
    assert all(abs(end - word.samples) < 1200 for (_, end), word in zip(ends, whole.words, strict=True))


def test_the_sound_of_stretches_is_that_of_the_whole(artifact_path):
    graph = PiperGraph(artifact_path("piper-en_US-joe-medium"), threads=1)
    durations, latent = graph.encode([1, 0, 20, 0, 33, 0, 41, 0, 26, 0, 2] * 6, (0.667, 1.0, 0.0))
    assert durations.sum() == latent.shape[2] > 100
    sound = np.concatenate(list(graph.stretches(latent)))
    whole = graph._decoder.run(None, {graph._decoder_input: latent})[0].reshape(-1)
    assert len(sound) == len(whole)
    assert np.abs(sound - whole).max() < 0.002


def test_a_faster_voice_takes_less_time(artifact_path, voice):
    fast = PiperSynthesizer(artifact_path("piper-en_US-joe-medium"), speed=1.5)
    text = "One, two, three, four, five, six."
    assert len(fast.synthesize(text).samples) < 0.8 * len(voice.synthesize(text).samples)


@pytest.mark.parametrize("speed", [0.5, 0.85, 1.176, 1.384, 2.0])
def test_the_pace_may_change_from_piece_to_piece_and_the_words_still_end_where_they_do(voice, speed, caplog):
    text = "Your timer is set for ten minutes, and the weather in Oslo is fine."
    usual = voice.synthesize(text)
    caplog.set_level(logging.DEBUG, "device.adapters.tts_piper")
    voice.speed = speed
    try:
        changed = voice.synthesize(text)
    finally:
        voice.speed = 1.0
    assert len(changed.words) == len(usual.words)  # of the pace that the piece was begun with
    assert "durations of" not in caplog.text
    ratio = len(usual.samples) / len(changed.samples)
    assert (ratio > 1) == (speed > 1)
    assert ratio == pytest.approx(speed, rel=0.25)


@pytest.mark.parametrize("loader", [PiperSynthesizer, MoonshineRecognizer, SileroVad, SmartTurn, OnlineRecognizer])
def test_an_empty_directory_is_a_sentence_with_the_command_to_run(loader, tmp_path):
    with pytest.raises(ModelError, match="device models"):
        loader(tmp_path)


@pytest.mark.parametrize(("loader", "artifact"), [(SileroVad, "silero-vad"), (SmartTurn, "smart-turn-v3.2")])
@pytest.mark.parametrize("kept", [0, 1000])
def test_a_truncated_model_is_a_sentence(loader, artifact, kept, artifact_path, tmp_path):
    (whole,) = artifact_path(artifact).glob("*.onnx")
    (tmp_path / whole.name).write_bytes(whole.read_bytes()[:kept])
    with pytest.raises(ModelError, match=r"device models"):
        loader(tmp_path)


# --- recognition -----------------------------------------------------------------------------------------------------


def test_words_come_while_the_speaker_speaks_and_more_may_follow_a_finish(recognizer, speak):
    sound = speak("What is the weather in Oslo and how long does it take to get there?")
    recognizer.begin()
    half = len(sound) // 2
    recognizer.feed(sound[:half])
    assert "weather" in normalized(recognizer.partial())
    recognizer.finish()
    recognizer.feed(sound[half:])
    assert normalized(recognizer.finish()).startswith("what is the weather in oslo and how long does it take")


def test_what_was_recognized_before_is_not_written_again(artifact_path, speak):
    graph = MoonshineGraph(artifact_path("moonshine-tiny-en"))
    sound = np.pad(speak("What is the capital of France?"), (0, 3200))
    whole = graph.transcribe(sound)
    assert normalized(graph.text(whole)) == "what is the capital of france"
    steps = []
    run = graph._run

    def counted(always, tokens, cache, *, cached):
        steps.append(len(tokens))
        return run(always, tokens, cache, cached=cached)

    graph._run = counted
    assert graph.transcribe(sound) == whole
    assert len(steps) == len(whole) + 1
    steps.clear()
    assert graph.transcribe(sound, whole) == whole
    assert steps == [len(whole) + 1]
    steps.clear()
    wrong = [*whole[:3], whole[0], whole[0]]
    assert graph.transcribe(sound, wrong) == whole
    assert steps == [len(wrong) + 1, *[1] * (len(whole) - 3)]


@pytest.mark.parametrize("damaged", ["encoder_model.ort", "decoder_model_merged.ort", "tokens.txt"])
def test_a_damaged_recognizer_is_a_sentence(artifact_path, tmp_path, damaged):
    for file in artifact_path("moonshine-tiny-en").iterdir():
        (tmp_path / file.name).write_bytes(b"\xff\xfe" * 500 if file.name == damaged else file.read_bytes())
    with pytest.raises(ModelError, match="device models"):
        MoonshineRecognizer(tmp_path)


def test_one_utterance_leaves_nothing_to_the_next(recognizer, speak):
    for text in ("Good morning.", "What time is it?"):
        recognizer.begin()
        recognizer.feed(speak(text))
        assert normalized(recognizer.finish()) == normalized(text)


def test_silence_noise_and_almost_nothing_are_no_words_or_few(recognizer):
    for sound in (np.zeros(0, np.float32), np.zeros(1, np.float32), np.zeros(32_000, np.float32), NOISE):
        recognizer.begin()
        recognizer.feed(sound)
        assert len(recognizer.finish().split()) <= 3 + 7 * len(sound) / 16_000


def test_a_long_utterance_is_recognized_in_parts(recognizer, speak):
    sentence = "The quick brown fox jumps over the lazy dog."
    pause = np.zeros(4800, np.float32)
    sound = np.concatenate([np.concatenate((speak(sentence), pause)) for _ in range(8)])
    recognizer.begin()
    for start in range(0, len(sound), 4000):
        recognizer.feed(sound[start : start + 4000])
    text = normalized(recognizer.finish())
    assert text.count("brown fox") == 8
    assert text.count("lazy") == 8


def test_repetitions_and_impossible_speed_are_cut():
    assert plausible("no no no no no no", 10.0) == "no"
    assert plausible("warewarewareware", 3.0) == ""
    assert len(plausible(" ".join(map(str, range(100))), 2.0).split()) == 16
    assert plausible("a perfectly normal sentence", 2.0) == "a perfectly normal sentence"


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("Is it cold? said a ten-minute timer.", "Is it cold? set a ten-minute timer."),
        ("Said an alarm for six.", "Set an alarm for six."),
        ("Buy milk and said a timer.", "Buy milk and set a timer."),
        ("She said a word.", "She said a word."),
        ("He came in and said the alarm was broken.", "He came in and said the alarm was broken."),
        ("He stood up and said a few words.", "He stood up and said a few words."),
        ("That is what he said the other day.", "That is what he said the other day."),
    ],
)
def test_where_only_set_makes_sense_said_is_not_heard(heard, meant):
    assert plausible(heard, 10.0) == meant


def test_a_long_sound_is_cut_at_its_quietest_place():
    sound = np.ones(160_000, np.float32)
    sound[120_000:124_000] = 0.0
    assert 120_000 < quietest_place(sound, 64_000) < 124_000


# --- voice activity and end of turn ------------------------------------------------------------------------------------


def test_speech_is_told_from_silence_and_noise(artifact_path, speak):
    detector = SileroVad(artifact_path("silero-vad"))

    def probabilities(sound: np.ndarray) -> list[float]:
        detector.reset()
        return [detector.probability(sound[at : at + 512]) for at in range(0, len(sound) - 511, 512)]

    speech = probabilities(speak("Please tell me a long story about a dragon."))
    assert np.mean(np.array(speech) > 0.5) > 0.8
    assert max(probabilities(np.zeros(48_000, np.float32))) < 0.2
    assert np.mean(np.array(probabilities(NOISE)) > 0.5) < 0.1


def test_a_finished_sentence_is_told_from_one_that_goes_on(artifact_path, speak):
    judge = SmartTurn(artifact_path("smart-turn-v3.2"))
    whole = speak("Could you set a timer for ten minutes and then tell me the capital of Norway please?")
    cuts = [judge.completeness(whole[: len(whole) * percent // 100]) for percent in (50, 60, 70, 80)]
    assert judge.completeness(whole) > 0.5 > np.median(cuts)
    for odd in (np.zeros(0, np.float32), np.zeros(1, np.float32), np.zeros(500_000, np.float32)):
        assert 0.0 <= judge.completeness(odd) <= 1.0
