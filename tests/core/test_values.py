"""Shared values: every write is over the version that its writer read, whoever else writes meanwhile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.ledger import MemoryLedger
from device.core.entries import Record, UserSaid, ValueWritten, decode, encode
from device.core.values import SharedValues
from device.errors import Conflict, ToolError


class Shelf:
    """Values over a ledger, as the runtime keeps them."""

    def __init__(self) -> None:
        self.ledger = MemoryLedger(FakeClock())
        self.values = SharedValues()

    def write(self, name: str, value: object, version: int) -> None:
        for record in self.ledger.append(self.values.write(name, value, version=version)):
            self.values.apply(record)


def test_a_value_that_was_never_written_is_nothing_at_version_0():
    values = SharedValues()
    assert (values.value("list"), values.version("list")) == (None, 0)


def test_a_write_raises_the_version():
    shelf = Shelf()
    shelf.write("list", ["tea"], 0)
    shelf.write("list", ["tea", "milk"], 1)
    assert (shelf.values.value("list"), shelf.values.version("list")) == (["tea", "milk"], 2)


def test_a_stale_write_is_a_conflict_that_the_model_can_be_told_and_changes_nothing():
    shelf = Shelf()
    shelf.write("list", ["tea"], 0)
    with pytest.raises(Conflict, match=r"list was changed meanwhile \(version 1, not 0\); read it again."):
        shelf.values.write("list", ["milk"], version=0)
    assert issubclass(Conflict, ToolError)
    assert shelf.values.value("list") == ["tea"]


def test_a_version_that_is_still_to_come_is_a_conflict_too():
    with pytest.raises(Conflict):
        SharedValues().write("list", [], version=1)


def test_to_ask_for_the_entry_writes_nothing():
    values = SharedValues()
    assert values.write("list", 1, version=0) == values.write("list", 1, version=0)
    assert values.version("list") == 0


def test_entries_out_of_order_are_passed_over():
    def record(number: int, entry) -> Record:
        return Record(id=number, wall_seconds=0.0, boot_seconds=0.0, boot_id="b", context="main", entry=entry)

    values = SharedValues.replay(
        [
            record(1, ValueWritten(name="a", value=1, version=1)),
            record(2, ValueWritten(name="a", value=2, version=1)),
            record(3, UserSaid(text="a")),
            record(4, ValueWritten(name="a", value=3, version=3)),
            record(5, ValueWritten(name="a", value=4, version=2)),
        ]
    )
    assert (values.value("a"), values.version("a")) == (4, 2)


STEPS = st.lists(
    st.tuples(st.sampled_from(["read", "write"]), st.integers(0, 3), st.sampled_from("xy")),
    max_size=60,
)
"""Four writers, each of whom reads and later writes what it read, increased by one."""


@given(STEPS)
def test_every_interleaving_of_readers_and_writers_is_linearizable(steps):
    shelf, read, succeeded = Shelf(), {}, {"x": 0, "y": 0}
    for step, who, name in steps:
        if step == "read":
            read[who, name] = (shelf.values.value(name) or 0, shelf.values.version(name))
        elif (who, name) in read:
            value, version = read[who, name]
            stale = version != succeeded[name]
            try:
                shelf.write(name, value + 1, version)
            except Conflict:
                assert stale
            else:
                assert not stale
                succeeded[name] += 1
    # No write was lost: each saw all before it. Hence the history is that of one writer after the other.
    for name, count in succeeded.items():
        assert (shelf.values.value(name) or 0) == count == shelf.values.version(name)
        history = [r.entry for r in shelf.ledger.records() if r.entry.name == name]
        assert [(entry.value, entry.version) for entry in history] == [(n, n) for n in range(1, count + 1)]
    assert SharedValues.replay(shelf.ledger.records()) == shelf.values


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.tuples(st.sampled_from("abc"), JSON), max_size=10))
def test_what_is_read_after_a_restart_is_what_was_written_last(writes):
    shelf, last = Shelf(), {}
    for name, value in writes:
        shelf.write(name, value, shelf.values.version(name))
        last[name] = value
    kept = [
        Record(id=r.id, wall_seconds=0.0, boot_seconds=0.0, boot_id="b", context="k1", entry=decode(encode(r.entry)))
        for r in shelf.ledger.records()
    ]
    reborn = SharedValues.replay(kept)
    assert {name: reborn.value(name) for name in last} == last
    assert reborn == shelf.values
