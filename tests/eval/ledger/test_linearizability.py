"""The checker accepts what one after another could have seen, and nothing else."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from device.eval.ledger.history import CONFLICT, DONE, READ, UNKNOWN, WRITE, Operation
from device.eval.ledger.linearizability import judge


def read(span: tuple[int, int], version: int, value=None) -> Operation:
    return Operation(key="k", kind=READ, invoked=span[0], returned=span[1], version=version, value=value)


def write(span: tuple[int, int], expected: int, value, outcome: str = DONE) -> Operation:
    version = expected + 1 if outcome == DONE else 0
    return Operation(
        key="k", kind=WRITE, invoked=span[0], returned=span[1], expected=expected, value=value, version=version,
        outcome=outcome,
    )  # fmt: skip


def holds(*operations: Operation) -> bool | None:
    return judge(operations).linearizable


def test_nothing_is_linearizable():
    assert holds() is True


def test_a_read_after_a_write_sees_it_and_one_beside_it_may():
    first = write((1, 2), 0, "a")
    assert holds(first, read((3, 4), 1, "a"))
    assert not holds(first, read((3, 4), 0))
    beside = write((1, 4), 0, "a")
    assert holds(beside, read((2, 3), 0))
    assert holds(beside, read((2, 3), 1, "a"))


def test_a_value_once_seen_is_never_unseen():
    beside = write((1, 8), 0, "a")
    assert not holds(beside, read((2, 3), 1, "a"), read((4, 5), 0))
    assert holds(beside, read((2, 3), 0), read((4, 5), 1, "a"))


def test_a_value_that_nobody_wrote_is_never_seen():
    assert not holds(write((1, 2), 0, "a"), read((3, 4), 1, "b"))


def test_two_writes_over_one_version_cannot_both_be_done():
    one = write((1, 4), 0, "a")
    assert not holds(one, write((2, 3), 0, "b"))
    assert holds(one, write((2, 3), 0, "b", CONFLICT))


def test_a_conflict_needs_another_write():
    assert not holds(write((1, 2), 0, "a", CONFLICT))
    assert not holds(write((1, 2), 0, "a", CONFLICT), write((3, 4), 0, "b"))


def test_a_write_that_a_crash_cut_off_may_have_happened_or_not():
    cut_off = write((1, 5), 0, "a", UNKNOWN)
    assert holds(cut_off)
    assert holds(cut_off, read((6, 7), 1, "a"))
    assert holds(cut_off, read((6, 7), 0))


def test_what_a_crash_cut_off_does_not_happen_after_it():
    cut_off = write((1, 5), 0, "a", UNKNOWN)
    assert not holds(cut_off, read((6, 7), 0), read((8, 9), 1, "a"))
    assert not holds(cut_off, read((6, 7), 1, "a"), read((8, 9), 0))


def test_what_a_read_saw_before_the_crash_must_be_there_after_it():
    cut_off = write((1, 5), 0, "a", UNKNOWN)
    assert not holds(cut_off, read((2, 3), 1, "a"), read((6, 7), 0))


def test_an_acknowledged_write_survives_every_crash():
    kept = write((1, 2), 0, "a")
    cut_off = write((3, 9), 1, "b", UNKNOWN)
    assert not holds(kept, cut_off, read((10, 11), 0))
    assert holds(kept, cut_off, read((10, 11), 1, "a"))
    assert holds(kept, cut_off, read((10, 11), 2, "b"))


def test_of_several_that_were_cut_off_any_chain_may_have_happened():
    cut_off = [write((number, 10), 0, name, UNKNOWN) for number, name in enumerate("abc")]
    for name in "abc":
        assert holds(*cut_off, read((11, 12), 1, name))
    assert not holds(*cut_off, read((11, 12), 2, "b"))


def test_what_would_take_too_long_is_left_undecided():
    many = [write((number, 100), 0, str(number), UNKNOWN) for number in range(20)]
    assert judge([*many, read((101, 102), 5, "x")], most_states=3).linearizable is None


# --- against trying every order ------------------------------------------------------------------------------------


def by_trying_all(operations: list[Operation]) -> bool:
    """The definition itself: some order of some of them that keeps the real time and makes sense."""
    surely = [one for one in operations if one.outcome != UNKNOWN]
    perhaps = [one for one in operations if one.outcome == UNKNOWN]
    for count in range(len(perhaps) + 1):
        for chosen in itertools.combinations(perhaps, count):
            for order in itertools.permutations([*surely, *chosen]):
                if keeps_time(order) and makes_sense(order):
                    return True
    return False


def keeps_time(order) -> bool:
    return all(not later.returned < one.invoked for place, one in enumerate(order) for later in order[place + 1 :])


def makes_sense(order) -> bool:
    version, value = 0, None
    for one in order:
        if one.kind == READ:
            if (version, value) != (one.version, one.value):
                return False
        elif one.outcome == CONFLICT:
            if version == one.expected:
                return False
        elif version != one.expected:
            return False
        else:
            version, value = version + 1, one.value
    return True


@st.composite
def histories(draw) -> list[Operation]:
    """Up to five operations that overlap somehow, and saw something."""
    count = draw(st.integers(0, 5))
    moments = draw(st.permutations(range(2 * count)))
    crash = 2 * count
    found = []
    for number in range(count):
        span = sorted(moments[2 * number : 2 * number + 2])
        kind = draw(st.sampled_from([READ, DONE, CONFLICT, UNKNOWN]))
        version = draw(st.integers(0, 2))
        if kind == READ:
            found.append(read((span[0], span[1]), version, draw(st.sampled_from([None, "a", "b"]))))
        else:
            end = crash if kind == UNKNOWN else span[1]
            found.append(write((span[0], end), version, draw(st.sampled_from(["a", "b"])), kind))
    return found


@given(histories())
def test_the_checker_agrees_with_trying_every_order(operations):
    assert holds(*operations) is by_trying_all(operations)
