"""The agent on a sound card: a virtual one, with something to say into its microphone and an ear at its loudspeaker."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

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
        self.complaints: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "device", "--set", "thinking.threads=1", "run", "--state", str(state)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=card.environment | {"DEVICE_MODELS": cache},
        )
        self._readers = [
            threading.Thread(target=self._read, args=(stream, lines), daemon=True)
            for stream, lines in ((self.process.stdout, self.lines), (self.process.stderr, self.complaints))
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: IO[str], lines: list[str]) -> None:
        lines.extend(iter(stream.readline, ""))

    def wait_for(self, pattern: str, *, seconds: float = 60, after: int = 0) -> str:
        return self._wait_for(pattern, self.lines, seconds, after)

    def wait_for_complaint(self, pattern: str, *, after: int = 0) -> str:
        return self._wait_for(pattern, self.complaints, 20, after)

    def _wait_for(self, pattern: str, lines: list[str], seconds: float, after: int) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in lines[after:]:
                if re.search(pattern, line):
                    return line
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"no line matches {pattern!r} in {self.lines}, {self.complaints}")

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=30)
        for reader in self._readers:
            reader.join(timeout=10)
        return code


@pytest.fixture
def card(tmp_path):
    made = SoundCard(tmp_path)
    made.plug_in()
    yield made
    made.unplug()


@pytest.fixture
def talk(card, tmp_path, artifact_path):
    started = Talk(card, tmp_path / "state", str(artifact_path("silero-vad").parent))
    try:
        started.wait_for("^Ready: talk to me", seconds=240)  # the prompt is read for the first time here
        yield started
    finally:
        started.process.kill()
        started.process.wait()
        for stream in (started.process.stdout, started.process.stderr):
            stream.close()


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
    assert talk.end() == 0
    assert not any("Traceback" in line for line in talk.complaints)


UNPLUGS = int(os.environ.get("DEVICE_UNPLUGS", "2"))
"""How many times the card is pulled out; 20 to be sure."""


def test_a_card_that_vanishes_is_waited_for_and_used_again(card, talk):
    questions = ("capital", "planet", "water", "days")
    returned = []
    for number in range(UNPLUGS):
        before = len(talk.lines)
        card.speak(DATA / f"{questions[number % len(questions)]}.flac")
        talk.wait_for("^said: ", after=before)
        before = len(talk.complaints)
        card.unplug()
        talk.wait_for_complaint("is gone", after=before)
        card.plug_in()
        back = time.monotonic()
        talk.wait_for_complaint("is back", after=before)
        returned.append(time.monotonic() - back)
        time.sleep(0.5)
    assert talk.end() == 0
    assert sum(line.startswith("heard: ") for line in talk.lines) == UNPLUGS
    print("back after", [round(seconds, 2) for seconds in returned])
    assert not any("Traceback" in line for line in talk.complaints)


LATE_BLOCKS = """
import queue, sys, time
from device.adapters.audio_portaudio import PortAudioDevice

card, late, wanted = PortAudioDevice(), [], queue.Queue()

def exchange(captured, out):
    if late:
        time.sleep(late.pop())

def busy_share():
    busy, began = time.process_time(), time.monotonic()
    time.sleep(1)
    return (time.process_time() - busy) / (time.monotonic() - began)

card.open(exchange, wanted.put)
delay, share, deadline = card.delay_seconds, 1.0, time.monotonic() + 60
late.append(0.3)
reasons = {wanted.get(timeout=60)}
card.open(exchange, wanted.put)
while (share := busy_share()) > 0.3 and time.monotonic() < deadline:
    while not wanted.empty():
        reasons.add(wanted.get())
        card.open(exchange, wanted.put)
card.close()
print(reasons, card.delay_seconds > delay, share <= 0.3)
"""


def test_after_a_late_block_the_card_is_opened_anew_with_more_room_and_does_not_ask_in_circles(card):
    ended = subprocess.run(
        [sys.executable, "-c", LATE_BLOCKS], cwd=ROOT, env=card.environment, capture_output=True, text=True, check=False
    )
    assert ended.stdout == "{''} True True\n", ended.stderr


TWO_THREADS = """
import os, threading, time
from device.adapters.audio_portaudio import PortAudioDevice

card = PortAudioDevice()
open_card = lambda: card.open(lambda captured, out: None, lambda reason: None)
for number in range(40):
    open_card()
    time.sleep(0.05)
    both = [threading.Thread(target=open_card), threading.Thread(target=card.close)]
    for thread in both[:: 1 if number % 2 else -1]:
        thread.start()
        time.sleep(number % 10 / 1000)
    for thread in both:
        thread.join(20)
        if thread.is_alive():
            os._exit(1)
card.close()
"""


def test_a_card_that_is_closed_while_it_is_opened_anew_keeps_nobody_waiting(card):
    ended = subprocess.run([sys.executable, "-c", TWO_THREADS], cwd=ROOT, env=card.environment, check=False)
    assert ended.returncode == 0
