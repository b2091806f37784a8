"""All figures of the comparison, from every workload's run in every mode."""

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from device.bench.overlap.bound import PARTS, Pace, first_answer_seconds, overlapped_seconds, serial_seconds
from device.bench.overlap.figures import Outcome
from device.bench.overlap.workloads import Workload

ASYNC, SYNC = "async", "sync"


def summary(workloads: Sequence[Workload], outcomes: Mapping[str, Sequence[Outcome]], pace: Pace) -> dict[str, Any]:
    """All figures as JSON has them, from every mode's `outcomes` in the order of the `workloads`; seconds to the ms."""
    answers = [len(workload.facts()) for workload in workloads]
    serial = sum(serial_seconds(workload, pace) for workload in workloads)
    overlapped = sum(overlapped_seconds(workload, pace) for workload in workloads)
    result: dict[str, Any] = {mode: _mode(of_mode, answers) for mode, of_mode in outcomes.items()}
    result["overlap_bound"] = _round(serial / overlapped)
    if len(outcomes) > 1:
        took = {mode: sum(one.all_answers_seconds for one in of_mode) for mode, of_mode in outcomes.items()}
        result["speedup"] = _round(took[SYNC] / took[ASYNC])
        result["share_of_bound_p50"] = _round(statistics.median(_shares(workloads, outcomes, pace)))
        result["share_of_bound"] = _round(took[SYNC] / took[ASYNC] / (serial / overlapped))
    return result | {
        "workloads": [_row(w, number, outcomes, pace) for number, w in enumerate(workloads)],
        "pace_s": {name: _round(getattr(pace, name), 4) for name in PARTS},
    }


def _shares(workloads: Sequence[Workload], outcomes: Mapping[str, Sequence[Outcome]], pace: Pace) -> Iterator[float]:
    """Each workload's speed-up as a share of its own bound; the median passes over what else the machine did once."""
    for number, workload in enumerate(workloads):
        took = {mode: of_mode[number].all_answers_seconds for mode, of_mode in outcomes.items()}
        bound = serial_seconds(workload, pace) / overlapped_seconds(workload, pace)
        yield took[SYNC] / took[ASYNC] / bound


def _mode(outcomes: Sequence[Outcome], answers: Sequence[int]) -> dict[str, Any]:
    firsts = [one.first_word_seconds for one in outcomes if one.first_word_seconds is not None]
    alls = [one.all_answers_seconds for one in outcomes]
    return {
        "time_to_first_word_s": _mean(firsts),
        "time_to_first_word_s_p95": _p95(firsts),
        "time_to_all_answers_s": _mean(alls),
        "time_to_all_answers_s_p95": _p95(alls),
        "words_lost": sum(one.words_lost for one in outcomes),
        "completion_rate": _round(sum(one.heard for one in outcomes) / max(sum(answers), 1), 4),
        "interruptions": sum(one.interruptions for one in outcomes),
        "replies": sum(one.replies for one in outcomes),
        "cpu_s": _round(sum(one.cpu_seconds for one in outcomes)),
        "peak_rss_bytes": max((one.peak_rss_bytes for one in outcomes), default=0),
    }


def _row(workload: Workload, number: int, outcomes: Mapping[str, Sequence[Outcome]], pace: Pace) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": workload.name,
        "calls": len(workload.calls()),
        "answers": len(workload.facts()),
        "serial_s": _round(serial_seconds(workload, pace)),
        "overlapped_s": _round(overlapped_seconds(workload, pace)),
        "first_answer_overlapped_s": _round(first_answer_seconds(workload, pace)),
    }
    for mode, of_mode in outcomes.items():
        one = of_mode[number]
        row[mode] = {
            "time_to_first_word_s": None if one.first_word_seconds is None else _round(one.first_word_seconds),
            "time_to_all_answers_s": _round(one.all_answers_seconds),
            "answers_heard_s": [None if at is None else _round(at) for at in one.heard_seconds],
            "words_lost": one.words_lost,
            "completion_rate": _round(one.heard / max(row["answers"], 1), 4),
            "interruptions": one.interruptions,
            "replies": one.replies,
            "cpu_s": _round(one.cpu_seconds),
        }
    return row


def _mean(values: Sequence[float]) -> float | None:
    return _round(sum(values) / len(values)) if values else None


def _p95(values: Sequence[float]) -> float | None:
    """The 95th percentile by nearest rank."""
    return _round(sorted(values)[math.ceil(0.95 * len(values)) - 1]) if values else None


def _round(value: float, digits: int = 3) -> float:
    return round(value, digits)
