"""Recordings: reading any format, rate and number of channels, and writing a reply so that a kill leaves it readable."""

import logging
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import soundfile
import soxr

from device.errors import AudioError
from device.ports import Samples

log = logging.getLogger(__name__)

BLOCK_SECONDS = 1.0


class RecordingReader:
    """A recording as mono samples at a wanted rate, read second by second."""

    def __init__(self, path: Path, rate_hz: int) -> None:
        """Open `path`. Raises AudioError if it is not a recording."""
        if not path.exists():
            raise AudioError(f"There is no recording {path}: check the name.")
        if not path.is_file():
            raise AudioError(f"{path} is not a file: name a recording, such as a WAV file.")
        if path.stat().st_size == 0:
            raise AudioError(f"The recording {path} is empty: record it again.")
        try:
            self._file = soundfile.SoundFile(path)
        except (soundfile.SoundFileError, OSError) as error:
            raise AudioError(f"{path} is not a recording that can be read: give a WAV, FLAC, OGG or MP3 file.") from error
        self._path = path
        self._rate_hz = rate_hz
        rate = self._file.samplerate
        self._stream: Any = None if rate == rate_hz else soxr.ResampleStream(rate, rate_hz, 1, dtype="float32")
        self._ended = False

    def read(self) -> Samples | None:
        """About a second of samples, None at the end. What is not a number becomes silence."""
        if self._ended:
            return None
        frames = max(int(self._file.samplerate * BLOCK_SECONDS), 1)
        try:
            block = self._file.read(frames, dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            log.warning("The recording %s is damaged; only what comes before the damage is used: %s", self._path, error)
            block = np.zeros((0, 1), np.float32)
        self._ended = len(block) < frames
        mono = np.nan_to_num(block.mean(axis=1), nan=0.0, posinf=0.0, neginf=0.0) if block.shape[1] else block[:, 0]
        mono = np.clip(mono, -1.0, 1.0).astype(np.float32)
        return mono if self._stream is None else self._stream.resample_chunk(mono, last=self._ended)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def read_recording(path: Path, rate_hz: int) -> Samples:
    """A whole recording; for short ones. Raises AudioError."""
    with RecordingReader(path, rate_hz) as reader:
        blocks = iter(reader.read, None)
        return np.concatenate([np.zeros(0, np.float32), *blocks])


class RecordingWriter:
    """A 16-bit mono WAV written as it comes; its header is kept right, so that a kill leaves a readable file."""

    def __init__(self, path: Path, rate_hz: int) -> None:
        """Create `path`. Raises AudioError if it cannot be written."""
        self._path = path
        try:
            self._file = soundfile.SoundFile(path, "w", samplerate=rate_hz, channels=1, subtype="PCM_16", format="WAV")
        except (soundfile.SoundFileError, OSError) as error:
            raise AudioError(f"The recording {path} cannot be written: choose another place with --out.") from error
        self._unflushed = 0
        self._flush_every = rate_hz

    def write(self, samples: Samples) -> None:
        """Add samples. Raises AudioError, for one if the disk is full."""
        try:
            self._file.write(np.clip(samples, -1.0, 1.0))
            self._unflushed += len(samples)
            if self._unflushed >= self._flush_every:
                self._file.flush()
                self._unflushed = 0
        except (soundfile.SoundFileError, OSError) as error:
            raise AudioError(f"The recording {self._path} cannot be written further: is the disk full?") from error

    def close(self) -> None:
        """Finish the file."""
        self._file.close()
