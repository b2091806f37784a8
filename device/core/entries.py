"""The kinds of entry in the ledger: what is remembered, as typed values that go to disk as JSON.

An entry says what happened in the words of the conversation; the store wraps it in a `Record` that adds its id, its
times and its context. A kind is never renamed and a field never loses its meaning, since yesterday's ledger is read
by tomorrow's program: add a field with a default, or add a kind. `Conversation` (`device.core.context`) is what
replaying them yields.
"""

from typing import Any

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag=lambda name: name, omit_defaults=True):
    """One thing to remember."""


class ConversationStarted(Entry, frozen=True, kw_only=True):
    """A fresh conversation begins; nothing before it is part of the prompt."""


class UserSaid(Entry, frozen=True, kw_only=True):
    """The user finished a turn, by voice or by keyboard."""

    text: str
    typed: bool = False


class ReplyStarted(Entry, frozen=True, kw_only=True):
    """A reply to everything that was pending begins: the calls and alarms named here become part of the prompt."""

    turn: int
    call_ids: tuple[str, ...] = ()
    alarm_ids: tuple[str, ...] = ()


class PieceHeard(Entry, frozen=True, kw_only=True):
    """One piece of the reply reached the loudspeaker whole. It bounds what a crash can forget."""

    turn: int
    text: str


class ReplyEnded(Entry, frozen=True, kw_only=True):
    """The reply is over. `generated` is the model's whole speech, `heard` what reached the loudspeaker of it.

    `heard` is a prefix of `generated`; an `unfinished` reply was cut off while the model still wrote it. One that was
    `overtaken` had not been heard yet when the user spoke on: what it was to answer still is to be answered. `tokens`
    are the ids of the model's message as it generated it (calls included, the message's end not), kept so that a later
    prompt can reuse them; they hold only for `model`.
    """

    turn: int
    generated: str
    heard: str
    interrupted: bool = False
    unfinished: bool = False
    overtaken: bool = False
    failure: str = ""
    model: str = ""
    tokens: tuple[int, ...] = ()


class CallMade(Entry, frozen=True, kw_only=True):
    """The model called a tool. `after_chars` is how much of the turn's speech had been generated before the call."""

    call_id: str
    turn: int
    name: str
    arguments: dict[str, Any]
    after_chars: int = 0


class CallEnded(Entry, frozen=True, kw_only=True):
    """A call ended: `status` is one of done, failed, cancelled, timed_out; `text` is what the model is told.

    If it is a `sentence` for the user, they are told it as it is.
    """

    call_id: str
    status: str
    text: str
    sentence: bool = False


class CallProgressed(Entry, frozen=True, kw_only=True):
    """A call reported how far it has come."""

    call_id: str
    text: str


class CallQuestioned(Entry, frozen=True, kw_only=True):
    """A call may run only if the user agrees to `question`; it waits."""

    call_id: str
    question: str


class CallConfirmed(Entry, frozen=True, kw_only=True):
    """The user agreed to a call, and it runs."""

    call_id: str


class CallsJoined(Entry, frozen=True, kw_only=True):
    """The call `call_id` waits for `call_ids` and tells their results with its own."""

    call_id: str
    call_ids: tuple[str, ...]


class ContextOpened(Entry, frozen=True, kw_only=True):
    """A context began to think about `task` for a call of its parent; stands in its own context.

    A fork inherits what its parent was told up to record `inherits_id`; a spawn (0) knows only what was `given`.
    """

    parent: str
    call_id: str
    task: str
    inherits_id: int = 0
    given: str = ""


class ContextClosed(Entry, frozen=True, kw_only=True):
    """A context ended: `status` is one of done, failed, cancelled, timed_out; `text` is its result."""

    status: str
    text: str
    generated_tokens: int = 0


class ValueWritten(Entry, frozen=True, kw_only=True):
    """A shared value was written; `version` is one above the one it replaced."""

    name: str
    value: Any
    version: int


class OutputMalformed(Entry, frozen=True, kw_only=True):
    """The model wrote something that is neither speech nor a call; kept for diagnosis, never spoken."""

    turn: int
    text: str


class AlarmSet(Entry, frozen=True, kw_only=True):
    """A timer, alarm or reminder was set for `due_wall_seconds` (Unix time).

    One for a time of day has no `duration_seconds`; `utc_offset_seconds` is how far the local time is ahead then.
    """

    alarm_id: str
    due_wall_seconds: float
    label: str = ""
    duration_seconds: float = 0.0
    reminder: bool = False
    utc_offset_seconds: float = 0.0


class AlarmCancelled(Entry, frozen=True, kw_only=True):
    """An alarm was taken back before it rang."""

    alarm_id: str


class AlarmRang(Entry, frozen=True, kw_only=True):
    """An alarm came due, perhaps `late_seconds` ago while the device was off."""

    alarm_id: str
    late_seconds: float = 0.0


class TurnsDropped(Entry, frozen=True, kw_only=True):
    """Everything before record `before_id` left the prompt for want of room."""

    before_id: int


class EventDropped(Entry, frozen=True, kw_only=True):
    """An event of an overtaken turn arrived and was ignored."""

    event: str
    turn: int


AnyEntry = (
    ConversationStarted
    | UserSaid
    | ReplyStarted
    | PieceHeard
    | ReplyEnded
    | CallMade
    | CallEnded
    | CallProgressed
    | CallQuestioned
    | CallConfirmed
    | CallsJoined
    | ContextOpened
    | ContextClosed
    | ValueWritten
    | OutputMalformed
    | AlarmSet
    | AlarmCancelled
    | AlarmRang
    | TurnsDropped
    | EventDropped
)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with its place in the one total order.

    `id` counts from 1 without gaps. `wall_seconds` is Unix time, `boot_seconds` the boot-time clock (it counts
    suspend), which holds only within `boot_id`. `context` is whose entry it is; the dialogue's is "main".
    """

    id: int
    wall_seconds: float
    boot_seconds: float
    boot_id: str
    context: str
    entry: AnyEntry


encode = msgspec.json.Encoder().encode
"""An entry as JSON bytes."""

decode = msgspec.json.Decoder(AnyEntry).decode
"""JSON bytes as an entry; raises `msgspec.ValidationError` for a kind or a shape that is not known."""
