"""Speech by espeak-ng's own synthesizer, which comes in the library that piper-tts brings for its phonemes.

espeak-ng keeps its state in globals that the phonemizer of this process uses, so it speaks in a process of its own:
run as a program, this module reads a JSON object a line and answers each with 16-bit samples, their count before
them. Licence: GPL-3.0, like `phonemes_espeak`.
"""

import ctypes
import importlib.util
import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Self

import numpy as np

from device.errors import ModelError
from device.ports import Samples

VOICES = ("en-us", "en-us+f2", "en-us+m3", "en-gb-x-rp", "en-gb-x-rp+f3", "en-gb-scotland")
ANSWER_HEADER = struct.Struct("<II")
"""The sample rate and the number of samples."""

WORDS_A_MINUTE = 165
"""The pace that counts as 1."""

RETRIEVAL, RATE, UTF8 = 1, 1, 1
"""AUDIO_OUTPUT_RETRIEVAL, espeakRATE and espeakCHARS_UTF8 of espeak-ng/speak_lib.h."""


class EspeakSpeaker:
    """espeak-ng in a process of its own."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def say(self, text: str, *, voice: str, tempo: float) -> tuple[Samples, int]:
        """`text` as sound, and its sample rate. Raises ModelError."""
        if self._process is None:
            command = [sys.executable, "-m", "device.adapters.tts_espeak"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"text": text, "voice": voice, "words_a_minute": round(WORDS_A_MINUTE * tempo)}
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            rate_hz, count = ANSWER_HEADER.unpack(self._process.stdout.read(ANSWER_HEADER.size))
        except (OSError, struct.error) as error:
            raise ModelError("espeak-ng of piper-tts cannot speak: install piper-tts anew.") from error
        pcm = np.frombuffer(self._process.stdout.read(2 * count), "<i2")
        return pcm.astype(np.float32) / 32_768.0, rate_hz

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Library:
    """The C interface, as far as it is needed."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("piper")
        assert spec is not None
        assert spec.origin is not None
        home = Path(spec.origin).parent
        self._espeak = ctypes.CDLL(str(home / "espeakbridge.so"))
        callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        self._callback = callback(self._take)
        self._pcm = bytearray()
        self.rate_hz = int(self._espeak.espeak_Initialize(RETRIEVAL, 0, str(home / "espeak-ng-data").encode(), 0))
        self._espeak.espeak_SetSynthCallback(self._callback)

    def say(self, text: str, voice: str, words_a_minute: int) -> bytes:
        self._pcm.clear()
        self._espeak.espeak_SetVoiceByName(voice.encode())
        self._espeak.espeak_SetParameter(RATE, words_a_minute, 0)
        spoken = text.encode() + b"\0"
        self._espeak.espeak_Synth(spoken, ctypes.c_size_t(len(spoken)), 0, 0, 0, UTF8, None, None)
        return bytes(self._pcm)

    def _take(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _: object) -> int:
        if samples and count > 0:
            self._pcm += ctypes.string_at(samples, 2 * count)
        return 0


def _serve() -> None:
    library = _Library()
    for line in sys.stdin:
        # What was said before changes how it says the next, so each is said by a fresh copy of the process.
        if (copy := os.fork()) == 0:
            pcm = library.say(**json.loads(line))
            sys.stdout.buffer.write(ANSWER_HEADER.pack(library.rate_hz, len(pcm) // 2) + pcm)
            sys.stdout.buffer.flush()
            os._exit(0)
        os.waitpid(copy, 0)


if __name__ == "__main__":
    _serve()
