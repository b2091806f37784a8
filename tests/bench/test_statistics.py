"""The few statistics that measurements are told in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.bench.statistics import median_difference, percentiles, rate_interval, typical_split

times = st.lists(st.floats(0.0, 5000.0), min_size=1, max_size=60)
splits = st.lists(
    st.fixed_dictionaries({name: st.floats(1.0, 2000.0) for name in ("endpoint", "words", "text", "sound")}),
    min_size=1,
    max_size=60,
)


@given(times)
def test_percentiles_are_in_order_and_within_the_values(values):
    found = percentiles(values)
    assert min(values) - 0.1 <= found["p50"] <= found["p90"] <= found["p95"] <= max(values) + 0.1


def test_nothing_has_no_percentiles():
    assert percentiles([]) == {"p50": None, "p90": None, "p95": None}


@given(splits)
def test_the_typical_split_adds_up_to_the_median(several):
    median = np.median([sum(one.values()) for one in several])
    assert sum(typical_split(several).values()) == pytest.approx(median, abs=0.3)


def test_the_typical_split_is_not_moved_by_a_few_that_waited_very_long():
    usual = [{"endpoint": 200.0, "sound": 100.0}] * 9
    assert typical_split([*usual, {"endpoint": 5000.0, "sound": 100.0}]) == {"endpoint": 200.0, "sound": 100.0}


def test_a_difference_that_all_share_is_sure_though_the_utterances_differ_more():
    before = {f"u{number}": 300.0 + 40 * number for number in range(20)}
    after = {name: ms - 25.0 for name, ms in before.items()}
    found = median_difference(before, after)
    assert found == {"p50": -25.0, "low": -25.0, "high": -25.0, "pairs": 20}


def test_utterances_that_are_not_the_same_are_compared_as_two_groups():
    found = median_difference({"a": 300.0, "b": 310.0, "c": 320.0}, {"x": 200.0, "y": 210.0, "z": 220.0})
    assert found["pairs"] == 0
    assert found["low"] <= found["p50"] == -100.0 <= found["high"]


@given(before=times, after=times)
def test_the_interval_is_in_order(before, after):
    found = median_difference(dict(enumerate(before)), dict(enumerate(after)), rounds=50)
    assert found["low"] <= found["high"]


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rates_interval_holds_the_rate(hits_of):
    hits, trials = hits_of
    low, high = rate_interval(hits, trials)
    assert 0.0 <= low <= hits / trials + 1e-12
    assert hits / trials - 1e-12 <= high <= 1.0


def test_four_of_two_hundred_may_be_one_in_twenty():
    low, high = rate_interval(4, 200)
    assert (round(low, 3), round(high, 3)) == (0.008, 0.05)
