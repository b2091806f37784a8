"""The wake word's measurement, in little, with the real models."""

import pytest

from device.bench import wake
from device.config import load

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def result(artifact_path):
    for artifact in ("hey-jarvis", "silero-vad", "piper-en_US-joe-medium"):
        artifact_path(artifact)
    config = load(environment={}).config
    return wake.measure(config, wake.WakeOptions(minutes=0.3, calls=4), lambda _: None)


def test_the_name_is_heard_and_what_lacks_it_is_not(result):
    assert result["detected"]["in a quiet room"] >= 0.5
    assert result["false_wakes"] == 0
    assert result["hours"] >= 0.3 / 60


def test_the_more_sensitive_it_is_the_more_it_hears(result):
    rates = [sum(one["detected"].values()) for one in result["trade"]]
    assert rates == sorted(rates, reverse=True)
    chosen = next(one for one in result["trade"] if one["sensitivity"] == result["sensitivity"])
    assert chosen["detected"] == result["detected"]


def test_in_silence_no_model_looks_for_it(result):
    assert result["cpu_share"]["silence"] < result["cpu_share"]["speech"] / 2


def test_the_text_says_what_was_found(result):
    text = wake.as_text(result)
    assert '"Hey Jarvis"' in text
    assert "at sensitivity" in text
    assert "0 in 0.0" in text
