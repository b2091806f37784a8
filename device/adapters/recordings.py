"""Recordings: reading any format, rate and number of channels, and writing WAVs that a kill leaves readable.

Both go block by block, so that an hour takes no more memory than a second. A damaged recording is read as far as it
goes, and the reader says so; what is not a recording at all is an AudioError.
"""

import logging
import os
import re
import struct
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from device.errors import AudioError
from device.ports import Samples

log = logging.getLogger(__name__)

BLOCK_FRAMES = 16_384
LOWEST_HZ, HIGHEST_HZ = 2_000, 768_000
MOST_CHANNELS = 64

WAV_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
WAV_MOST_BYTES = 2**32 - 1 - WAV_HEADER.size
"""A WAV's length fields have 32 bits."""

SHORTENED = re.compile(r"^\s*data : (\d+) \(should be \d+\)", re.MULTILINE)
"""libsndfile's remark on a WAV whose header promises more, or less, than there is."""

UNKNOWN_LENGTHS = (0, 2**31 - 1, 2**32 - 1)
"""What programs that write to a pipe put down for a length they do not know yet."""


class RecordingReader:
    """A recording as mono samples at a wanted rate, read block by block."""

    def __init__(self, path: Path, rate_hz: int) -> None:
        """Open `path`. Raises AudioError if it is not a recording."""
        self._path = path
        self._file = _opened(path)
        rate = self._file.samplerate
        self._stream: Any = None if rate == rate_hz else soxr.ResampleStream(rate, rate_hz, 1, dtype="float32")
        self._frames_read = 0
        self._ended = False
        self.damage = self._shortened()
        """What is wrong with the recording, in a sentence; empty as long as nothing is. Also logged."""

    def read(self) -> Samples | None:
        """The next samples, at most a few seconds; None at the end. What is not a number becomes silence."""
        if self._ended:
            return None
        try:
            block = self._file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)
        except (soundfile.SoundFileError, OSError):
            block = np.zeros((0, self._file.channels), np.float32)
        self._frames_read += len(block)
        if len(block) < BLOCK_FRAMES:
            self._ended = True
            self._note_shortfall()
        mono = np.clip(np.nan_to_num(block, copy=False, posinf=0.0, neginf=0.0), -1.0, 1.0).mean(axis=1)
        samples: Samples = mono if self._stream is None else self._stream.resample_chunk(mono, last=self._ended)
        return samples

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _shortened(self) -> str:
        """Whether a WAV holds less than its header says."""
        remark = SHORTENED.search(self._file.extra_info)
        promised = int(remark[1]) if remark else 0
        if promised in UNKNOWN_LENGTHS or promised < self._path.stat().st_size:
            return ""
        return self._cut_short()

    def _note_shortfall(self) -> None:
        """Whether the decoder stopped before the end that the file names."""
        if not self.damage and self._frames_read < self._file.frames < UNKNOWN_LENGTHS[1]:
            self.damage = self._cut_short()

    def _cut_short(self) -> str:
        sentence = f"The recording {self._path} is damaged or cut short: only what comes before the damage is used."
        log.warning("%s", sentence)
        return sentence


def read_recording(path: Path, rate_hz: int) -> Samples:
    """A whole recording; for short ones. Raises AudioError."""
    with RecordingReader(path, rate_hz) as reader:
        blocks = [np.zeros(0, np.float32)]
        while (block := reader.read()) is not None:
            blocks.append(block)
    return np.concatenate(blocks)


class RecordingWriter:
    """A 16-bit mono WAV written as it comes; the header follows every second, so that a kill leaves it readable.

    It never waits for the disk to sync, which can take half a second on an SD card.
    """

    def __init__(self, path: Path, rate_hz: int) -> None:
        """Create `path`, or empty it. Raises AudioError if it cannot be written."""
        self._path = path
        self._rate_hz = rate_hz
        self._bytes = 0
        self._headed_bytes = 0
        try:
            self._file: BinaryIO = path.open("wb")
            self._file.write(self._header())
            self._file.flush()
        except (OSError, ValueError) as error:
            raise AudioError(
                f"The recording {path} cannot be written ({_reason(error)}): choose another place."
            ) from error

    def write(self, samples: Samples) -> None:
        """Add samples. Raises AudioError, for one if the disk is full; what was written before stays readable."""
        sound = as_pcm16(samples).tobytes()
        try:
            if self._bytes + len(sound) > WAV_MOST_BYTES:
                raise OSError("a WAV holds no more than 4 GB")
            self._file.write(sound)
            self._bytes += len(sound)
            if self._bytes - self._headed_bytes >= 2 * self._rate_hz:
                self._write_header()
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Finish the file. Raises AudioError if its end could not be written. Closing twice is harmless."""
        if self._file.closed:
            return
        try:
            self._write_header()
        except OSError as error:
            raise self._failed(error) from error
        finally:
            _let_go(self._file)

    def _write_header(self) -> None:
        self._file.flush()
        os.pwrite(self._file.fileno(), self._header(), 0)
        self._headed_bytes = self._bytes

    def _header(self) -> bytes:
        rate, length = self._rate_hz, self._bytes
        return WAV_HEADER.pack(
            *(b"RIFF", length + WAV_HEADER.size - 8, b"WAVE"),
            *(b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16),
            *(b"data", length),
        )

    def _failed(self, error: OSError) -> AudioError:
        return AudioError(f"The recording {self._path} cannot be written further ({_reason(error)}): make room for it.")


def write_recording(path: Path, samples: Samples, rate_hz: int) -> None:
    """Write a whole recording so that `path` is either as it was or complete, never in between. Raises AudioError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    writer = RecordingWriter(temporary, rate_hz)
    try:
        try:
            writer.write(samples)
        finally:
            writer.close()
        temporary.replace(path)
    except OSError as error:
        raise AudioError(f"The recording {path} cannot be written ({_reason(error)}): choose another place.") from error
    finally:
        temporary.unlink(missing_ok=True)


def as_pcm16(samples: Samples) -> NDArray[np.int16]:
    """Samples as 16-bit integers; too loud ones are cut off, what is not a number is silence."""
    finite = np.nan_to_num(samples, posinf=0.0, neginf=0.0)
    pcm: NDArray[np.int16] = np.rint(np.clip(finite, -1.0, 1.0) * 32_767.0).astype("<i2")
    return pcm


def _opened(path: Path) -> soundfile.SoundFile:
    """The recording, opened and found sane. Raises AudioError with the reason why not."""
    try:
        with_content = _has_content(path)
    except (OSError, ValueError) as error:
        raise AudioError(f"The recording {path} cannot be read ({_reason(error)}): check the name.") from error
    if not with_content:
        raise AudioError(f"The recording {path} is empty: record it again.")
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.SoundFileError, OSError, TypeError) as error:
        raise AudioError(f"{path} is not a recording that can be read: give a WAV, FLAC, OGG or MP3 file.") from error
    if LOWEST_HZ <= file.samplerate <= HIGHEST_HZ and file.channels <= MOST_CHANNELS:
        return file
    file.close()
    raise AudioError(
        f"The recording {path} has {file.channels} channels at {file.samplerate} Hz: give one with at most "
        f"{MOST_CHANNELS} channels and {LOWEST_HZ} to {HIGHEST_HZ} Hz."
    )


def _has_content(path: Path) -> bool:
    if not path.is_file() and path.exists():
        raise AudioError(f"{path} is not a file: name a recording, such as a WAV file.")
    with path.open("rb") as file:
        return bool(file.read(1))


def _let_go(file: BinaryIO) -> None:
    """Close a file whose last bytes may have no room; that was reported already."""
    try:
        file.close()
    except OSError:
        log.debug("%s was closed with bytes left over", file.name)


def _reason(error: OSError | ValueError) -> str:
    strerror = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return strerror[:1].lower() + strerror[1:]
