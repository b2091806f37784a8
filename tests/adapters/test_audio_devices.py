"""What the sound card's libraries print."""

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes
from device.adapters.audio_devices import portaudio
alsa, card = ctypes.CDLL("libasound.so.2"), ctypes.c_void_p()
{first}
print(alsa.snd_pcm_open(ctypes.byref(card), b"no such card", 0, 0))
"""


def said(first: str) -> tuple[str, str]:
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(first=first)], capture_output=True, text=True, check=False
    )
    if found.returncode:
        pytest.skip("there is no ALSA here")
    return found.stdout.strip(), found.stderr


def test_what_goes_wrong_in_alsa_is_not_printed_for_the_journal():
    code, printed = said("")
    assert int(code) < 0
    assert "ALSA lib" in printed
    assert said("portaudio()") == (code, "")
