"""One turn's reply as the sound device's thread takes it out, known to the sample.

The loop puts pieces in and says whether it is held and complete; the device's thread takes samples out and counts what
was heard. Every field is written by one of the two alone, and a deque may be used at both ends at once: so neither
waits for the other, and the card never waits for the interpreter to wake a thread that has a lock.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from device.ports import Samples, Speech

FADE_SECONDS = 0.005
"""A held reply fades out and back in this fast, so that it does not click."""

AUDIBLE = 0.001
"""The first sample louder than this (-60 dB of full scale) starts the playback."""


@dataclass(kw_only=True, eq=False)
class Piece:
    """A piece, or a part of one, at the device's rate, and how far it has been handed out."""

    speech: Speech
    samples: Samples
    position: int = 0

    @property
    def chars_heard(self) -> int:
        """How many characters of its text have been handed out, in whole words."""
        if not self.position:
            return 0
        position = self.position * len(self.speech.samples) / len(self.samples)
        return max((word.chars for word in self.speech.words if word.samples <= position), default=0)


@dataclass(kw_only=True, eq=False)
class Reports:
    """Who is told on the device's thread: of a turn's first audible sample, of each whole piece, of its last sample."""

    started: Callable[[int], None]
    piece_heard: Callable[[int, int], None]
    finished: Callable[[int], None]


Report = Callable[[], None]


class Sounding:
    """The reply of one `turn`; a negative one is nobody's and silent."""

    def __init__(self, turn: int, reports: Reports) -> None:
        self.turn = turn
        self.queue: deque[Piece] = deque()
        # The loop's:
        self.complete = self.held = False
        # The device's thread's:
        self.whole_pieces = self.underrun_samples = 0
        self._reports = reports
        self._chars = 0
        self._started = self._finished = False
        self._fade = 1.0

    @property
    def chars(self) -> int:
        """How many characters of the piece after the whole ones were heard; for when no sample is taken any more."""
        return max(self._chars, self.queue[0].chars_heard if self.queue else 0)

    def fill(self, out: Samples, fade_step: float) -> list[Report]:
        """Fill the device's next block, which is silent; what is to be told of it. On the device's thread."""
        told: list[Report] = []
        complete, at = self.complete, 0  # in this order: what completes a reply is in the queue before that is said
        while at < len(out) and self.queue:
            piece = self.queue[0]
            wanted = piece.samples[piece.position : piece.position + len(out) - at]
            taken = self._copy(wanted, out[at : at + len(wanted)], fade_step)
            if not self._started and np.any(np.abs(out[at : at + taken]) > AUDIBLE):
                self._started = True
                told.append(lambda: self._reports.started(self.turn))
            piece.position += taken
            at += taken
            if piece.position < len(piece.samples):
                return told  # the block is full, or the reply is held
            self._over(piece, told)
        if self.queue or self.held:
            return told
        if complete and not self._finished:
            self._finished = True
            told.append(lambda: self._reports.finished(self.turn))
        elif self._started and not complete:
            self.underrun_samples += len(out) - at
        return told

    def _over(self, piece: Piece, told: list[Report]) -> None:
        """The piece was handed out."""
        if not piece.speech.final:
            self._chars = max(self._chars, piece.chars_heard)
        else:
            number = self.whole_pieces
            self.whole_pieces, self._chars = number + 1, 0
            told.append(lambda: self._reports.piece_heard(self.turn, number))
        self.queue.popleft()

    def _copy(self, samples: Samples, out: Samples, fade_step: float) -> int:
        """Copy samples, faded towards silence while held and back afterwards; returns how many were used."""
        held = self.held
        if not held and self._fade >= 1.0:
            out[:] = samples
            return len(samples)
        fades = ramp(self._fade, 0.0 if held else 1.0, fade_step, len(samples))
        used = int(np.count_nonzero(fades > 0.0)) if held else len(samples)
        out[:used] = samples[:used] * fades[:used]
        if len(fades):
            self._fade = float(fades[-1])
        return used


def ramp(start: float, end: float, step: float, count: int) -> Samples:
    """`count` values from the one after `start` on towards `end`, each at most `step` from the one before."""
    steps = np.arange(1, count + 1, dtype=np.float32) * np.float32(step)
    values: Samples = np.minimum(start + steps, end) if start < end else np.maximum(start - steps, end)
    return values.astype(np.float32, copy=False)
