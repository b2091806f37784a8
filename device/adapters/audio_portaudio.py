"""The microphone and the loudspeaker, full-duplex on one clock, through PortAudio."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from device.adapters.audio_devices import Pair, cards, first_line, portaudio, quiet_stderr, renew_list
from device.errors import AudioError
from device.ports import Exchange

log = logging.getLogger(__name__)

WATCH_SECONDS = 1.5
STALLED_SECONDS = 3.0
"""A card that asks for no block for so long is gone, whatever PortAudio says."""

SPINNING_SHARE = 0.5
"""A sound thread that takes more of a core than this does not wait for the card any more, it asks it in circles.

ALSA's way to PulseAudio and PipeWire does that to a full-duplex stream for good once a block came late (measured: 0.03
of a core before, 1.0 after, whatever the rate, the block and the latency), until the stream is opened anew.
"""

MOST_LATENCY_SECONDS = 0.12
"""A card whose blocks come late gets twice the buffer, and again, up to this."""


class PortAudioDevice:
    """`device.ports.AudioDevice` on a sound card."""

    def __init__(self, source: str = "", sink: str = "", *, block_ms: int = 10) -> None:
        """`source` and `sink` are names, parts of names or numbers of devices; "" for the first that works."""
        self.name = "the sound card"
        self.input_hz = self.output_hz = 48_000
        self.delay_seconds = 0.0
        self.overruns = self.underruns = 0
        """How many times captured samples were lost, and how many times there was nothing to play in time."""
        self.worst_wait_seconds = 0.0
        """The longest that a block waited for the interpreter."""
        self.worst_block_seconds = 0.0
        """The longest that a block took once the interpreter had it."""
        self._wanted = source, sink
        self._block_ms = block_ms
        self._stream: Any = None
        self._closing = threading.Event()
        self._latency_seconds: float | None = None
        """What the card's buffers are to hold; None for as little as it can."""
        self._last_block_seconds = 0.0
        self._changing = threading.Lock()
        """Held while the card is opened or closed: PortAudio waits for ever for a stream that two threads close."""

    @property
    def xruns(self) -> int:
        """How many times samples were lost or missing, in either direction."""
        return self.overruns + self.underruns

    def open(self, exchange: Exchange, lost: Callable[[str], None], *, listening: bool = True) -> None:
        """Start the card, without its microphone unless it is `listening`. Raises AudioError in a sentence."""
        with self._changing:
            self._open(exchange, lost, listening=listening)

    def close(self) -> None:
        """Stop the card."""
        with self._changing:
            self._end()

    def _open(self, exchange: Exchange, lost: Callable[[str], None], *, listening: bool) -> None:
        self._end()
        sounddevice = portaudio()
        renew_list(sounddevice)
        failure: AudioError | None = None
        for pair in cards(sounddevice, *self._wanted, listening=listening):
            try:
                self._start(sounddevice, pair, exchange, lost, listening=listening)
            except (sounddevice.PortAudioError, ValueError, OSError) as error:
                self._drop_stream()
                failure = failure or AudioError(
                    f"The sound card cannot be used ({first_line(error)}): plug it in, or end what has it."
                )
                failure.__cause__ = failure.__cause__ or error
            else:
                return
        raise failure or AudioError("No sound card was found: plug one in.")

    def _end(self) -> None:
        self._closing.set()
        self._drop_stream()

    def _start(
        self, sounddevice: Any, pair: Pair, exchange: Exchange, lost: Callable[[str], None], *, listening: bool
    ) -> None:
        closing, told = threading.Event(), threading.Event()

        def lose(reason: str) -> None:
            if not closing.is_set() and not told.is_set():
                told.set()
                lost(reason)

        blocks = _Blocks(self, exchange, pair.rate_hz * self._block_ms // 1000)
        with quiet_stderr():
            self._stream = (sounddevice.Stream if listening else sounddevice.OutputStream)(
                samplerate=pair.rate_hz,
                blocksize=pair.rate_hz * self._block_ms // 1000,
                device=pair.indices if listening else pair.indices[1],
                channels=pair.channels if listening else pair.channels[1],
                dtype="float32",
                latency=self._latency_seconds or "low",
                callback=blocks.exchange if listening else blocks.play,
                finished_callback=lambda: lose("it was unplugged or its sound server ended"),
            )
            self.name = pair.name
            self.input_hz = self.output_hz = pair.rate_hz
            self.delay_seconds = float(np.sum(self._stream.latency))
            blocks.clock_offset_seconds = self._stream.time - time.monotonic()
            self._last_block_seconds = time.monotonic()
            self._closing = closing
            self._stream.start()
        watched = (blocks, closing, lose, lambda: lost(""))
        threading.Thread(target=self._watch, args=watched, name="sound-watch", daemon=True).start()

    def _drop_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            # A card that has gone makes PortAudio complain; there is nothing left to close then.
            with quiet_stderr(), contextlib.suppress(Exception):
                stream.abort(ignore_errors=True)
                stream.close(ignore_errors=True)

    def _watch(
        self, blocks: "_Blocks", closing: threading.Event, lose: Callable[[str], None], renew: Callable[[], None]
    ) -> None:
        busy_seconds, xruns = blocks.busy_seconds, self.xruns
        while not closing.wait(WATCH_SECONDS):
            if time.monotonic() - self._last_block_seconds > STALLED_SECONDS:
                lose("it stopped asking for sound")
                return
            spins = (blocks.busy_seconds - busy_seconds) / WATCH_SECONDS > SPINNING_SHARE
            if (self.xruns > xruns and self._buffer_more()) or spins:
                renew()
            busy_seconds, xruns = blocks.busy_seconds, self.xruns

    def _buffer_more(self) -> bool:
        """Want larger buffers the next time; whether there is room for that."""
        stream = self._stream
        now_seconds = 0.0 if stream is None else float(np.max(stream.latency))
        if not 0.0 < now_seconds < MOST_LATENCY_SECONDS:
            return False
        self._latency_seconds = min(2.0 * now_seconds, MOST_LATENCY_SECONDS)
        log.info("A block came late: the sound card's buffers shall hold %.0f ms.", self._latency_seconds * 1000)
        return True


_NOTHING = np.zeros((0, 1), np.float32)


class _Blocks:
    """What PortAudio calls for every block, on its own thread. It allocates nothing and waits for nobody."""

    def __init__(self, device: PortAudioDevice, exchange: Exchange, frames: int) -> None:
        self._device = device
        self._exchange = exchange
        self._out = np.zeros(frames, np.float32)
        self._failed = False
        self.clock_offset_seconds = 0.0
        """PortAudio's clock, ahead of the monotonic one by so much."""
        self.busy_seconds = 0.0
        """The processor time of the sound thread so far."""

    def play(self, out: Any, frames: int, times: Any, status: Any) -> None:
        """The same while the microphone is closed."""
        self.exchange(_NOTHING, out, frames, times, status)

    def exchange(self, captured: Any, out: Any, frames: int, times: Any, status: Any) -> None:
        """Hand a block over and fill the next one; an exception here would stop the card."""
        device, began = self._device, time.monotonic()
        device._last_block_seconds = began  # noqa: SLF001 - they are one
        waited = began + self.clock_offset_seconds - times.currentTime
        device.worst_wait_seconds = max(device.worst_wait_seconds, waited)
        if status:
            device.overruns += bool(status.input_overflow)
            device.underruns += bool(status.output_underflow)
        mono = self._out[:frames]
        mono[:] = 0.0
        try:
            self._exchange(captured[:, 0], mono)
        except Exception:
            if not self._failed:
                log.exception("The sound's exchange failed")
            self._failed = True
        out[:] = mono[:, None]
        self.busy_seconds = time.thread_time()
        device.worst_block_seconds = max(device.worst_block_seconds, time.monotonic() - began)
