"""Which part of a turn is drawn: the wait for the answer; long speech before and a long reply after are cut short."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BEFORE, AFTER = 0.6, 0.35
"""How much of the wait is drawn before and after it, as a share of it."""

LEAST_MS = 200.0

LANES = ("inbox", "you", "ears", "model", "voice", "calls")
"""Whose work there is, in the order in which it is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when until when, in milliseconds."""

    begin_ms: float
    end_ms: float

    def share(self, at_ms: float) -> float:
        """Where a moment stands: 0 at the beginning, 1 at the end."""
        return min(max((at_ms - self.begin_ms) / (self.end_ms - self.begin_ms), 0.0), 1.0)


def window(trace: Mapping[str, Any]) -> Window:
    """What of a trace is drawn."""
    spans = trace["spans"]
    ends = [_end(span) for span in spans]
    begins = [span["begin_ms"] for span in spans]
    if not spans:
        return Window(begin_ms=0.0, end_ms=LEAST_MS)
    heard = [span["begin_ms"] for span in spans if span["name"] == "reply heard"]
    last_ms = heard[0] if heard else max(ends)
    calls = [_end(span) for span in spans if span["lane"] == "calls" and _end(span) <= 2 * max(last_ms, LEAST_MS)]
    last_ms = max(last_ms, *calls, LEAST_MS)
    first_ms = min(0.0, *(begin for begin in begins if begin > -last_ms), -BEFORE * last_ms if min(begins) < 0 else 0.0)
    begin_ms = max(first_ms, min(begins))
    return Window(begin_ms=begin_ms, end_ms=min(last_ms + AFTER * last_ms, max(*ends, last_ms)))


def in_lanes(spans: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Spans by whose work they are and when they begin; lanes that this program does not know come last."""
    order = {lane: place for place, lane in enumerate(LANES)}
    return sorted(spans, key=lambda span: (order.get(span["lane"], len(LANES)), span["begin_ms"]))


def _end(span: Mapping[str, Any]) -> float:
    end = span["end_ms"]
    return float(span["begin_ms"] if end is None else end)
