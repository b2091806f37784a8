"""Histories are recorded as they happen, and can be spoilt."""

from device.eval.ledger.history import (
    CONFLICT,
    DONE,
    READ,
    UNKNOWN,
    WRITE,
    Recorder,
    by_key,
    with_lost_update,
    with_stale_read,
)
from device.eval.ledger.linearizability import judge


def recorded(*notes: dict) -> Recorder:
    history = Recorder.empty()
    for note in notes:
        history.take(note)
    return history


WRITTEN = (
    {"begin": 1, "key": "k", "kind": WRITE, "value": "a", "expected": 0},
    {"end": 1, "outcome": DONE, "version": 1},
    {"begin": 2, "key": "k", "kind": WRITE, "value": "b", "expected": 1},
    {"begin": 3, "key": "k", "kind": WRITE, "value": "c", "expected": 1},
    {"end": 2, "outcome": DONE, "version": 2},
    {"end": 3, "outcome": CONFLICT},
    {"begin": 4, "key": "k", "kind": READ},
    {"end": 4, "outcome": DONE, "value": "b", "version": 2},
)


def test_operations_have_the_moments_of_their_beginning_and_end():
    first, *_ = recorded(*WRITTEN).operations
    assert (first.key, first.kind, first.value, first.invoked, first.returned) == ("k", WRITE, "a", 1, 2)


def test_a_crash_cuts_writes_off_and_forgets_reads():
    history = recorded(*WRITTEN[:1], {"begin": 9, "key": "k", "kind": READ})
    assert history.pending == 2
    assert history.crash() == 1
    assert [(one.kind, one.outcome, one.returned) for one in history.operations] == [(WRITE, UNKNOWN, 3)]
    assert history.pending == 0


def test_each_value_has_a_history_of_its_own():
    found = by_key(recorded(*WRITTEN, {"begin": 1, "key": "j", "kind": READ}, {"end": 1, "outcome": DONE}).operations)
    assert {key: len(own) for key, own in found.items()} == {"k": 4, "j": 1}


def test_a_spoilt_history_is_rejected_where_the_true_one_is_not():
    operations = recorded(*WRITTEN).operations
    assert judge(operations).linearizable is True
    stale, lost = with_stale_read(operations), with_lost_update(operations)
    assert stale is not None
    assert lost is not None
    assert judge(stale).linearizable is False
    assert judge(lost).linearizable is False


def test_a_history_without_a_read_or_a_conflict_cannot_be_spoilt():
    operations = recorded(*WRITTEN[:2]).operations
    assert with_stale_read(operations) is None
    assert with_lost_update(operations) is None
