"""A tree computes for every example what it would compute by itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.tuning.packing import packed

tokens = st.lists(st.integers(0, 3), min_size=1, max_size=6)
examples = st.lists(st.tuples(tokens, tokens), min_size=1, max_size=6)


def way_to(tree, node):
    way = []
    while node >= 0:
        way.append(int(tree.tokens[node]))
        node = int(tree.parents[node])
    return way[::-1]


@given(examples)
def test_what_predicts_a_target_has_seen_the_prompt_and_the_targets_before_it(pairs):
    tree = packed(pairs)
    wanted = [([*prompt, *target[:at]], token) for prompt, target in pairs for at, token in enumerate(target)]
    found = [
        (way_to(tree, node), token) for node, token in zip(tree.predictors.tolist(), tree.targets.tolist(), strict=True)
    ]
    assert found == wanted


@given(examples)
def test_a_node_sees_its_own_way_from_the_root_and_nothing_else(pairs):
    tree = packed(pairs)
    sees = tree.sees()
    for node in range(len(tree.tokens)):
        seen = np.flatnonzero(sees[node])
        assert [int(tree.tokens[other]) for other in seen] == way_to(tree, node)
        assert [int(tree.positions[other]) for other in seen] == list(range(len(seen)))


@given(examples)
def test_no_beginning_stands_twice(pairs):
    tree = packed(pairs)
    ways = [tuple(way_to(tree, node)) for node in range(len(tree.tokens))]
    assert len(ways) == len(set(ways))


def test_examples_that_do_not_fit_are_left_out():
    tree = packed([([1, 2], [3]), ([1, 2, 4, 5, 6], [7]), ([1, 2], [8])], most_tokens=4)
    assert tree.targets.tolist() == [3, 8]
    assert len(tree.tokens) == 4


@pytest.mark.parametrize(("pairs", "most"), [([], 0), ([([], [1])], 0), ([([1, 2], [3])], 2)])
def test_without_anything_to_learn_there_is_no_tree(pairs, most):
    with pytest.raises(ValueError, match="example"):
        packed(pairs, most_tokens=most)
