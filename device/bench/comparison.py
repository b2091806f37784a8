"""Two results of `device bench latency` side by side."""

import json
from pathlib import Path
from statistics import fmean
from typing import Any

from device.bench.figures import PARTS
from device.bench.statistics import median_difference
from device.errors import UsageError

FEWEST = 3
"""Nothing is said of the difference of fewer utterances."""


def read(path: Path) -> dict[str, Any]:
    """A kept result. Raises UsageError."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        _ = found["voice_to_voice_ms"]["p50"], found["split_ms"], found["utterances"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no result: make one with `device bench latency --json > {path}`.") from error
    return found


def compare(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Every figure of both, with difference and ratio, and how sure the difference of the medians is."""
    rows = {name: _row(old, new) for name, (old, new) in _figures(before, after).items()}
    old_ms, new_ms = _latencies(before), _latencies(after)
    sure = median_difference(old_ms, new_ms) if min(len(old_ms), len(new_ms)) >= FEWEST else None
    return {"figures": rows, "p50_difference_ms": sure, "n": [before["n"], after["n"]]}


def as_text(found: dict[str, Any]) -> str:
    """The comparison as a person reads it."""
    lines = [f"{'':28}{'before':>10}{'after':>10}{'difference':>12}{'ratio':>8}"]
    for name, row in found["figures"].items():
        cells = (_cell(row["before"]), _cell(row["after"]), _cell(row["difference"], sign="+"))
        lines.append(f"{name:28}{cells[0]:>10}{cells[1]:>10}{cells[2]:>12}{_cell(row['ratio'], digits=2):>8}")
    if (sure := found["p50_difference_ms"]) is not None:
        how = f"{sure['pairs']} utterances of both, in pairs" if sure["pairs"] else "different utterances"
        lines += [
            "",
            f"p50 {sure['p50']:+.0f} ms; 95 % of draws lie between {sure['low']:+.0f} and {sure['high']:+.0f} ({how})",
        ]
    return "\n".join(lines)


def _figures(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    def both(*path: str) -> tuple[Any, Any]:
        old, new = before, after
        for key in path[:-1]:
            old, new = old.get(key, {}), new.get(key, {})
        return old.get(path[-1]), new.get(path[-1])

    return {
        **{f"voice to voice {p} ms": both("voice_to_voice_ms", p) for p in ("p50", "p90", "p95")},
        **{f"  {name} ms": both("split_ms", name) for name in PARTS},
        "cut off rate": both("cut_off_rate"),
        "unanswered": both("unanswered"),
    }


def _row(old: float | None, new: float | None) -> dict[str, float | None]:
    if old is None or new is None:
        return {"before": old, "after": new, "difference": None, "ratio": None}
    return {
        "before": old,
        "after": new,
        "difference": round(new - old, 4),
        "ratio": round(new / old, 3) if old else None,
    }


def _latencies(found: dict[str, Any]) -> dict[str, float]:
    """Each utterance's latency by its name; one that was spoken several times counts with its mean."""
    times: dict[str, list[float]] = {}
    for one in found["utterances"]:
        if one["voice_to_voice_ms"] is not None:
            times.setdefault(one["name"], []).append(one["voice_to_voice_ms"])
    return {name: fmean(several) for name, several in times.items()}


def _cell(value: float | None, *, sign: str = "", digits: int = 0) -> str:
    if value is None:
        return "–"
    small = digits or (4 if 0 < abs(value) < 1 else 0)
    return f"{value:{sign}.{small}f}"
