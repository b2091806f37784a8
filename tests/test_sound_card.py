"""The agent on a sound card: a virtual one, with something to say into its microphone and an ear at its loudspeaker."""

import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from device.core.utterances import normalized
from tests.adapters.sound_card import SoundCard, available

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(not available(), reason="needs pulseaudio, pulseaudio-utils and libasound2-plugins"),
]
ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data"


class Talk:
    """`device run` at work, and its output line by line as it comes."""

    def __init__(self, card: SoundCard, state: Path, cache: str) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "device", "run", "--state", str(state)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=card.environment | {"DEVICE_MODELS": cache},
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def wait_for(self, pattern: str, *, seconds: float = 60, after: int = 0) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in self.lines[after:]:
                if re.search(pattern, line):
                    return line
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"no line matches {pattern!r} in {self.lines}")

    def end(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=30) is not None
        assert self.process.stderr is not None
        return self.process.returncode, self.process.stderr.read()


@pytest.fixture
def card(tmp_path):
    made = SoundCard(tmp_path)
    made.plug_in()
    yield made
    made.unplug()


@pytest.fixture
def talk(card, tmp_path, artifact_path):
    started = Talk(card, tmp_path / "state", str(artifact_path("silero-vad").parent))
    started.wait_for("^Ready: talk to me")
    yield started
    if started.process.poll() is None:
        started.process.kill()
    started.process.communicate()


def test_a_question_asked_into_the_microphone_is_answered_from_the_loudspeaker(card, talk, recognize):
    with card.listening() as heard:
        card.speak(DATA / "water.flac")
        talk.wait_for("^said: .*100")
        time.sleep(0.5)
    samples = np.frombuffer(heard.read_bytes()[: heard.stat().st_size // 2 * 2], np.int16).astype(np.float32) / 32768
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    reply = normalized(talk.wait_for("^said: ").removeprefix("said: ")).split()
    understood = recognize(samples[max(loud[0] - 1600, 0) : loud[-1] + 1600], 16_000).split()
    assert sum(word in understood for word in reply) >= 0.5 * len(reply)
    code, errors = talk.end()
    assert code == 0
    assert "Traceback" not in errors


def test_a_card_that_vanishes_is_waited_for_and_used_again(card, talk):
    card.speak(DATA / "capital.flac")
    talk.wait_for("^said: .*Paris")
    card.unplug()
    time.sleep(5)
    assert talk.process.poll() is None
    card.plug_in()
    time.sleep(3)
    before = len(talk.lines)
    card.speak(DATA / "planet.flac")
    talk.wait_for("^said: ", after=before)
    code, errors = talk.end()
    assert code == 0
    assert "is gone" in errors
    assert "Traceback" not in errors
