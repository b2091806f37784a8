"""How much more the microphone heard than the loudspeaker's echo explains, in every 10 ms.

A canceller takes a voice away together with the echo while both sound, so what it leaves tells late of somebody who
talks over a reply. Here the echo is only predicted, by an adaptive filter that is linear and therefore leaves a voice
as it is, and that knows how unsure it is of itself: a partitioned-block frequency-domain Kalman filter (Enzner and
Vary, 2006; with partitions Kuech et al., 2014). The *excess* is by how much what it leaves exceeds, on the average of
all bands, what may be left of an echo and of the room.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.ports import RECOGNITION_HZ, Samples
from device.runtime.clock_drift import ClockDrift

FRAME_SAMPLES = RECOGNITION_HZ // 100
PARTITIONS = 40
"""The filter spans so many frames: the room's ringing, and at first the way through the card, too."""

MOST_SKIPPED = 40
LEAD_PARTITIONS = 2
SILENT_SHARE = 0.01
LOOK_FRAMES = 50
"""Every so many frames it is seen where the echo begins. What comes earlier holds no more than this share of it, and is
skipped, but for these partitions, and no more than that many frames: so the filter's span is the room's, also where
clocks drift and the echo begins ever earlier.
"""

CONSTRAINED_IN_TURN = 5
"""Every partition is kept from wrapping around once in so many frames."""

FORGETTING = 0.997
"""Of the filter's certainty so much lasts from frame to frame: clocks drift, people move."""

KEPT = PARTITIONS + MOST_SKIPPED
UNSURE_AT_FIRST = 0.3
"""The echo's power before anything is known of it, against what is played, in every partition: of a loud one."""

BANDS_HZ = (200, 400, 600, 800, 1000, 1300, 1700, 2200, 2800, 3600, 4600, 6000, 8000)
RESIDUAL_SHARE = 4.0
"""What is left of the echo is at most so many times what the filter expects of its own error,"""
UNMODELLED_SHARE = 0.03
"""and this part of the echo that no linear filter can know: a bent loudspeaker, a tail beyond the filter's end."""
KNOWN_FRAMES = 60
MOST_AT_FIRST_DB = 6.0
"""Before it has learnt from so many frames of a reply nothing exceeds the echo by more: the reply may be held for it,
but that it can be no echo nobody could tell."""

TAIL_DECAY = 0.9
LEAST_SHARE_DB = -6.0
SHARE_ABOVE_DB = 3.0
SHARE_RISE, SHARE_FALL = 0.2, 0.02
ECHO_ABOVE_ROOM = 4.0
"""How much of that really is left is learnt in every band while nothing else is heard than an echo that is so many
times as strong as the room: so much above what was left of late, fast upwards, slowly downwards, to no less than that.
"""
ROOM_SHARE = 3.0
"""The room's power is learnt from its quietest moments; it reaches so many times as much."""
ROOM_RISE = 1.02
ROOM_FALL = 0.3
LEAST_POWER = 1e-6
EXPLAINED_DB = -1.0
"""A frame that exceeds the echo by less holds nothing else."""
LOWEST_DB, HIGHEST_DB = -3.0, 20.0
"""No band counts for less or more than this."""

_Real = NDArray[np.float32]
_Complex = NDArray[np.complex64]


@dataclass(frozen=True, slots=True)
class Unexplained:
    """What a frame holds beyond the echo: what is `left` without the predicted one, in which a voice is as loud as it
    was, and by how much that exceeds what echo and room may leave; about -3 dB where they explain it.
    """

    left: Samples
    excess_db: float


class EchoModel:
    """Feed it the frames that were played and captured at the same time."""

    def __init__(self) -> None:
        bins = FRAME_SAMPLES + 1
        edges = np.array(BANDS_HZ) * 2 * FRAME_SAMPLES // RECOGNITION_HZ
        self._starts, self._widths = edges[:-1], np.diff(edges).astype(np.float32)
        self._end = int(edges[-1])
        self._drift = ClockDrift(FRAME_SAMPLES)
        # Frames are written from the end on, so that the newest ones always lie side by side.
        self._spectra: _Complex = np.zeros((4 * KEPT, bins), np.complex64)
        self.reset()

    def reset(self) -> None:
        """Forget the room."""
        bins = self._spectra.shape[1]
        self._spectra[:] = 0.0
        self._at = len(self._spectra) - KEPT
        self._frames = self._known_frames = self._silent_frames = self._skipped = 0
        self._drift.reset()
        self._filter: _Complex = np.zeros((PARTITIONS, bins), np.complex64)
        self._doubt: _Real = np.full((PARTITIONS, bins), UNSURE_AT_FIRST, np.float32)
        self._power: _Real = np.full(bins, 1e-3, np.float32)
        self._played: _Real = np.zeros(2 * FRAME_SAMPLES, np.float32)
        self._room: _Real | None = None
        self._echo: _Real = np.zeros(len(self._widths), np.float32)
        self._share_db: _Real = np.zeros(len(self._widths), np.float32)

    def frame(self, captured: Samples, played: Samples, *, learn: bool = True) -> Unexplained:
        """What the next frame holds beyond the echo; only of frames without a voice is the echo to be learnt."""
        self._silent_frames = 0 if played.any() else self._silent_frames + 1
        heard = bool(captured.any())  # a muted card sends zeros, of which neither the room nor its echo is to be learnt
        self._drift.tick()
        if self._silent_frames > self._skipped + PARTITIONS + 1:
            nothing = np.zeros(len(self._widths), np.float32)
            found = self._judge(self._bands(_spectrum(captured)), nothing, nothing, learn=heard)
            return Unexplained(captured, self._as_known(found) if self._known_frames else found)
        spectra = self._history(played)
        self._drift.move(self._filter)
        echo = np.fft.irfft((spectra * self._filter).sum(0))[FRAME_SAMPLES:].astype(np.float32)
        without = captured - echo
        left = _spectrum(without)
        powers = spectra.real**2 + spectra.imag**2
        expected = 0.5 * (powers * self._doubt).sum(0)
        found = self._judge(self._bands(left), self._in_bands(expected), self._bands(_spectrum(echo)), learn=heard)
        if learn and heard:
            self._known_frames += self._silent_frames == 0
            self._learn(spectra, powers, expected, left, explained=found < EXPLAINED_DB)
        return Unexplained(without, self._as_known(found))

    def _as_known(self, excess_db: float) -> float:
        """No more than may be believed of an echo that is known so little."""
        return excess_db if self._known_frames >= KNOWN_FRAMES else min(excess_db, MOST_AT_FIRST_DB)

    def _history(self, played: Samples) -> _Complex:
        """The spectra of what was played and may be heard now, the newest first."""
        self._played[:FRAME_SAMPLES] = self._played[FRAME_SAMPLES:]
        self._played[FRAME_SAMPLES:] = played
        if self._at == 0:
            self._at = len(self._spectra) - KEPT
            self._spectra[self._at + 1 :] = self._spectra[: KEPT - 1].copy()
        else:
            self._at -= 1
        self._spectra[self._at] = np.fft.rfft(self._played)
        newest = self._at + self._skipped
        return self._spectra[newest : newest + PARTITIONS]

    def _learn(self, spectra: _Complex, powers: _Real, expected: _Real, left: _Complex, *, explained: bool) -> None:
        self._power = 0.5 * (self._power + left.real**2 + left.imag**2)
        step = self._doubt / (expected + self._power + 1e-8)
        change = step * spectra.conj() * left
        if explained:
            self._drift.see(self._filter, change)
        self._filter += change
        turn = slice(self._frames % CONSTRAINED_IN_TURN, None, CONSTRAINED_IN_TURN)
        response = np.fft.irfft(self._filter[turn], axis=1)
        response[:, FRAME_SAMPLES:] = 0.0
        self._filter[turn] = np.fft.rfft(response, axis=1)
        self._frames += 1
        step *= powers
        self._doubt *= FORGETTING**2 * (1.0 - 0.5 * step)
        strength = self._filter.real**2 + self._filter.imag**2
        self._doubt += np.float32(1.0 - FORGETTING**2) * strength
        if self._frames % LOOK_FRAMES == 0:
            self._skip(strength.sum(1))
            self._drift.believe()

    def _skip(self, strength: _Real) -> None:
        """Begin where the echo does, by how strong each partition is; that may be earlier, too, where clocks drift."""
        begins = int(np.argmax(np.cumsum(strength) > SILENT_SHARE * strength.sum()))
        count = max(min(begins - LEAD_PARTITIONS, MOST_SKIPPED - self._skipped), -self._skipped)
        if count == 0:
            return
        self._filter = _shifted(self._filter, count, np.float32(0.0))
        self._doubt = _shifted(self._doubt, count, self._doubt[-1 if count > 0 else 0])
        self._skipped += count

    def _judge(self, left: _Real, expected: _Real, echo: _Real, *, learn: bool) -> float:
        self._echo = np.maximum(echo, TAIL_DECAY * self._echo)
        if learn:
            before = left if self._room is None else self._room
            self._room = np.minimum(before * ROOM_RISE, before + ROOM_FALL * (left - before))
        room = ROOM_SHARE * (left if self._room is None else self._room)
        echo = RESIDUAL_SHARE * expected + UNMODELLED_SHARE * self._echo
        explained = 10.0 ** (self._share_db / 10.0) * echo + room
        bands_db = _decibels(left / (explained + LEAST_POWER))
        excess_db = float(np.clip(bands_db, LOWEST_DB, HIGHEST_DB).mean())
        if learn and excess_db < EXPLAINED_DB:
            self._learn_share(_decibels(left / (echo + LEAST_POWER)), echo > ECHO_ABOVE_ROOM * room)
        return excess_db

    def _learn_share(self, left_db: _Real, echoing: NDArray[np.bool_]) -> None:
        """So much was left of an echo, in the bands in which there was one."""
        further_db = left_db + SHARE_ABOVE_DB - self._share_db
        learnt_db = self._share_db + np.where(further_db > 0.0, SHARE_RISE, SHARE_FALL) * further_db
        self._share_db = np.where(echoing, np.clip(learnt_db, LEAST_SHARE_DB, 0.0), self._share_db)

    def _bands(self, spectrum: _Complex) -> _Real:
        return self._in_bands(spectrum.real**2 + spectrum.imag**2)

    def _in_bands(self, powers: _Real) -> _Real:
        """Their mean in every band."""
        sums = np.add.reduceat(powers[: self._end], self._starts)
        return (sums / self._widths).astype(np.float32)


def _shifted(weights: NDArray[Any], count: int, unknown: Any) -> NDArray[Any]:
    """As many partitions from the one at `count` on; those that there are not are `unknown`."""
    filled = np.full_like(weights[: abs(count)], unknown)
    return np.concatenate((weights[count:], filled) if count > 0 else (filled, weights[:count]))


def _decibels(powers: NDArray[Any]) -> _Real:
    return np.asarray(10.0 * np.log10(powers + LEAST_POWER), np.float32)


def _spectrum(frame: Samples) -> _Complex:
    """Of a frame behind as much silence."""
    return np.fft.rfft(np.concatenate((np.zeros(FRAME_SAMPLES, np.float32), frame))).astype(np.complex64)
