"""What all tests share: fetched models, recordings, and speech to test with."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from device.adapters.models.store import ModelStore
from device.errors import ModelError

settings.register_profile("device", deadline=None)  # other programs may have the processor
settings.load_profile("device")

signal.signal(signal.SIGINT, signal.default_int_handler)
"""A shell's background job ignores Ctrl-C, and so would every program that a test starts, to press it there."""

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def artifact_path() -> Callable[[str], Path]:
    """The directory of a fetched model; the test is skipped without it, or fails if DEVICE_REQUIRE_MODELS is set."""
    store = ModelStore.default()

    def path(artifact: str) -> Path:
        try:
            return store.path(artifact)
        except ModelError as error:
            if os.environ.get("DEVICE_REQUIRE_MODELS"):
                raise
            pytest.skip(str(error))

    return path


@pytest.fixture(scope="session")
def speak(artifact_path) -> Callable[..., np.ndarray]:
    """Says a text with the default voice: float32 at 16 kHz, peak 0.5, without silence around it."""
    import soxr

    from device.adapters.tts_piper import PiperSynthesizer

    voices: dict[float, PiperSynthesizer] = {}

    def say(text: str, *, speed: float = 1.0) -> np.ndarray:
        voice = voices.setdefault(speed, PiperSynthesizer(artifact_path("piper-en_US-joe-medium"), speed=speed))
        speech = voice.synthesize(text)
        samples = soxr.resample(speech.samples, speech.sample_rate_hz, 16_000)
        return (samples * (0.5 / np.abs(samples).max())).astype(np.float32)

    return say


@pytest.fixture(scope="session")
def recognize(artifact_path) -> Callable[[np.ndarray, int], str]:
    """The words in a sound, lower-case, by the default recognizer."""
    import soxr

    from device.adapters.asr_moonshine import MoonshineRecognizer
    from device.core.utterances import normalized

    recognizer = MoonshineRecognizer(artifact_path("moonshine-tiny-en"))

    def words(samples: np.ndarray, rate_hz: int) -> str:
        # Without some silence around it Moonshine hears words in an abrupt beginning.
        sound = np.pad(soxr.resample(samples.astype(np.float32), rate_hz, 16_000), 4_800)
        recognizer.begin()
        recognizer.feed(sound)
        return normalized(recognizer.finish())

    return words
