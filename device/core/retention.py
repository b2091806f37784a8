"""Which records have been kept for long enough; pure.

Rules:
* What the prompt or a tool may still need stays, however old: alarms, lists, notes, settings, and the conversation
  since it was last begun, but for what has left the prompt for want of room.
* Of what is left, whatever is older than the limit goes.
"""

from collections.abc import Sequence

from device.core.contexts import ROOT
from device.core.entries import (
    AlarmCancelled,
    AlarmRang,
    AlarmSet,
    ConversationStarted,
    Record,
    TurnsDropped,
    ValueWritten,
)

NO_CONVERSATION = (AlarmSet, AlarmCancelled, AlarmRang, ValueWritten)
"""What outlives a conversation."""


def needed_from(records: Sequence[Record]) -> int:
    """The id from which on the conversation is still needed; 0 if all of it is."""
    from_id = 0
    for record in records:
        if record.context != ROOT:
            continue
        if isinstance(record.entry, ConversationStarted):
            from_id = record.id
        elif isinstance(record.entry, TurnsDropped):
            from_id = max(from_id, min(record.entry.before_id, record.id))
    return from_id


def outdated(records: Sequence[Record], *, before_wall_seconds: float) -> frozenset[int]:
    """The ids of the records that may go, of which all are older than that Unix time."""
    from_id = needed_from(records)
    return frozenset(
        record.id
        for record in records
        if record.id < from_id
        and record.wall_seconds < before_wall_seconds
        and not isinstance(record.entry, NO_CONVERSATION)
    )
