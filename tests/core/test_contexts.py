"""The tree of contexts keeps its limits, and no wait is accepted that could never end."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.contexts import ROOT, Limits, Tree, Waits
from device.errors import ToolError

# --- the tree --------------------------------------------------------------------------------------------------------


def test_no_more_contexts_than_the_limit_says():
    tree = Tree(Limits(children=2, depth=2))
    tree.open("k1", ROOT)
    tree.open("k2", ROOT)
    with pytest.raises(ToolError, match="There are 2 tasks at work already; wait for one, or cancel it."):
        tree.open("k3", ROOT)
    tree.close("k1")
    tree.open("k3", ROOT)
    assert len(tree) == 2


def test_the_number_counts_contexts_of_all_levels():
    tree = Tree(Limits(children=2, depth=2))
    tree.open("k1", ROOT)
    tree.open("k2", "k1")
    with pytest.raises(ToolError, match="2 tasks"):
        tree.open("k3", ROOT)


def test_none_is_deeper_than_the_limit_says():
    tree = Tree(Limits(children=8, depth=2))
    tree.open("k1", ROOT)
    tree.open("k2", "k1")
    assert [tree.depth(context) for context in (ROOT, "k1", "k2")] == [0, 1, 2]
    with pytest.raises(ToolError, match="must do its work without further ones"):
        tree.open("k3", "k2")


def test_no_children_at_all_may_be_allowed():
    with pytest.raises(ToolError):
        Tree(Limits(children=0)).open("k1", ROOT)


def test_a_task_that_has_ended_gets_no_children():
    tree = Tree()
    tree.open("k1", ROOT)
    tree.close("k1")
    with pytest.raises(ToolError, match="has ended"):
        tree.open("k2", "k1")


@pytest.mark.parametrize("name", [ROOT, "k1"])
def test_a_context_is_opened_once(name):
    tree = Tree()
    tree.open("k1", ROOT)
    with pytest.raises(ValueError, match="already"):
        tree.open(name, ROOT)


def test_no_context_is_closed_before_its_children():
    tree = Tree()
    tree.open("k1", ROOT)
    tree.open("k2", "k1")
    with pytest.raises(ValueError, match="children"):
        tree.close("k1")
    assert tree.below(ROOT) == ("k2", "k1")
    assert tree.parent("k2") == "k1"


@given(
    children=st.integers(0, 6),
    depth=st.integers(0, 4),
    steps=st.lists(st.tuples(st.sampled_from(["open", "close"]), st.integers(0, 8)), max_size=40),
)
def test_the_tree_agrees_with_a_plain_list_of_pairs(children, depth, steps):
    tree, pairs = Tree(Limits(children=children, depth=depth)), []

    def level(name: str) -> int:
        return 0 if name == ROOT else 1 + level(dict(pairs)[name])

    def below(name: str) -> set[str]:
        own = {child for child, parent in pairs if parent == name}
        return own | {found for child in own for found in below(child)}

    for number, (step, choice) in enumerate(steps):
        names = [ROOT, *(child for child, _ in pairs)]
        chosen = names[choice % len(names)]
        if step == "open":
            allowed = len(pairs) < children and level(chosen) < depth
            try:
                tree.open(f"k{number}", chosen)
            except ToolError:
                assert not allowed
            else:
                assert allowed
                pairs.append((f"k{number}", chosen))
        elif chosen != ROOT and not below(chosen):
            tree.close(chosen)
            pairs = [pair for pair in pairs if pair[0] != chosen]
        assert len(tree) == len(pairs)
        for name in [ROOT, *(child for child, _ in pairs)]:
            found = tree.below(name)
            assert set(found) == below(name)
            assert len(found) == len(below(name))
            # The deepest first: whoever ends them in this order never ends a parent before its child.
            assert all(found.index(child) < found.index(parent) for child, parent in pairs if parent in found)


# --- the waits -------------------------------------------------------------------------------------------------------


def test_a_circle_of_two_is_refused_and_named():
    waits = Waits()
    waits.add("main/c1", "main/c2")
    with pytest.raises(ToolError, match=r"^That would wait for ever: main/c2 waits for main/c1 waits for main/c2\.$"):
        waits.add("main/c2", "main/c1")


def test_nobody_waits_for_themselves():
    with pytest.raises(ToolError, match="main/c1 waits for main/c1"):
        Waits().add("main/c1", "main/c1")


def test_a_circle_through_contexts_is_refused():
    waits = Waits()
    waits.add("main/c1", "k1")
    waits.add("k1", "k1/c1")
    with pytest.raises(ToolError, match="k1/c1 waits for main/c1 waits for k1 waits for k1/c1"):
        waits.add("k1/c1", "main/c1")


def test_two_that_wait_for_the_same_are_no_circle():
    waits = Waits()
    waits.add("a", "b", "c")
    waits.add("b", "d")
    waits.add("c", "d")
    waits.add("a", "d")
    assert len(waits) == 3


def test_a_wait_that_has_ended_is_no_part_of_a_circle():
    waits = Waits()
    waits.add("a", "b")
    waits.end("b")
    waits.add("b", "a")
    assert len(waits) == 1


def test_a_wait_that_is_refused_leaves_nothing_behind():
    waits = Waits()
    waits.add("a", "b")
    with pytest.raises(ToolError):
        waits.add("b", "c", "a")
    waits.add("c", "b")


def test_to_wait_for_nothing_is_no_wait():
    waits = Waits()
    waits.add("a")
    assert len(waits) == 0


NODES = "abcdef"

WAITING = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(NODES), st.lists(st.sampled_from(NODES), min_size=1, max_size=3)),
        st.tuples(st.just("end"), st.sampled_from(NODES), st.just([])),
    ),
    max_size=30,
)


def reachable(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Who can be reached from whom, by trying every node in between (Warshall)."""
    closure = set(edges)
    for middle in NODES:
        closure |= {(a, c) for a, b in closure if b == middle for b2, c in closure if b2 == middle}
    return closure


@given(WAITING)
def test_exactly_the_waits_that_could_never_end_are_refused(steps):
    waits, edges = Waits(), set()
    for step, node, targets in steps:
        if step == "end":
            waits.end(node)
            edges = {edge for edge in edges if node not in edge}
            continue
        wanted = edges | {(node, target) for target in targets}
        endless = any((name, name) in reachable(wanted) for name in NODES)
        try:
            waits.add(node, *targets)
        except ToolError as refusal:
            assert endless
            circle = re.findall(r"\b[a-f]\b", str(refusal).removeprefix("That would wait for ever: "))
            assert circle[0] == circle[-1] == node
            assert set(pairwise(circle)) <= wanted
            assert len(set(circle)) == len(circle) - 1
        else:
            assert not endless
            edges = wanted
        assert len(waits) == len({waiter for waiter, _ in edges})


@given(WAITING)
def test_everything_that_was_accepted_comes_to_its_end(steps):
    waits, edges = Waits(), set()
    for step, node, targets in steps:
        if step == "end":
            waits.end(node)
            edges = {edge for edge in edges if node not in edge}
            continue
        try:
            waits.add(node, *targets)
        except ToolError:
            continue
        edges |= {(node, target) for target in targets}
    while edges:
        free = next(name for name in NODES if any(name in edge for edge in edges) and name not in {a for a, _ in edges})
        waits.end(free)
        edges = {edge for edge in edges if free not in edge}
    assert len(waits) == 0
