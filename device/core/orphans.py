"""What a run that broke off left open, and the entries that end it; pure.

Rules:
* Every call ends and every context closes, whatever became of the process.
* No context outlives its parent, and no call what it began: the deepest end first.
"""

from collections.abc import Iterable

from device.core.contexts import ROOT
from device.core.entries import CallEnded, CallMade, ContextClosed, ContextOpened, Record

Ending = tuple[str, CallEnded | ContextClosed]
"""A context and the entry to append to it."""


def endings(records: Iterable[Record], reason: str) -> tuple[Ending, ...]:
    """The entries that end what is open after `records`, in order; all fail for `reason`."""
    calls: dict[str, dict[str, None]] = {ROOT: {}}
    opened: dict[str, ContextOpened] = {}
    for record in records:
        match record.entry:
            case CallMade(call_id=call_id):
                calls.setdefault(record.context, {})[call_id] = None
            case CallEnded(call_id=call_id):
                calls.get(record.context, {}).pop(call_id, None)
            case ContextOpened() as entry:
                opened[record.context] = entry
            case ContextClosed():
                opened.pop(record.context, None)
    # Whatever was opened later lies beside or below.
    ending: list[Ending] = []
    for context in (*reversed(opened), ROOT):
        ending += [(context, _failed(call_id, reason)) for call_id in calls.pop(context, {})]
        if context in opened:
            ending.append((context, ContextClosed(status="failed", text=reason)))
    return tuple(ending)


def _failed(call_id: str, reason: str) -> CallEnded:
    return CallEnded(call_id=call_id, status="failed", text=reason)
