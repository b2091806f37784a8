"""What a run left open is ended in the order in which it would have ended by itself."""

from hypothesis import given
from hypothesis import strategies as st

from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.ledger import MemoryLedger
from device.core.contexts import ROOT
from device.core.entries import CallEnded, CallMade, ContextClosed, ContextOpened, ConversationStarted
from device.core.orphans import endings


def made(call_id: str) -> CallMade:
    return CallMade(call_id=call_id, turn=1, name="think", arguments={})


def opened(parent: str, call_id: str) -> ContextOpened:
    return ContextOpened(parent=parent, call_id=call_id, task="think")


def test_nothing_open_is_nothing_to_end():
    ledger = MemoryLedger(FakeClock())
    ledger.append(made("c1"), CallEnded(call_id="c1", status="done", text=""))
    assert endings(ledger.records(), "lost") == ()


def test_the_deepest_end_first():
    ledger = MemoryLedger(FakeClock())
    ledger.append(made("c1"))
    ledger.append(opened("main", "c1"), made("c1"), context="k1")
    ledger.append(opened("k1", "c1"), made("c1"), context="k2")
    failed, closed = CallEnded(call_id="c1", status="failed", text="lost"), ContextClosed(status="failed", text="lost")
    assert endings(ledger.records(), "lost") == (
        ("k2", failed), ("k2", closed), ("k1", failed), ("k1", closed), ("main", failed),
    )  # fmt: skip


def test_calls_from_before_a_fresh_start_are_ended_too():
    ledger = MemoryLedger(FakeClock())
    ledger.append(made("c1"), ConversationStarted())
    assert [entry.call_id for _, entry in endings(ledger.records(), "lost")] == ["c1"]


@given(st.lists(st.tuples(st.sampled_from(["call", "end", "open", "close"]), st.integers(0, 20)), max_size=40))
def test_afterwards_nothing_is_open_and_nothing_outlived_what_began_it(steps):
    ledger = MemoryLedger(FakeClock())
    parents: dict[str, tuple[str, str]] = {}  # each open context's parent and its call
    calls: list[tuple[str, str]] = []
    made_calls = 0
    for step, number in steps:
        contexts = [ROOT, *parents]
        match step:
            case "call":
                made_calls += 1
                calls.append((contexts[number % len(contexts)], f"c{made_calls}"))
                ledger.append(made(calls[-1][1]), context=calls[-1][0])
            case "end" if calls:
                call = calls[number % len(calls)]
                if call not in parents.values():
                    calls.remove(call)
                    ledger.append(CallEnded(call_id=call[1], status="done", text=""), context=call[0])
            case "open" if calls:
                call, name = calls[number % len(calls)], f"k{len(ledger.records())}"
                parents[name] = call
                ledger.append(opened(*call), context=name)
            case "close" if parents:
                name = list(parents)[number % len(parents)]
                if not any(call[0] == name for call in calls):
                    del parents[name]
                    ledger.append(ContextClosed(status="done", text=""), context=name)
    for context, entry in endings(ledger.records(), "lost"):
        if isinstance(entry, CallEnded):
            assert (context, entry.call_id) not in parents.values()
            calls.remove((context, entry.call_id))
        else:
            assert not any(call[0] == context for call in calls)
            del parents[context]
        ledger.append(entry, context=context)
    assert not calls
    assert not parents
    assert endings(ledger.records(), "lost") == ()
