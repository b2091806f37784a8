"""A mute on a sound card: the sound server sees no recorder then, and the loudspeaker goes on."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.sound_card import SoundCard, available

pytestmark = pytest.mark.skipif(not available(), reason="needs pulseaudio, pulseaudio-utils and libasound2-plugins")

ROOT = Path(__file__).parents[1]

PROGRAM = """
import sys, threading
import numpy as np
from device.adapters.audio_portaudio import PortAudioDevice

card, tone = PortAudioDevice(), np.float32(0.25)

for line in sys.stdin:
    captured, blocks = [], threading.Event()  # of this opening alone: the stream before runs until it is replaced

    def exchange(heard, out, captured=captured, blocks=blocks):
        captured.append(len(heard))
        out[:] = tone
        if len(captured) > 20:
            blocks.set()

    card.open(exchange, lambda reason: print("lost", reason, flush=True), listening=line.strip() == "listen")
    blocks.wait(20)
    print("hears" if all(captured[5:]) else "deaf" if not any(captured) else "odd", flush=True)
card.close()
"""


@pytest.fixture
def card(tmp_path):
    made = SoundCard(tmp_path)
    made.plug_in()
    yield made
    made.unplug()


def recorders(card: SoundCard) -> int:
    listed = subprocess.run(
        ["pactl", "list", "short", "source-outputs"], env=card.environment, capture_output=True, text=True, check=True
    )
    ours = [line for line in listed.stdout.splitlines() if "protocol-native" in line]
    return len(ours)


def players(card: SoundCard) -> int:
    listed = subprocess.run(
        ["pactl", "list", "short", "sink-inputs"], env=card.environment, capture_output=True, text=True, check=True
    )
    return sum("protocol-native" in line for line in listed.stdout.splitlines())


def test_while_it_is_muted_nobody_records_and_it_still_plays(card):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=card.environment,
    )

    def wish(what: str) -> str:
        process.stdin.write(f"{what}\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    try:
        for _ in range(2):
            assert wish("listen") == "hears"
            assert (recorders(card), players(card)) == (1, 1)
            assert wish("mute") == "deaf"
            assert (recorders(card), players(card)) == (0, 1)
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()
