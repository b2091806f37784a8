"""Figures tell how sure they are."""

import pytest

from device.eval import intervals


def test_a_rate_is_never_surer_than_its_trials():
    none = intervals.rate(0, 20)
    assert (none.value, none.low, none.n) == (0.0, 0.0, 20)
    assert 0.1 < none.high < 0.2
    assert intervals.rate(0, 0).value is None


def test_the_interval_of_a_mean_holds_it_and_shrinks_with_more_observations():
    few, many = intervals.mean([1.0, 2.0, 3.0, 4.0], "s"), intervals.mean([1.0, 2.0, 3.0, 4.0] * 50, "s")
    assert few.low < few.value == 2.5 < few.high
    assert many.high - many.low < few.high - few.low


def test_too_few_observations_have_no_interval():
    assert intervals.mean([1.0, 2.0], "s") == intervals.Figure(value=1.5, n=2, unit="s")
    assert intervals.median([], "ms").value is None


def test_percentiles_are_interpolated():
    assert intervals.percentile([0.0, 10.0], 95, "ms").value == pytest.approx(9.5)


def test_what_is_slow_in_both_widens_no_paired_ratio():
    ratio = intervals.paired_ratio([2.0, 20.0, 200.0], [1.0, 10.0, 100.0])
    assert (ratio.value, ratio.low, ratio.high) == (2.0, 2.0, 2.0)
    assert intervals.paired_ratio([], []).value is None


def test_a_difference_is_taken_in_pairs():
    assert intervals.paired_difference([3.0, 30.0, 300.0], [1.0, 28.0, 298.0], "s").low == pytest.approx(2.0)


def test_the_same_observations_have_the_same_interval():
    assert intervals.mean([1.0, 5.0, 9.0], "s") == intervals.mean([1.0, 5.0, 9.0], "s")
