"""Every setting of the endpointing, scored; which ones no other beats, and which of those to take; pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from device.bench.statistics import rate_interval
from device.bench.turn.replay import Outcome
from device.core.endpointing import EndpointingOptions

PAUSES_MS = (32, 64)
END_SILENCES_MS = (160, 192, 224, 288)
END_SILENCES_MAX_MS = (640, 704, 800, 960)
UNFINISHED_BELOW = (0.2, 0.4, 0.6)
FINISHED_ABOVE = (0.65, 0.75, 0.85, 0.95)

Run = Callable[[EndpointingOptions], Sequence[tuple[bool, Outcome]]]
"""The outcome of every recording with these options, and whether the recording has a pause inside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A setting's score. Times in milliseconds; an utterance without any endpoint after its end counts as missed."""

    pause_ms: int
    end_silence_ms: int
    end_silence_max_ms: int
    unfinished_below: float
    finished_above: float
    cut_off_rate: float
    cut_off_interval: tuple[float, float]
    cut_off_rate_with_pauses: float | None
    """Of the utterances with pauses inside alone."""
    delay_ms: dict[str, float]
    """Mean, p50, p90 and p95, of those that were not cut off."""
    missed: int

    def cost(self) -> tuple[float, float]:
        """What is to be small, besides the cut-offs: the usual wait, then the worst ones."""
        return self.delay_ms["p50"], self.delay_ms["mean"]


def settings(base: EndpointingOptions) -> Iterator[EndpointingOptions]:
    """Every setting of the sweep; what is not swept is `base`'s."""
    silences_ms = product(PAUSES_MS, END_SILENCES_MS, END_SILENCES_MAX_MS)
    for (pause, end, longest), below, above in product(silences_ms, UNFINISHED_BELOW, FINISHED_ABOVE):
        if pause <= end <= longest:
            yield replace(
                base,
                pause_ms=pause,
                end_silence_ms=end,
                end_silence_max_ms=longest,
                unfinished_below=below,
                finished_above=above,
            )


def silences(base: EndpointingOptions) -> Iterator[EndpointingOptions]:
    """Every length of silence alone."""
    for end in sorted({*END_SILENCES_MS, *END_SILENCES_MAX_MS}):
        yield replace(base, pause_ms=min(base.pause_ms, end), end_silence_ms=end, end_silence_max_ms=end)


def score(options: EndpointingOptions, outcomes: Sequence[tuple[bool, Outcome]]) -> Point:
    """The score of a setting from its outcomes."""
    early = [outcome.early > 0 for _, outcome in outcomes]
    paused = [outcome.early > 0 for has_pause, outcome in outcomes if has_pause]
    delays = [it.delay_ms for _, it in outcomes if not it.early and it.delay_ms is not None]
    found = np.percentile(delays, (50, 90, 95)) if delays else np.full(3, np.inf)
    return Point(
        pause_ms=options.pause_ms,
        end_silence_ms=options.end_silence_ms,
        end_silence_max_ms=options.end_silence_max_ms,
        unfinished_below=options.unfinished_below,
        finished_above=options.finished_above,
        cut_off_rate=round(sum(early) / len(early), 4),
        cut_off_interval=rate_interval(sum(early), len(early)),
        cut_off_rate_with_pauses=round(sum(paused) / len(paused), 4) if paused else None,
        delay_ms={
            "mean": round(float(np.mean(delays)), 1) if delays else float("inf"),
            **{name: round(float(value), 1) for name, value in zip(("p50", "p90", "p95"), found, strict=True)},
        },
        missed=sum(it.delay_ms is None for _, it in outcomes),
    )


def frontier(points: Sequence[Point]) -> list[Point]:
    """The points that no other beats in both cut-offs and the usual wait, fewest cut-offs first."""
    best: list[Point] = []
    for point in sorted(points, key=lambda it: (it.cut_off_rate, it.cost())):
        if not best or point.delay_ms["p50"] < best[-1].delay_ms["p50"]:
            best.append(point)
    return best


def recommended(points: Sequence[Point], most_cut_off: float) -> Point:
    """The quickest that cuts off no more than `most_cut_off` (a rate); if none does, the one that cuts off least."""
    allowed = [point for point in points if point.cut_off_rate <= most_cut_off]
    if not allowed:
        return min(points, key=lambda it: (it.cut_off_rate, it.cost()))
    return min(allowed, key=lambda it: (it.cost(), it.cut_off_rate))
