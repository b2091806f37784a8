"""Listening while speaking, with the real canceller, detector, recognizer and voice, in a simulated room."""

import json

import pytest

from device.__main__ import main

pytestmark = pytest.mark.models


def test_in_a_room_the_agent_hears_the_user_and_not_itself(artifact_path, capsys):
    for artifact in ("silero-vad", "smart-turn-v3.2", "moonshine-tiny-en", "piper-en_US-joe-medium", "hey-jarvis"):
        artifact_path(artifact)
    assert main(["bench", "duplex", "--rooms", "1", "--seed", "5", "--fast", "--json", "--wake-minutes", "0.2"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["self_interruptions"] == 0
    assert found["barge_in_caught_rate"] == 1.0
    assert found["heard_text_exact_rate"] == 1.0
    assert found["pause_ms"]["p95"] < 1000.0
    assert found["erle_db"] > 15.0
    assert found["false_wakes_per_hour"] == 0.0
