"""What must hold when all is over: everything ended once, and nothing is held any more."""

from collections import Counter
from collections.abc import Sequence

from device.core.entries import CallEnded, CallMade, ContextClosed, ContextOpened, Record
from device.eval.result import Case
from device.eval.typed import Typed


def afterwards(agent: Typed, records: Sequence[Record]) -> Case:
    """Whether each call and context of `records` ended exactly once, and whether all places are free again."""
    made = Counter((one.context, one.entry.call_id) for one in records if isinstance(one.entry, CallMade))
    ended = Counter((one.context, one.entry.call_id) for one in records if isinstance(one.entry, CallEnded))
    opened = Counter(one.context for one in records if isinstance(one.entry, ContextOpened))
    closed = Counter(one.context for one in records if isinstance(one.entry, ContextClosed))
    return {
        "calls": made.total(),
        "contexts": opened.total(),
        "ended_once": made == ended and opened == closed,
        "free": agent.agent.contexts.open_contexts() == 0 and not agent.agent.home.children,
    }
