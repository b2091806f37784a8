"""Workloads of every kind and size can be played and judged."""

import itertools

import pytest

from device.eval.workloads import KINDS, MOST_OPERATIONS, workload

SIZES = (1, 2, 3, 8, MOST_OPERATIONS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_makes_the_same_workload(kind):
    assert workload(kind, 4, "a") == workload(kind, 4, "a")
    assert workload(kind, 4, "a") != workload(kind, 4, "b")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operations", SIZES)
def test_it_has_so_many_operations_and_every_fact_can_be_told_from_every_other(kind, operations):
    made = workload(kind, operations, "seed")
    if kind not in ("one call", "chat"):
        assert len(made.calls()) == operations
    for one, other in itertools.permutations(made.facts(), 2):
        assert not set(one.keys) <= set(other.sentence.lower().rstrip(".").split())
    assert len({(call.tool, call.argument) for call in made.calls()}) == len(made.calls())
    assert len({sentence.text for sentence in made.sentences}) == len(made.sentences)


def test_a_dependent_call_needs_the_number_before_it():
    (first,) = workload("dependent", 5, "seed").sentences[0].calls
    for call, following in itertools.pairwise(first.chain()):
        assert str(following.argument) == call.fact.keys[-1]


def test_scale_shortens_all_that_takes_time():
    whole, short = workload("long-running", 3, "s"), workload("long-running", 3, "s", scale=0.1)
    assert whole.facts() == short.facts()
    for one, other in zip(whole.calls(), short.calls(), strict=True):
        assert other.seconds == pytest.approx(one.seconds / 10, abs=0.001)
