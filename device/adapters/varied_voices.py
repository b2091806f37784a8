"""Many speakers from the few voices that are there: the configured Piper voice, espeak-ng (which comes with its
phonemes) and flite, if that program is installed; each at several paces and pitches.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import numpy as np
import soxr

from device.adapters.recordings import read_recording
from device.adapters.tts_espeak import VOICES as ESPEAK_VOICES
from device.adapters.tts_espeak import EspeakSpeaker
from device.adapters.tts_piper import PiperSynthesizer
from device.errors import ModelError
from device.ports import RECOGNITION_HZ, Samples

FLITE_VOICES = ("slt", "rms", "awb", "kal16")
FLITE_HZ = 16_000


class VariedVoices:
    """`device.ports.VariedVoices`."""

    def __init__(self, piper_directory: Path) -> None:
        self._piper_directory = piper_directory
        self._piper: tuple[float, PiperSynthesizer] | None = None
        self._espeak = EspeakSpeaker()
        self._flite = shutil.which("flite")

    def speakers(self) -> tuple[tuple[str, str], ...]:
        """The engines that are there, with their voices."""
        found = [("piper", self._piper_directory.name), *(("espeak", voice) for voice in ESPEAK_VOICES)]
        if self._flite is not None:
            found += [("flite", voice) for voice in FLITE_VOICES]
        return tuple(found)

    def say(self, text: str, *, engine: str, voice: str, tempo: float, pitch: float) -> Samples:
        """`text` at 16 kHz. Raises ModelError."""
        match engine:
            case "piper":
                samples, rate_hz = self._say_by_piper(text, tempo)
            case "espeak":
                samples, rate_hz = self._espeak.say(text, voice=voice, tempo=tempo)
            case _:
                samples, rate_hz = self._say_by_flite(text, voice, tempo)
        # Played faster, a voice is higher and its mouth smaller: another speaker.
        resampled: Samples = soxr.resample(samples, rate_hz * pitch, RECOGNITION_HZ).astype(np.float32)
        return resampled

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._espeak.close()
        self._piper = None

    def _say_by_piper(self, text: str, tempo: float) -> tuple[Samples, int]:
        if self._piper is None or self._piper[0] != tempo:
            self._piper = (tempo, PiperSynthesizer(self._piper_directory, speed=tempo))
        speech = self._piper[1].synthesize(text)
        return speech.samples, speech.sample_rate_hz

    def _say_by_flite(self, text: str, voice: str, tempo: float) -> tuple[Samples, int]:
        assert self._flite is not None
        with tempfile.TemporaryDirectory(prefix="device-flite-") as directory:
            path = Path(directory, "speech.wav")
            command = [self._flite, "-voice", voice, "--setf", f"duration_stretch={1 / tempo:.3f}", "-t", text, "-o"]
            ran = subprocess.run([*command, str(path)], capture_output=True, check=False)  # noqa: S603
            if ran.returncode:
                raise ModelError(f"flite cannot speak with the voice {voice}: install it anew, or remove it.")
            return read_recording(path, FLITE_HZ), FLITE_HZ
