"""What goes after a time, and that nothing that goes is missed."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.ledger import MemoryLedger
from device.core.context import Conversation
from device.core.entries import (
    AlarmCancelled,
    AlarmRang,
    AlarmSet,
    ContextOpened,
    ConversationStarted,
    ReplyEnded,
    ReplyStarted,
    TurnsDropped,
    UserSaid,
    ValueWritten,
)
from device.core.retention import needed_from, outdated
from device.core.values import SharedValues


def ledger_of(*entries) -> MemoryLedger:
    ledger = MemoryLedger(FakeClock())
    for entry in entries:
        ledger.append(entry)
    return ledger


def said(number: int):
    return (
        UserSaid(text=f"u{number}"),
        ReplyStarted(turn=number),
        ReplyEnded(turn=number, generated="yes", heard="yes"),
    )


def left(records, **limit):
    gone = outdated(records, **limit)
    return [record for record in records if record.id not in gone]


def test_an_earlier_conversation_goes_once_it_is_old_and_its_alarms_and_lists_stay():
    alarm, value = AlarmSet(alarm_id="t1", due_wall_seconds=9.0), ValueWritten(name="list", value=["milk"], version=1)
    records = ledger_of(*said(1), alarm, value, ConversationStarted(), *said(2)).records()
    wall = records[0].wall_seconds
    assert len(left(records, before_wall_seconds=wall - 1)) == len(records), "nothing is old enough"
    kept = [record.entry for record in left(records, before_wall_seconds=wall + 1e9)]
    assert kept == [alarm, value, ConversationStarted(), *said(2)]


def test_alarms_that_are_over_go_and_so_does_what_a_value_was():
    alarms = [AlarmSet(alarm_id=f"t{number}", due_wall_seconds=9.0) for number in (1, 2, 3)]
    over = AlarmRang(alarm_id="t1"), *told("t1"), AlarmCancelled(alarm_id="t2")
    writes = [ValueWritten(name="notes", value=["x" * version], version=version) for version in (1, 2, 3)]
    records = ledger_of(*alarms, *over, *writes, ConversationStarted()).records()
    kept = left(records, before_wall_seconds=1e12)
    assert [record.entry for record in kept] == [alarms[2], writes[2], ConversationStarted()]
    values = SharedValues.replay(kept)
    assert (values.value("notes"), values.version("notes")) == (["xxx"], 3)
    assert values.write("notes", [], version=3).version == 4


def test_of_the_conversation_under_way_only_what_has_left_the_prompt_goes():
    records = ledger_of(*said(1), *said(2)).records()
    assert needed_from(records) == 0
    assert len(left(records, before_wall_seconds=1e12)) == len(records)
    records = ledger_of(*said(1), *said(2), TurnsDropped(before_id=4)).records()
    assert [record.id for record in left(records, before_wall_seconds=1e12)] == [4, 5, 6, 7]


def test_what_another_context_drops_is_no_limit_for_the_conversation():
    ledger = ledger_of(*said(1))
    ledger.append(ContextOpened(parent="main", call_id="c1", task="think"), context="k1")
    ledger.append(TurnsDropped(before_id=4), context="k1")
    assert outdated(ledger.records(), before_wall_seconds=1e12) == frozenset()


ENTRIES = st.lists(
    st.one_of(
        st.integers(1, 9).map(said),
        st.just((ConversationStarted(),)),
        st.integers(1, 40).map(lambda at: (TurnsDropped(before_id=at),)),
        st.integers(1, 5).map(lambda n: (AlarmSet(alarm_id=f"t{n}", due_wall_seconds=9.0),)),
        st.integers(1, 5).map(lambda n: (AlarmRang(alarm_id=f"t{n}"), *told(f"t{n}"))),
        st.integers(1, 5).map(lambda n: (AlarmCancelled(alarm_id=f"t{n}"),)),
        st.tuples(st.sampled_from(["list", "notes"]), st.integers(1, 3)).map(lambda it: (written(*it),)),
    ),
    max_size=20,
)


def told(alarm_id: str):
    ring = f"Ring {alarm_id}."
    return ReplyStarted(turn=50, alarm_ids=(alarm_id,)), ReplyEnded(turn=50, generated=ring, heard=ring)


def written(name: str, version: int) -> ValueWritten:
    return ValueWritten(name=name, value=[name, version], version=version)


def once(stories):
    """The entries of the stories, but for those in which an alarm is set or rings again: an id is not used twice."""
    seen = set()
    for story in stories:
        first = story[0]
        key = type(first), getattr(first, "alarm_id", "")
        if key in seen and isinstance(first, (AlarmSet, AlarmRang)):
            continue
        seen.add(key)
        yield from story


@given(ENTRIES, st.integers(0, 60))
def test_the_conversation_alarms_and_values_are_the_same_without_what_went(stories, old):
    """`old` records are older than the limit."""
    records = [
        msgspec.structs.replace(record, wall_seconds=float(record.id)) for record in ledger_of(*once(stories)).records()
    ]
    kept = left(records, before_wall_seconds=float(old))
    before, after = (Conversation.replay(some, model="m") for some in (records, kept))
    assert after.messages() == before.messages()
    assert after.pending_alarms() == before.pending_alarms()
    assert SharedValues.replay(kept) == SharedValues.replay(records)
    assert all(record in kept for record in records if record.wall_seconds >= old)
