"""What a button's edges mean: from a contact that closes and opens to a press, a tap, a double tap, a hold.

Pure: time is an argument, and the next moment at which something would happen by itself is named (`Button.deadline`).

A contact bounces for some milliseconds. The first edge counts at once, so that a press can interrupt without waiting;
those of the next `debounce_ms` are only looked at when that time is over. A contact that is open again by then was a
spark or a brush, not a finger: the press has been told, and nothing follows.

    closed ──▶ PRESS ──┬─ opened before hold ──▶ TAP (where a double tap means something: only if no second comes)
                       ├─ still closed after hold_ms ──▶ HOLD ──┬─ opened ──▶ HOLD_ENDED
                       │                                        └─ after long_ms ──▶ LONG, then HOLD_ENDED as it opens
                       └─ second time within double_ms ──▶ DOUBLE
"""

from dataclasses import dataclass
from enum import Enum


class Gesture(Enum):
    """What a button told."""

    PRESS = "press"
    TAP = "tap"
    DOUBLE = "double"
    HOLD = "hold"
    HOLD_ENDED = "hold ended"
    LONG = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class GestureTimes:
    """When a press is which gesture; `double_ms` 0 for a button whose double tap means nothing."""

    debounce_ms: int = 20
    hold_ms: int = 350
    long_ms: int = 3000
    double_ms: int = 0


class _Phase(Enum):
    OPEN = "open"
    CLOSED = "closed"
    HELD = "held"
    HELD_LONG = "held long"
    TAPPED = "tapped, a second may follow"
    SPENT = "closed, and all of it is told"


class Button:
    """One button. Every method returns what it told, in order; times are seconds of any clock that never jumps."""

    def __init__(self, times: GestureTimes) -> None:
        self._times = times
        self._phase = _Phase.OPEN
        self._contact = False
        self._since = 0.0
        """When the phase that counts the time began: the press, or the tap."""
        self._settles_at: float | None = None

    @property
    def deadline(self) -> float | None:
        """When `passed` must be called next if no edge comes before; None if nothing happens by itself."""
        waits = [at for at in (self._settles_at, self._phase_ends_at()) if at is not None]
        return min(waits, default=None)

    @property
    def held(self) -> bool:
        """Whether HOLD has been told and HOLD_ENDED has not."""
        return self._phase in (_Phase.HELD, _Phase.HELD_LONG)

    def edge(self, *, closed: bool, now: float) -> tuple[Gesture, ...]:
        """The contact closed or opened."""
        told = self.passed(now)
        self._contact = closed
        if self._settles_at is not None:
            return told
        return told + self._settled(now)

    def passed(self, now: float) -> tuple[Gesture, ...]:
        """Time has passed; calling it too early or too often is harmless."""
        told: tuple[Gesture, ...] = ()
        if self._settles_at is not None and now >= self._settles_at:
            bounced_at, self._settles_at = self._settles_at, None
            told += self._settled(bounced_at, bounced=True)
        while (end := self._phase_ends_at()) is not None and now >= end:
            told += self._phase_ended()
        return told

    # --- edges -------------------------------------------------------------------------------------------------------

    def _settled(self, now: float, *, bounced: bool = False) -> tuple[Gesture, ...]:
        """The contact is what it is, which may be news."""
        if self._contact == self._down:
            return ()
        self._settles_at = now + self._times.debounce_ms / 1000
        if self._contact:
            return self._pressed(now)
        return self._released(now, brushed=bounced and self._phase is _Phase.CLOSED)

    @property
    def _down(self) -> bool:
        return self._phase not in (_Phase.OPEN, _Phase.TAPPED)

    def _pressed(self, now: float) -> tuple[Gesture, ...]:
        if self._phase is _Phase.TAPPED:
            self._phase = _Phase.SPENT
            return Gesture.PRESS, Gesture.DOUBLE
        self._phase, self._since = _Phase.CLOSED, now
        return (Gesture.PRESS,)

    def _released(self, now: float, *, brushed: bool) -> tuple[Gesture, ...]:
        held, phase, self._phase = self.held, self._phase, _Phase.OPEN
        if held:
            return (Gesture.HOLD_ENDED,)
        if phase is _Phase.SPENT or brushed:
            return ()
        if self._times.double_ms:
            self._phase, self._since = _Phase.TAPPED, now
            return ()
        return (Gesture.TAP,)

    # --- time --------------------------------------------------------------------------------------------------------

    def _phase_ends_at(self) -> float | None:
        after_ms = {
            _Phase.CLOSED: self._times.hold_ms,
            _Phase.HELD: self._times.long_ms,
            _Phase.TAPPED: self._times.double_ms,
        }.get(self._phase)
        return None if after_ms is None else self._since + after_ms / 1000

    def _phase_ended(self) -> tuple[Gesture, ...]:
        if self._phase is _Phase.CLOSED:
            self._phase = _Phase.HELD
            return (Gesture.HOLD,)
        if self._phase is _Phase.HELD:
            self._phase = _Phase.HELD_LONG
            return (Gesture.LONG,)
        self._phase = _Phase.OPEN
        return (Gesture.TAP,)
