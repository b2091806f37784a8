"""A conversation as a replay of its ledger: what the model is told, and what is still to be told.

Rules:
* Results and alarms enter the prompt where a reply names them, not when they arrive, so the prompt only ever grows.
* A result counts as told when its words were heard (`device.core.telling`); otherwise it is told again, though
  not for ever.
* A call that has no result yet when the user speaks again is answered with "running", once.
* What is said again word for word with nothing between, as of an alarm that rings, stands in the prompt once.
* A reply that was cut off stands in the prompt as far as it was heard; its calls stay, since they did run.
* A reply that was overtaken before anything of it was heard has answered nothing: what the user says next is answered
  together with what it was to answer, as one turn. Calls that it made already are not made again.
* Every context replays its own records alone; a fork begins with what its parent was told when it was made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from device.core.calls import Call, Calls, number_of
from device.core.contexts import ROOT
from device.core.cut_off import CutOff, after_reply
from device.core.entries import (
    AlarmCancelled,
    AlarmRang,
    AlarmSet,
    CallConfirmed,
    CallEnded,
    CallMade,
    CallProgressed,
    CallQuestioned,
    CallsJoined,
    ContextOpened,
    ConversationStarted,
    PieceHeard,
    Record,
    ReplyEnded,
    ReplyStarted,
    TurnsDropped,
    UserSaid,
)
from device.core.notices import notice_text
from device.core.overtaken import Overtaken
from device.core.prompt.messages import (
    Assistant,
    Called,
    Message,
    Notice,
    Result,
    Results,
    Said,
    Task,
    User,
)
from device.core.prompt.words import result_words
from device.core.telling import as_sentence, told_of


@dataclass(slots=True, kw_only=True)
class _Alarm:
    set: AlarmSet
    rang: AlarmRang | None = None
    rang_at: int = 0
    rang_wall_seconds: float = 0.0
    tried: bool = False
    told: bool = False


@dataclass(slots=True, kw_only=True)
class _OpenReply:
    """A reply that has started and not ended; `asked` is what it is to answer besides telling news, if anything."""

    started: ReplyStarted
    record_id: int
    asked: str | None
    overtaken: Overtaken
    """What it took over from replies before it."""
    answered_before: int = 0
    heard: str = ""

    def as_heard(self) -> ReplyEnded:
        """How it ended if nothing more of it was heard than is known."""
        return ReplyEnded(
            turn=self.started.turn, generated=self.heard, heard=self.heard, interrupted=True, unfinished=True
        )


@dataclass(slots=True)
class Conversation:
    """The fold of one context's records; `apply` takes them one by one.

    `model` is the name of the language model in use: token ids that another one generated are not reused.
    """

    model: str = ""
    context: str = ROOT
    last_turn: int = 0
    calls: Calls = field(default_factory=Calls)
    unheard: CutOff | None = None
    """What "go on" continues."""
    _items: list[tuple[int, Message]] = field(default_factory=list)
    _alarms: dict[str, _Alarm] = field(default_factory=dict)
    _reply: _OpenReply | None = None
    _cut_off: str | None = None
    _overtaken: Overtaken = field(default_factory=Overtaken)
    _answered_at: int = 0
    _alarm_number: int = 0

    @classmethod
    def replay(cls, records: Iterable[Record], *, model: str = "", context: str = ROOT) -> Self:
        """The conversation of `context` that `records`, in order, amount to."""
        records = tuple(records)
        opened = next((r for r in records if r.context == context and isinstance(r.entry, ContextOpened)), None)
        if opened is not None and isinstance(opened.entry, ContextOpened) and opened.entry.inherits_id:
            before = (record for record in records if record.id <= opened.entry.inherits_id)
            conversation = cls.replay(before, model=model, context=opened.entry.parent).forked(context)
        else:
            conversation = cls(model, context)
        for record in records:
            conversation.apply(record)
        return conversation

    def forked(self, context: str) -> Self:
        """The beginning of a context that inherits what this one was told so far."""
        return type(self)(self.model, context, _items=list(self._items))

    def copy(self) -> Self:
        """The same conversation, to be continued by itself."""
        return replace(
            self,
            calls=self.calls.copy(),
            _items=list(self._items),
            _alarms={key: replace(alarm) for key, alarm in self._alarms.items()},
            _reply=replace(self._reply) if self._reply is not None else None,
        )

    def apply(self, record: Record) -> None:  # noqa: C901 - one case for each kind
        """Take the next record; those of other contexts, and what makes no sense here, are passed over."""
        if record.context != self.context:
            return
        match record.entry:
            case ConversationStarted():
                self._start_afresh()
            case UserSaid(text=text):
                self._user_said(record, text)
            case ContextOpened(task=task, given=given):
                self._items.append((record.id, Task(text=task, given=given)))
            case ReplyStarted() as started:
                self._reply_started(record, started)
            case PieceHeard(turn=turn, text=text):
                if self._reply is not None and self._reply.started.turn == turn:
                    self._reply.heard += text
            case ReplyEnded() as ended:
                self._reply_ended(ended, record.wall_seconds)
            case (
                CallMade() | CallEnded() | CallProgressed() | CallQuestioned() | CallConfirmed() | CallsJoined()
            ) as of_call:
                self.calls.apply(record, of_call)
            case AlarmSet() | AlarmCancelled() | AlarmRang():
                self._apply_alarm(record)
            case TurnsDropped(before_id=before_id):
                self._items = [item for item in self._items if item[0] >= before_id]
                self.calls.drop(before_id)
                told = [key for key, alarm in self._alarms.items() if alarm.told and alarm.rang_at < before_id]
                for key in told:
                    del self._alarms[key]

    # --- what is told --------------------------------------------------------------------------------------------

    def messages(self) -> tuple[Message, ...]:
        """The whole conversation for the model, as it follows the fixed part."""
        return tuple(message for _, message in self._items)

    def second_turn_id(self) -> int | None:
        """The record that the oldest user's turn but one begins with: dropping what is before it frees one turn."""
        turns = [record_id for record_id, message in self._items if isinstance(message, (User, Task))]
        return turns[1] if len(turns) > 1 else None

    # --- what is to be told --------------------------------------------------------------------------------------

    def told_as_is(self, call_ids: Sequence[str], alarm_ids: Sequence[str]) -> tuple[str, bool]:
        """What of this news the user is told in the program's own words, and whether the model has more to tell."""
        calls = [call.ended for key in call_ids if (call := self.calls.get(key)) is not None and call.ended is not None]
        sentences = [ended.text for ended in calls if ended.sentence]
        sentences += [_notice(alarm).text for key in alarm_ids if (alarm := self._alarms.get(key)) and alarm.rang]
        more = any(not ended.sentence and ended.status != "cancelled" for ended in calls)
        return " ".join(map(as_sentence, sentences)), more

    def rung_alarms(self) -> tuple[str, ...]:
        """Alarms that rang and were not told."""
        return tuple(key for key, alarm in self._alarms.items() if alarm.rang is not None and not alarm.told)

    def pending_alarms(self) -> tuple[AlarmSet, ...]:
        """Alarms that were set and neither rang nor were cancelled."""
        return tuple(alarm.set for alarm in self._alarms.values() if alarm.rang is None)

    def calls_in_turn(self, turn: int) -> int:
        """How many calls the reply `turn` has made."""
        return sum(call.made.turn == turn for call in self.calls)

    def yielded(self, turns: int) -> str:
        """What calls are called, and have yielded within so many of the user's last turns."""
        return self.calls.words(self._said_at(turns))

    def goes_round(self) -> bool:
        """Whether the model has called the same again since the user's last words, of which nothing new can come."""
        return self.calls.repeated(self._said_at(1))

    def repeats(self, turn: int, name: str, arguments: Mapping[str, Any]) -> bool:
        """Whether the reply `turn`, or one that it took over from, has made the very same call already."""
        reply = self._reply
        turns = {turn, *(reply.overtaken.turns if reply is not None and reply.started.turn == turn else ())}
        return any(
            it.made.turn in turns and (it.made.name, it.made.arguments) == (name, arguments) for it in self.calls
        )

    def _said_at(self, turns: int) -> int:
        """The record of what the user said so many turns ago, 1 for the last; 0 if there were fewer."""
        said = [record_id for record_id, message in self._items if isinstance(message, User)]
        return said[-turns] if len(said) >= turns else 0

    def asked_with(self, text: str) -> str:
        """What the next reply answers if the user says `text` now."""
        return self._overtaken.with_words(text)

    @property
    def last_said(self) -> str:
        """The user's last turn, as it is answered."""
        return next((message.text for _, message in reversed(self._items) if isinstance(message, User)), "")

    def next_alarm_id(self) -> str:
        """An id that no alarm has had."""
        return f"t{self._alarm_number + 1}"

    @property
    def open_turn(self) -> int | None:
        """The reply that started and has not ended."""
        return self._reply.started.turn if self._reply is not None else None

    def cut_off(self) -> ReplyEnded | None:
        """The end of the reply that the last run's end cut off; None if there is none."""
        return self._reply.as_heard() if self._reply is not None else None

    # --- records -------------------------------------------------------------------------------------------------

    def _start_afresh(self) -> None:
        self._items.clear()
        self.calls.clear()
        self._reply, self._cut_off, self.unheard = None, None, None
        self._overtaken = Overtaken()
        self._alarms = {key: alarm for key, alarm in self._alarms.items() if alarm.rang is None}

    def _user_said(self, record: Record, text: str) -> None:
        self._close_crashed_reply()
        self._acknowledge_running(record.id)
        said = User(text=text, cut_off_after=self._cut_off)
        if self._overtaken.is_over(text, record.wall_seconds):
            self._overtaken, self._answered_at = Overtaken(), record.id - 1
        elif self._overtaken.text:
            said = self._joined(text)
        self._items.append((record.id, said))
        self._cut_off = None

    def _joined(self, text: str) -> User:
        """The user's turn that goes on with `text`; it takes the place of its beginning if nothing stands between."""
        last, whole = self._items[-1][1], self.asked_with(text)
        if not isinstance(last, User):
            return User(text=whole)
        del self._items[-1]
        return replace(last, text=whole)

    def _reply_started(self, record: Record, started: ReplyStarted) -> None:
        self._close_crashed_reply()
        self.last_turn = max(self.last_turn, started.turn)
        news: list[Message] = []
        known = [call for key in started.call_ids if (call := self.calls.get(key)) and (call.ended or call.question)]
        if known:
            news.append(Results(results=tuple(self._result(call) for call in known)))
        news += [_notice(alarm) for key in started.alarm_ids if (alarm := self._alarms.get(key)) and alarm.rang]
        place = self._before_unanswered_turns()
        unanswered = [message.text for _, message in self._items[place:] if isinstance(message, User)]
        self._items[place:place] = [(record.id, message) for message in news]
        asked = " ".join(unanswered) if unanswered else None
        self._reply = _OpenReply(
            started=started,
            record_id=record.id,
            asked=asked,
            overtaken=self._overtaken,
            answered_before=self._answered_at,
        )
        self._answered_at = record.id
        self._overtaken = Overtaken()
        # Nobody else tells this news while the reply is under way.
        for call in known:
            call.told, call.asked = call.ended is not None, bool(call.question)
        for alarm in self._named_alarms(started):
            alarm.told = True

    def _before_unanswered_turns(self) -> int:
        """Where news goes: before what the user said since the last reply began, so that the question comes last."""
        place = len(self._items)
        while place and isinstance(self._items[place - 1][1], User) and self._items[place - 1][0] > self._answered_at:
            place -= 1
        return place

    def _reply_ended(self, ended: ReplyEnded, wall_seconds: float = 0.0) -> None:
        reply, self._reply = self._reply, None
        if reply is None or reply.started.turn != ended.turn:
            return
        whole = not ended.interrupted and ended.heard == ended.generated and ended.model == self.model
        self._add_assistant(reply, ended.heard, tokens=ended.tokens if whole else ())
        if ended.overtaken and reply.asked is not None:
            self._overtaken = reply.overtaken.by(reply.asked, ended.turn, wall_seconds)
            self._answered_at = reply.answered_before
        elif ended.interrupted:
            self._cut_off = ended.heard
        self.unheard = after_reply(self.unheard, ended)
        self._judge_telling(reply, ended)

    def _judge_telling(self, reply: _OpenReply, ended: ReplyEnded) -> None:
        """What of the news was told; if nothing of the reply was heard, the news leaves the prompt to come again."""
        unheard = not ended.heard and (ended.interrupted or bool(ended.failure))
        news: list[tuple[Call | _Alarm, str]] = []
        for call in filter(None, map(self.calls.get, reply.started.call_ids)):
            if call.ended is not None and call.ended.status == "cancelled":
                call.told = not unheard  # it need not be said; the model has read it
            elif call.ended is not None:
                news.append((call, result_words(call.result())))
            elif call.question:
                news.append((call, call.question))
        news += [(alarm, _notice(alarm).text) for alarm in self._named_alarms(reply.started)]
        told = told_of(
            [text for _, text in news],
            ended.generated,
            ended.heard,
            asked=reply.asked,
            finished=not (ended.unfinished or ended.failure),
        )
        in_vain = reply.asked is None and not (ended.interrupted or ended.failure or any(told))
        for (item, _), was_told in zip(news, told, strict=True):
            if isinstance(item, Call) and item.ended is None:
                item.asked = was_told and not unheard
            else:
                # What two whole replies said nothing of, and of nothing else either, no third one will.
                item.told = (was_told and not unheard) or (in_vain and item.tried)
                item.tried = item.tried or in_vain
        if unheard:
            self._items = [
                (record_id, message)
                for record_id, message in self._items
                if record_id != reply.record_id or not isinstance(message, (Results, Notice))
            ]

    def _close_crashed_reply(self) -> None:
        """A reply that never ended was cut off by the process's end; what is known of it was heard."""
        if self._reply is not None:
            self._reply_ended(self._reply.as_heard())

    def _add_assistant(self, reply: _OpenReply, heard: str, *, tokens: tuple[int, ...]) -> None:
        parts: list[Said | Called] = []
        at = 0
        for call in self.calls:
            if call.made.turn != reply.started.turn or call.made_at < reply.record_id:
                continue
            upto = min(max(call.made.after_chars, at), len(heard))
            if heard[at:upto]:
                parts.append(Said(text=heard[at:upto]))
            parts.append(Called(call_id=call.made.call_id, name=call.made.name, arguments=call.made.arguments))
            at = upto
        if heard[at:]:
            parts.append(Said(text=heard[at:]))
        last = self._items[-1][1] if self._items else None
        said_again = isinstance(last, Assistant) and last.parts == tuple(parts)
        if (parts or tokens) and not said_again:
            self._items.append((reply.record_id, Assistant(parts=tuple(parts), tokens=tokens)))

    # --- calls and alarms ----------------------------------------------------------------------------------------

    def _acknowledge_running(self, record_id: int) -> None:
        running = [call for call in self.calls if call.ended is None and not call.question and not call.acknowledged]
        if not running:
            return
        for call in running:
            call.acknowledged = True
        self._items.append((record_id, Results(results=tuple(call.result() for call in running))))

    def _result(self, call: Call) -> Result:
        late = call.acknowledged or any(
            record_id > call.made_at and isinstance(message, (User, Assistant)) and not _holds(message, call)
            for record_id, message in self._items
        )
        return call.result(late=late)

    def _named_alarms(self, started: ReplyStarted) -> list[_Alarm]:
        return [alarm for key in started.alarm_ids if (alarm := self._alarms.get(key)) and alarm.rang is not None]

    def _apply_alarm(self, record: Record) -> None:
        match record.entry:
            case AlarmSet() as entry:
                self._alarm_number = max(self._alarm_number, number_of(entry.alarm_id))
                self._alarms.setdefault(entry.alarm_id, _Alarm(set=entry))
            case AlarmCancelled(alarm_id=alarm_id):
                alarm = self._alarms.get(alarm_id)
                if alarm is not None and alarm.rang is None:
                    del self._alarms[alarm_id]
            case AlarmRang(alarm_id=alarm_id) as entry:
                alarm = self._alarms.get(alarm_id)
                if alarm is not None and alarm.rang is None:
                    alarm.rang, alarm.rang_at, alarm.rang_wall_seconds = entry, record.id, record.wall_seconds


def _holds(message: Message, call: Call) -> bool:
    return isinstance(message, Assistant) and any(
        isinstance(part, Called) and part.call_id == call.made.call_id for part in message.parts
    )


def _notice(alarm: _Alarm) -> Notice:
    assert alarm.rang is not None
    return Notice(text=notice_text(alarm.set, alarm.rang.late_seconds), wall_seconds=alarm.rang_wall_seconds)
