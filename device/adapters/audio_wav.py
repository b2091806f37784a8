"""A sound device made of files: a recording is its microphone, another file its loudspeaker.

It behaves as a sound card does: a thread of its own exchanges a block with the agent at the pace of its clock. Where
the process falls behind, the missed blocks follow at once and are counted, so a latency measured here is an honest one.
Without pace it goes as fast as the agent lets it, which the `exchange` decides by blocking.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from device.adapters.recordings import RecordingReader, RecordingWriter
from device.errors import AudioError
from device.ports import RECOGNITION_HZ, Exchange, Samples

log = logging.getLogger(__name__)

LATE_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """When a block was exchanged (monotonic clock), and which samples it began with in both directions."""

    seconds: float
    input_sample: int
    output_sample: int


class WavDevice:
    """`device.ports.AudioDevice` on recordings; once closed it is spent."""

    def __init__(
        self,
        source: Path | Samples | Iterator[Samples],
        out: Path | None = None,
        *,
        paced: bool = True,
        block_ms: int = 16,
        output_hz: int = 22_050,
    ) -> None:
        """Raises AudioError if the recording cannot be read, or the reply cannot be written or would overwrite it.

        `source` is a recording, samples at 16 kHz, or an iterator of them, which is asked on the device's thread.
        """
        self.name = source.name if isinstance(source, Path) else "recording"
        self.input_hz = RECOGNITION_HZ
        self.output_hz = output_hz
        self.delay_seconds, self.xruns = 0.0, 0
        self.late_blocks = 0
        self.blocks: list[Block] = []
        self.played: list[Samples] = []
        self.failure: AudioError | None = None
        self._paced = paced
        self._block_ms = block_ms
        self._reader = RecordingReader(source, RECOGNITION_HZ) if isinstance(source, Path) else None
        self._samples = iter([source]) if isinstance(source, np.ndarray) else source
        if isinstance(source, Path) and out is not None and out.exists() and out.samefile(source):
            raise AudioError(f"The reply would overwrite the recording {source}: choose another place for it.")
        self._writer = None if out is None else RecordingWriter(out, output_hz)
        self._closing = threading.Event()
        self._input_ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._listening = True

    def open(self, exchange: Exchange, lost: Callable[[str], None], *, listening: bool = True) -> None:
        """Start the clock; the recording passes whether it is listened to or not."""
        del lost  # a recording's end is not a loss: silence follows it
        self._listening = listening
        if self._thread is not None:
            return
        self._thread = threading.Thread(target=self._run, args=(exchange,), name="recording", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the clock and finish the reply's file."""
        self._closing.set()
        self._input_ended.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def wait_input_ended(self) -> None:
        """Block until the recording has been heard, or the device is closed."""
        self._input_ended.wait()

    @property
    def input_ended(self) -> bool:
        """Whether the recording has been heard."""
        return self._input_ended.is_set()

    def _run(self, exchange: Exchange) -> None:
        blocks = _blocks(self._sounds(), RECOGNITION_HZ * self._block_ms // 1000)
        silence = np.zeros(RECOGNITION_HZ * self._block_ms // 1000, np.float32)
        start = time.monotonic()
        number = 0
        while not self._closing.is_set():
            captured = next(blocks, None)
            if captured is None:
                self._input_ended.set()
                captured = silence
            number += 1
            first = self._block_start(number - 1)
            out = np.zeros(self._block_start(number) - first, np.float32)
            self._keep_pace(start + number * self._block_ms / 1000)
            self.blocks.append(
                Block(seconds=time.monotonic(), input_sample=(number - 1) * len(silence), output_sample=first)
            )
            exchange(captured if self._listening else captured[:0], out)
            self._keep(out)

    def _block_start(self, number: int) -> int:
        return number * self._block_ms * self.output_hz // 1000

    def _keep_pace(self, due_seconds: float) -> None:
        if not self._paced:
            return
        ahead = due_seconds - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        elif ahead < -LATE_SECONDS:
            self.late_blocks += 1

    def _keep(self, out: Samples) -> None:
        if self._writer is None:
            self.played.append(out)
            return
        try:
            self._writer.write(out)
        except AudioError as error:
            self.failure = error
            log.error("%s", error)  # noqa: TRY400 - the sentence is enough
            self._writer.close()
            self._writer = None

    def _sounds(self) -> Iterator[Samples]:
        if not isinstance(self._samples, Path):
            yield from self._samples
            return
        while self._reader is not None and (block := self._reader.read()) is not None:
            yield block


def _blocks(sounds: Iterator[Samples], size: int) -> Iterator[Samples]:
    """The samples in blocks of `size`, the last one filled with silence."""
    left = np.zeros(0, np.float32)
    for sound in sounds:
        left = np.concatenate((left, sound))
        while len(left) >= size:
            yield left[:size]
            left = left[size:]
    if len(left):
        yield np.pad(left, (0, size - len(left)))
