"""Which records have been kept for long enough; pure.

Rules:
* What the prompt or a tool may still need stays, however old: alarms that are still to ring, lists, notes, settings,
  and the conversation since it was last begun, but for what has left the prompt for want of room.
* Of what is left, whatever is older than the limit goes; so do writes of a value that was written again.
"""

from collections.abc import Sequence

from device.core.contexts import ROOT
from device.core.entries import (
    AlarmCancelled,
    AlarmRang,
    AlarmSet,
    ConversationStarted,
    Record,
    ReplyStarted,
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
    stays = _pending(records, from_id)
    return frozenset(
        record.id
        for record in records
        if record.id < from_id
        and record.wall_seconds < before_wall_seconds
        and not (isinstance(record.entry, NO_CONVERSATION) and record.id in stays)
    )


def _pending(records: Sequence[Record], from_id: int) -> frozenset[int]:
    """The records that hold what outlives a conversation as it is now: each value's last write, and those of alarms
    but for the ones that were cancelled, or rang and were told, before `from_id`.
    """
    written: dict[str, tuple[int, int]] = {}
    alarms: dict[str, list[int]] = {}
    rang: set[str] = set()
    over: set[str] = set()
    told: dict[str, int] = {}
    for record in records:
        match record.entry:
            case ValueWritten(name=name, version=version):
                if written.get(name, (0, 0))[0] in (0, version - 1):  # else it was passed over
                    written[name] = version, record.id
            case AlarmSet(alarm_id=alarm_id):
                alarms.setdefault(alarm_id, []).append(record.id)
            case AlarmCancelled(alarm_id=alarm_id) | AlarmRang(alarm_id=alarm_id) if alarm_id in alarms:
                alarms[alarm_id].append(record.id)
                if isinstance(record.entry, AlarmRang):
                    rang.add(alarm_id)
                elif alarm_id not in rang and record.id < from_id:
                    over.add(alarm_id)
            case ReplyStarted(alarm_ids=alarm_ids):
                told.update(dict.fromkeys(rang.intersection(alarm_ids), record.id))
    over.update(alarm_id for alarm_id, record_id in told.items() if record_id < from_id)
    kept = (ids for alarm_id, ids in alarms.items() if alarm_id not in over)
    return frozenset(record_id for _, record_id in written.values()).union(*kept)
