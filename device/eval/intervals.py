"""Figures with their 95 % intervals: rates by Wilson's score, everything else by the bootstrap with a fixed seed."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from device.bench.statistics import rate_interval
from device.eval.result import Figure

ROUNDS = 2000
FEWEST = 3
"""Of fewer observations no interval is told."""

Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Of an array of shape (draws, observations), one value for each draw."""


def rate(hits: int, trials: int) -> Figure:
    """A share of trials."""
    if not trials:
        return Figure(value=None, unit="%")
    low, high = rate_interval(hits, trials)
    return Figure(value=hits / trials, low=low, high=high, n=trials, unit="%")


def share(hits: Sequence[float], trials: Sequence[float]) -> Figure:
    """A share of trials that come in groups, which are drawn whole: what belongs together is not independent."""
    found = paired_ratio(hits, trials)
    return msgspec.structs.replace(found, n=int(sum(trials)), unit="%")


def count(number: int) -> Figure:
    """How many; it has no interval."""
    return Figure(value=number, n=number)


def largest(values: Sequence[float], unit: str) -> Figure:
    """The largest; it has no interval."""
    return Figure(value=max(values, default=None), n=len(values), unit=unit)


def mean(values: Sequence[float], unit: str) -> Figure:
    """The mean."""
    return bootstrapped(values, unit, lambda draws: draws.mean(axis=1))


def percentile(values: Sequence[float], percent: float, unit: str) -> Figure:
    """The value below which `percent` per cent lie."""
    return bootstrapped(values, unit, lambda draws: np.percentile(draws, percent, axis=1))


def median(values: Sequence[float], unit: str) -> Figure:
    """The middle value."""
    return percentile(values, 50, unit)


def bootstrapped(values: Sequence[float], unit: str, statistic: Statistic) -> Figure:
    """A statistic of `values` with the interval in which 95 % of the statistics of drawn ones lie."""
    found = np.asarray(values, dtype=np.float64)
    if not len(found):
        return Figure(value=None, unit=unit)
    value = float(statistic(found[None, :])[0])
    if len(found) < FEWEST:
        return Figure(value=value, n=len(found), unit=unit)
    low, high = _bounds(statistic(found[_draws(len(found))]))
    return Figure(value=value, low=low, high=high, n=len(found), unit=unit)


def paired_ratio(ones: Sequence[float], others: Sequence[float]) -> Figure:
    """How many times the sum of `ones` is that of `others`, drawn in pairs."""
    one, other = np.asarray(ones, dtype=np.float64), np.asarray(others, dtype=np.float64)
    if not len(one) or not other.sum():
        return Figure(value=None, unit="x")
    value = float(one.sum() / other.sum())
    if len(one) < FEWEST:
        return Figure(value=value, n=len(one), unit="x")
    draws = _draws(len(one))
    sums = other[draws].sum(axis=1)
    low, high = _bounds(one[draws].sum(axis=1) / np.where(sums == 0, np.nan, sums))
    return Figure(value=value, low=low, high=high, n=len(one), unit="x")


def paired_difference(ones: Sequence[float], others: Sequence[float], unit: str) -> Figure:
    """The mean of `ones` − `others`, in pairs."""
    return mean([one - other for one, other in zip(ones, others, strict=True)], unit)


def _draws(length: int) -> NDArray[np.int64]:
    return np.random.default_rng(0).integers(0, length, (ROUNDS, length))


def _bounds(statistics: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.nanpercentile(statistics, (2.5, 97.5))
    return float(low), float(high)
