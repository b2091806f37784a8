"""The reply on its way to the loudspeaker, known to the sample.

The loop puts pieces in, the sound device's thread takes samples out, and between them stands one short lock. A word
counts as heard when its last sample was handed to the device.
"""

import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from device.ports import Samples, Speech
from device.runtime.resampling import StreamResampler, resample

FADE_SECONDS = 0.005
"""A held reply fades out and back in this fast, so that it does not click."""

GAIN_SECONDS = 0.05
"""The volume moves from silence to full scale in this, so that a change does not click."""

SINGLE_PRECISION = 1e-6
"""Numbers from 0 to 1 that differ by less are the same in a sample."""

AUDIBLE = 0.001
"""The first sample louder than this (-60 dB of full scale) starts the playback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard of a turn: so many whole pieces, and so many characters of the next one's text."""

    turn: int
    pieces: int
    chars: int


@dataclass(kw_only=True, eq=False)
class _Playing:
    """A piece, or a part of one, at the device's rate, and how far it has been handed out."""

    speech: Speech
    samples: Samples
    position: int = 0


class Playback:
    """Plays one turn at a time. The callbacks are called on the device's thread, outside the lock."""

    def __init__(
        self,
        *,
        on_started: Callable[[int], None],
        on_finished: Callable[[int], None],
    ) -> None:
        """`on_started(turn)`: its first audible sample was handed out; `on_finished(turn)`: its last one was."""
        self._on_started = on_started
        self._on_finished = on_finished
        self.on_piece_heard: Callable[[int, int], None] = _nobody
        """`on_piece_heard(turn, number)`: the turn's piece `number`, counted from 0, was handed out whole."""
        self._lock = threading.Lock()
        self._output_hz = 0
        self._fade_step = 1.0
        self._gain = self._gain_wanted = 1.0
        self._gain_step = 1.0
        self.underrun_samples = 0
        self._chime: Samples = np.zeros(0, np.float32)
        self._reset(-1)

    def _reset(self, turn: int) -> None:
        self._turn = turn
        self._queue: deque[_Playing] = deque()
        self._whole_pieces = self._chars = 0
        self._stream: StreamResampler | None = None
        self._complete = False
        self._started = False
        self._held = False
        self._fade = 1.0

    def use_device(self, output_hz: int) -> None:
        """The device was opened at `output_hz`; what is queued is converted to it."""
        with self._lock:
            self._stream = None
            for playing in self._queue:
                if self._output_hz not in (0, output_hz):
                    playing.position = round(playing.position * output_hz / self._output_hz)
                playing.samples = resample(playing.speech.samples, playing.speech.sample_rate_hz, output_hz)
            self._output_hz = output_hz
            self._fade_step = 1.0 / max(FADE_SECONDS * output_hz, 1.0)
            self._gain_step = 1.0 / max(GAIN_SECONDS * output_hz, 1.0)

    def set_gain(self, gain: float) -> None:
        """How loud everything is from now on: 0 to 1, what every sample is multiplied by."""
        with self._lock:
            self._gain_wanted = min(max(gain, 0.0), 1.0)

    # --- on the loop ---------------------------------------------------------------------------------------------

    def ring(self, make: Callable[[int], Samples]) -> None:
        """Play a short sound, `make(output_hz)`, over whatever plays; it delays nothing and no reply knows of it."""
        if self._output_hz:
            sound = make(self._output_hz)
            with self._lock:
                self._chime = sound

    @property
    def output_hz(self) -> int:
        """The device's rate; 0 before there is one."""
        return self._output_hz

    @property
    def has_samples(self) -> bool:
        """Whether something is queued that is not held back."""
        return bool(self._queue) and not self._held

    def begin(self, turn: int) -> None:
        """A turn's reply begins; what is left of an earlier one is dropped."""
        with self._lock:
            self._reset(turn)

    def enqueue(self, turn: int, speech: Speech) -> None:
        """Put a piece, or the next part of one, behind the others of its turn; one of another turn is dropped."""
        if turn != self._turn:
            return
        samples = self._converted(speech)
        with self._lock:
            if turn == self._turn:
                self._queue.append(_Playing(speech=speech, samples=samples))

    def _converted(self, speech: Speech) -> Samples:
        """The samples at the device's rate; where parts of a piece meet, nothing is heard of it."""
        from_hz, to_hz = speech.sample_rate_hz, self._output_hz or speech.sample_rate_hz
        if self._stream is None:
            if speech.final:
                return resample(speech.samples, from_hz, to_hz)
            self._stream = StreamResampler(from_hz, to_hz)
        samples = self._stream.process(speech.samples)
        if speech.final:
            rest = self._stream.process(np.zeros(math.ceil(self._stream.lag_seconds * from_hz), np.float32))
            samples, self._stream = np.concatenate((samples, rest)), None
        return samples

    def complete(self, turn: int) -> None:
        """No more pieces will come."""
        with self._lock:
            if turn == self._turn:
                self._complete = True

    def hold(self) -> None:
        """Pause at the sample."""
        with self._lock:
            self._held = True

    def resume(self) -> None:
        """Go on at that sample."""
        with self._lock:
            self._held = False

    def stop(self, turn: int) -> Heard:
        """Drop everything at once; what was heard of the turn."""
        with self._lock:
            playing = self._queue[0] if self._queue else None
            whole, chars = self._whole_pieces, self._chars
            if turn != self._turn:
                return Heard(turn=turn, pieces=0, chars=0)
            self._reset(-1)
        return Heard(turn=turn, pieces=whole, chars=max(chars, _chars_heard(playing)))

    # --- on the device's thread ----------------------------------------------------------------------------------

    def render(self, out: Samples) -> None:
        """Fill the device's next block."""
        out[:] = 0.0
        reports: list[Callable[[], None]] = []
        with self._lock:
            if self._turn >= 0:
                self._fill(out, reports)
            if len(self._chime):
                sound, self._chime = self._chime[: len(out)], self._chime[len(out) :]
                out[: len(sound)] += sound
            self._amplify(out)
        for report in reports:
            report()

    def _fill(self, out: Samples, reports: list[Callable[[], None]]) -> None:
        turn, at = self._turn, 0
        while at < len(out) and self._queue:
            playing = self._queue[0]
            wanted = playing.samples[playing.position : playing.position + len(out) - at]
            taken = self._copy(wanted, out[at : at + len(wanted)])
            if not self._started and np.any(np.abs(out[at : at + taken]) > AUDIBLE):
                self._started = True
                reports.append(lambda: self._on_started(turn))
            playing.position += taken
            at += taken
            if playing.position < len(playing.samples):
                return  # the block is full, or the reply is held
            self._queue.popleft()
            if not playing.speech.final:
                self._chars = max(self._chars, _chars_heard(playing))
                continue
            number = self._whole_pieces
            self._whole_pieces, self._chars = number + 1, 0
            reports.append(lambda number=number: self.on_piece_heard(turn, number))  # type: ignore[misc]
        if self._queue or self._held:
            return
        if self._complete:
            self._complete = False
            reports.append(lambda: self._on_finished(turn))
        elif self._started:
            self.underrun_samples += len(out) - at

    def _copy(self, samples: Samples, out: Samples) -> int:
        """Copy samples, faded towards silence while held and back afterwards; returns how many were used."""
        if not self._held and self._fade >= 1.0:
            out[:] = samples
            return len(samples)
        fades = _ramp(self._fade, 0.0 if self._held else 1.0, self._fade_step, len(samples))
        used = int(np.count_nonzero(fades > 0.0)) if self._held else len(samples)
        out[:used] = samples[:used] * fades[:used]
        if len(fades):
            self._fade = float(fades[-1])
        return used

    def _amplify(self, out: Samples) -> None:
        """The last thing that happens to a sample: what counts as heard does not depend on the volume."""
        if not self._queue and not out.any():
            self._gain = self._gain_wanted  # nobody hears a jump in silence
        elif self._gain != self._gain_wanted and len(out):
            gains = _ramp(self._gain, self._gain_wanted, self._gain_step, len(out))
            out *= gains
            self._gain = float(gains[-1])
            # Single precision would never quite arrive.
            if abs(self._gain - self._gain_wanted) < SINGLE_PRECISION:
                self._gain = self._gain_wanted
        elif self._gain != 1.0:
            out *= self._gain


def _ramp(start: float, end: float, step: float, count: int) -> Samples:
    """`count` values from the one after `start` on towards `end`, each at most `step` from the one before."""
    steps = np.arange(1, count + 1, dtype=np.float32) * np.float32(step)
    ramp: Samples = np.minimum(start + steps, end) if start < end else np.maximum(start - steps, end)
    return ramp.astype(np.float32, copy=False)


def _chars_heard(playing: _Playing | None) -> int:
    """How many characters of the piece's text had been handed out, in whole words."""
    if playing is None or not playing.position:
        return 0
    position = playing.position * len(playing.speech.samples) / len(playing.samples)
    return max((word.chars for word in playing.speech.words if word.samples <= position), default=0)


def _nobody(turn: int, number: int) -> None:
    """Nobody listens."""
