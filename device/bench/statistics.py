"""The few statistics that measurements are told in; pure."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from device.core.percentiles import percentile

PERCENTILES = (50, 90, 95)


def percentiles(values: Sequence[float]) -> dict[str, float | None]:
    """p50, p90 and p95 of `values`, interpolated, to a tenth; None of nothing."""
    if not values:
        return {f"p{p}": None for p in PERCENTILES}
    return {f"p{p}": round(percentile(values, p), 1) for p in PERCENTILES}


def typical_split(splits: Sequence[Mapping[str, float]]) -> dict[str, float | None]:
    """What the typical utterance waits for: parts that add up to the p50 of the splits' sums, but for rounding.

    The median of each part alone would add up to nothing that anybody ever waited. So the parts are averaged over the
    middle fifth of the utterances and scaled to the median of the whole.
    """
    if not splits:
        return {}
    by_total = sorted(splits, key=lambda split: sum(split.values()))
    median = float(np.median([sum(split.values()) for split in by_total]))
    margin = min(max(2 * len(by_total) // 5, 0), (len(by_total) - 1) // 2)
    middle = by_total[margin : len(by_total) - margin]
    means = {name: float(np.mean([split[name] for split in middle])) for name in middle[0]}
    whole = sum(means.values())
    scale = median / whole if whole else 1.0
    return {name: round(mean * scale, 1) for name, mean in means.items()}


def median_difference(
    before: Mapping[str, float], after: Mapping[str, float], *, rounds: int = 4000, seed: int = 0
) -> dict[str, float | int]:
    """The difference of the medians, after − before, with its 95 % bootstrap interval.

    Utterances that both have (by name) are drawn in pairs, so that an utterance which is slow by nature is slow in
    both; where fewer than three are common, both sides are drawn alone.
    """
    generator = np.random.default_rng(seed)
    common = sorted(before.keys() & after.keys())
    paired = len(common) >= 3
    old = np.array([before[name] for name in common] if paired else list(before.values()))
    new = np.array([after[name] for name in common] if paired else list(after.values()))
    old_draws = generator.integers(0, len(old), (rounds, len(old)))
    new_draws = old_draws if paired else generator.integers(0, len(new), (rounds, len(new)))
    differences = np.median(new[new_draws], axis=1) - np.median(old[old_draws], axis=1)
    low, high = np.percentile(differences, (2.5, 97.5))
    return {
        "p50": round(float(np.median(new) - np.median(old)), 1),
        "low": round(float(low), 1),
        "high": round(float(high), 1),
        "pairs": len(common) if paired else 0,
    }


def rate_interval(hits: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a rate by Wilson's score, which holds for a few hits of a few hundred, too."""
    if not trials:
        return 0.0, 1.0
    z = 1.959964
    rate, weight = hits / trials, z * z / trials
    centre = (rate + weight / 2) / (1 + weight)
    half = z * math.sqrt(rate * (1 - rate) / trials + weight / trials / 4) / (1 + weight)
    return max(centre - half, 0.0), min(centre + half, 1.0)
