"""The reply on its way to the loudspeaker, known to the sample.

The loop puts pieces in and the sound device's thread takes samples out (`device.runtime.sounding`), without a lock
between them. A word counts as heard when its last sample was handed to the device. Where the loop must know what was
heard of a reply that it drops, it waits for the block that is being filled, never the other way round.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from device.ports import Samples, Speech
from device.runtime.resampling import StreamResampler, resample
from device.runtime.sounding import FADE_SECONDS, Piece, Reports, Sounding, ramp

GAIN_SECONDS = 0.05
"""The volume moves from silence to full scale in this, so that a change does not click."""

MOST_FILL_SECONDS = 0.05
"""A block that takes longer to fill is none any more: PortAudio ends its thread wherever it is."""

SINGLE_PRECISION = 1e-6
"""Numbers from 0 to 1 that differ by less are the same in a sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard of a turn: so many whole pieces, and so many characters of the next one's text."""

    turn: int
    pieces: int
    chars: int


@dataclass(kw_only=True, eq=False)
class _Chime:
    """A short sound, and how far it has been handed out; one that sounds `alone` keeps a reply waiting."""

    samples: Samples
    alone: bool = False
    position: int = 0


class Playback:
    """Plays one turn at a time. The callbacks are called on the device's thread, between two blocks."""

    def __init__(
        self,
        *,
        on_started: Callable[[int], None],
        on_finished: Callable[[int], None],
    ) -> None:
        """`on_started(turn)`: its first audible sample was handed out; `on_finished(turn)`: its last one was."""
        self._reports = Reports(started=on_started, piece_heard=_nobody, finished=on_finished)
        self._sounding = Sounding(-1, self._reports)
        self._stream: StreamResampler | None = None
        self._filling = False
        self._output_hz = 0
        self._fade_step = 1.0
        self._gain = self._gain_wanted = 1.0
        self._gain_step = 1.0
        self._underrun_samples = 0
        self._chime = _Chime(samples=np.zeros(0, np.float32))

    def _drop(self, turn: int) -> Sounding:
        """Let `turn` be the one that sounds; what did until now, of which no sample is taken any more."""
        dropped, self._sounding, self._stream = self._sounding, Sounding(turn, self._reports), None
        until = time.monotonic() + MOST_FILL_SECONDS
        while self._filling and time.monotonic() < until:
            time.sleep(0)
        self._underrun_samples += dropped.underrun_samples
        return dropped

    # --- on the loop ---------------------------------------------------------------------------------------------

    def tell_pieces(self, heard: Callable[[int, int], None]) -> None:
        """`heard(turn, number)`: the turn's piece `number`, counted from 0, was handed out whole."""
        self._reports.piece_heard = heard

    def use_device(self, output_hz: int) -> None:
        """The device was opened at `output_hz`; what is queued is converted to it. No block is filled meanwhile."""
        self._stream = None
        for piece in self._sounding.queue:
            if self._output_hz not in (0, output_hz):
                piece.position = round(piece.position * output_hz / self._output_hz)
            piece.samples = resample(piece.speech.samples, piece.speech.sample_rate_hz, output_hz)
        self._output_hz = output_hz
        self._fade_step = 1.0 / max(FADE_SECONDS * output_hz, 1.0)
        self._gain_step = 1.0 / max(GAIN_SECONDS * output_hz, 1.0)

    def set_gain(self, gain: float) -> None:
        """How loud everything is from now on: 0 to 1, what every sample is multiplied by."""
        self._gain_wanted = min(max(gain, 0.0), 1.0)

    def ring(self, make: Callable[[int], Samples], *, alone: bool = False) -> None:
        """Play a short sound, `make(output_hz)`, over whatever plays; it delays nothing and no reply knows of it.

        One that is to sound `alone` is heard before the reply goes on, and however low the voice is turned.
        """
        if self._output_hz:
            self._chime = _Chime(samples=make(self._output_hz), alone=alone)

    def hush(self) -> None:
        """End a sound that sounds alone."""
        if self._chime.alone:
            rest = self._chime.samples[self._chime.position :][: round(FADE_SECONDS * self._output_hz)]
            self._chime = _Chime(samples=rest * np.linspace(1, 0, len(rest), dtype=np.float32))

    @property
    def output_hz(self) -> int:
        """The device's rate; 0 before there is one."""
        return self._output_hz

    @property
    def underrun_samples(self) -> int:
        """For how long there was nothing to hand out in the midst of a reply."""
        return self._underrun_samples + self._sounding.underrun_samples

    @property
    def has_samples(self) -> bool:
        """Whether something is queued that is not held back."""
        return bool(self._sounding.queue) and not self._sounding.held

    def begin(self, turn: int) -> None:
        """A turn's reply begins; what is left of an earlier one is dropped."""
        self._drop(turn)

    def enqueue(self, turn: int, speech: Speech) -> None:
        """Put a piece, or the next part of one, behind the others of its turn; one of another turn is dropped."""
        if turn == self._sounding.turn:
            self._sounding.queue.append(Piece(speech=speech, samples=self._converted(speech)))

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
        if turn == self._sounding.turn:
            self._sounding.complete = True

    def hold(self) -> None:
        """Pause at the sample."""
        self._sounding.held = True

    def resume(self) -> None:
        """Go on at that sample."""
        self._sounding.held = False

    def stop(self, turn: int) -> Heard:
        """Drop everything at once; what was heard of the turn."""
        if turn != self._sounding.turn:
            return Heard(turn=turn, pieces=0, chars=0)
        dropped = self._drop(-1)
        return Heard(turn=turn, pieces=dropped.whole_pieces, chars=dropped.chars)

    # --- on the device's thread ----------------------------------------------------------------------------------

    def render(self, out: Samples) -> None:
        """Fill the device's next block."""
        out[:] = 0.0
        chime = self._chime
        left = min(len(chime.samples) - chime.position, len(out))
        waits = chime.alone and left > 0
        self._filling = True  # before the reply is looked at: whoever drops it after that waits
        try:
            sounding = self._sounding
            told = sounding.fill(out, self._fade_step) if sounding.turn >= 0 and not waits else ()
        finally:
            self._filling = False
        if not waits:
            self._mix(chime, out[:left])
        self._amplify(out, silent=not sounding.queue)
        if waits:
            self._mix(chime, out[:left])
        for report in told:
            report()

    def _mix(self, chime: _Chime, out: Samples) -> None:
        out += chime.samples[chime.position : chime.position + len(out)]
        chime.position += len(out)

    def _amplify(self, out: Samples, *, silent: bool) -> None:
        """The last thing that happens to a sample: what counts as heard does not depend on the volume."""
        wanted = self._gain_wanted
        if silent and not out.any():
            self._gain = wanted  # nobody hears a jump in silence
        elif self._gain != wanted and len(out):
            gains = ramp(self._gain, wanted, self._gain_step, len(out))
            out *= gains
            self._gain = float(gains[-1])
            # Single precision would never quite arrive.
            if abs(self._gain - wanted) < SINGLE_PRECISION:
                self._gain = wanted
        elif self._gain != 1.0:
            out *= self._gain


def _nobody(turn: int, number: int) -> None:
    """Nobody listens."""
