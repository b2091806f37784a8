"""Plays a scripted dialogue through the real machine, inbox, conversation and renderer.

Who writes a scene says what happens: the user says this, the model writes that, a call ends. What follows from it is
decided where the agent decides it: the machine says when a reply begins and what cuts it off, the inbox which results
wait and are told together, the conversation what the model reads of all that. So no example can show the model
anything that the agent would not, and a scene that could not happen ends in SceneError.

Sound is the one thing missing: a reply is heard to its end, or as far as the scene says when somebody cuts it off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from device.core import effects
from device.core.context import Conversation
from device.core.contexts import ROOT
from device.core.entries import (
    AlarmRang,
    AlarmSet,
    AnyEntry,
    CallConfirmed,
    CallEnded,
    CallMade,
    CallProgressed,
    CallQuestioned,
    ContextOpened,
    Record,
    ReplyEnded,
    ReplyStarted,
    UserSaid,
)
from device.core.events import (
    AlarmsRang,
    Backchannel,
    Event,
    PlaybackFinished,
    PlaybackStarted,
    ReplyWasEmpty,
    ResultsArrived,
    SilenceAsked,
    SpeechStarted,
    TurnEnded,
)
from device.core.fsm import Machine, State, step
from device.core.inbox import Inbox
from device.core.prompt.messages import Assistant, Called, Message, Said
from device.core.prompt.renderers import Renderer

_BOOT = "rehearsal"
_START_WALL_SECONDS = 1_767_600_000.0
_STEP_SECONDS = 4.0
"""Between two records; what is stamped with a time needs one."""


class SceneError(ValueError):
    """A scene asks for something that cannot happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as the model is to write it."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What the model reads after the fixed part, and what it is to write; `kind` says what it shows."""

    kind: str
    prompt: str
    target: str
    said: str
    called: tuple[Call, ...]


@dataclass
class Rehearsal:
    """One dialogue as it grows. The fixed part is not in its prompts; it stands before all of them."""

    renderer: Renderer
    context: str = ROOT
    machine: Machine = field(default_factory=Machine)
    conversation: Conversation = field(default_factory=Conversation)
    records: list[Record] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    _inbox: Inbox = field(default_factory=Inbox)
    _prompt: tuple[Message, ...] | None = None
    _written: str = ""
    _heard: str = ""

    # --- what the user does --------------------------------------------------------------------------------------

    def hears(self, words: str, *, heard: str | None = None) -> None:
        """The user says `words`. Over a reply this cuts it off, of which `heard` had been heard."""
        self._cut_at(heard)
        self.post(SpeechStarted())
        self.post(TurnEnded(text=words))

    def shows_listening(self, words: str) -> None:
        """The user says no more than "mhm", and nothing is being heard."""
        self.post(SpeechStarted())
        self.post(Backchannel(text=words))

    def is_silenced(self, words: str, *, heard: str | None = None) -> None:
        """The user says nothing but "stop"."""
        self._cut_at(heard)
        self.post(SpeechStarted())
        self.post(SilenceAsked(text=words))

    def _cut_at(self, heard: str | None) -> None:
        if heard is None:
            return
        if self.machine.state is not State.EMITTING or not self._written.startswith(heard):
            raise SceneError(f'"{heard}" is not the beginning of a reply that is being heard')
        self._heard = heard

    # --- what the model does -------------------------------------------------------------------------------------

    def writes(self, said: str = "", *calls: Call, kind: str, learnt: bool = True, whole: bool = True) -> list[str]:
        """The model answers what it was asked: speech, then calls. Returns the calls' ids.

        It is an example if it is to be `learnt`. Heard to the end unless it is not the `whole` (then something cuts it
        off next).
        """
        if self.machine.state is not State.GENERATING or self._prompt is None:
            raise SceneError(f"nobody asked for a reply: {self.machine.state.value}")
        turn, ids = self.machine.turn, []
        prompt, self._prompt = self._prompt, None
        for call in calls:
            ids.append(self.conversation.calls.next_id())
            made = CallMade(
                call_id=ids[-1],
                turn=turn,
                name=call.name,
                arguments=dict(call.arguments),
                after_chars=len(said),
            )
            self._append(made)
        if learnt:
            self.examples.append(self._example(kind, prompt, said, calls))
        self._written = self._heard = said
        if not said:
            self.post(ReplyWasEmpty(turn=turn))
            return ids
        self.post(PlaybackStarted(turn=turn))
        if whole:
            self.post(PlaybackFinished(turn=turn))
        return ids

    def post_end(self) -> None:
        """The reply that is being heard comes to its end."""
        self.post(PlaybackFinished(turn=self.machine.turn))

    def _example(self, kind: str, prompt: Sequence[Message], said: str, calls: Sequence[Call]) -> Example:
        parts: list[Said | Called] = [Said(text=said)] if said else []
        parts += [Called(call_id="", name=call.name, arguments=call.arguments) for call in calls]
        asked = self._text(prompt)
        answered = self._text((*prompt, Assistant(parts=tuple(parts))))
        if not answered.startswith(asked):
            raise SceneError("the renderer is not append-only")
        end = self.renderer.end_of_message
        target = answered[len(asked) :].split(end)[0] + end
        newest = next((m.text for m in reversed(prompt) if hasattr(m, "text")), "")
        return Example(kind=kind, prompt=asked, target=target, said=newest, called=tuple(calls))

    def _text(self, messages: Sequence[Message]) -> str:
        return "".join(span.text for span in self.renderer.render(messages))

    # --- what happens by itself ----------------------------------------------------------------------------------

    def ends(self, call_id: str, text: str, *, status: str = "done") -> None:
        """A call ends; several that end while the floor is taken are told together."""
        self.end(call_id, text, status=status)
        if status != "cancelled":
            self.post(ResultsArrived(call_ids=(call_id,)))

    def end(self, call_id: str, text: str, *, status: str = "done") -> None:
        """A call ends and nobody has noticed yet."""
        self._append(CallEnded(call_id=call_id, status=status, text=text))

    def all_end(self, results: Mapping[str, str]) -> None:
        """Several calls end at once: one reply tells all of them."""
        for call_id, text in results.items():
            self.end(call_id, text)
        self.post(ResultsArrived(call_ids=tuple(results)))

    def progresses(self, call_id: str, text: str) -> None:
        """A call reports how far it has come; that is no news by itself."""
        self._append(CallProgressed(call_id=call_id, text=text))

    def asks(self, call_id: str, question: str) -> None:
        """A call needs the user's consent."""
        self._append(CallQuestioned(call_id=call_id, question=question))
        self.post(ResultsArrived(call_ids=(call_id,)))

    def is_confirmed(self, call_id: str) -> None:
        """The user has consented."""
        self._append(CallConfirmed(call_id=call_id))

    def rings(self, label: str, *, reminder: bool = False) -> None:
        """An alarm, or a timer of five minutes, comes due."""
        alarm_id, due = self.conversation.next_alarm_id(), self._wall_seconds()
        duration = 0.0 if reminder else 300.0
        self._append(
            AlarmSet(alarm_id=alarm_id, due_wall_seconds=due, label=label, duration_seconds=duration, reminder=reminder)
        )
        self._append(AlarmRang(alarm_id=alarm_id))
        self.post(AlarmsRang(alarm_ids=(alarm_id,)))

    def is_given(self, task: str, given: str) -> None:
        """The dialogue is a child's, which is to do `task`; only `given` is known to it."""
        self._append(ContextOpened(parent=ROOT, call_id="c1", task=task, given=given))
        self.machine = Machine(state=State.GENERATING, turn=1)
        self._begin_reply(1)

    def post(self, event: Event) -> None:
        """Let an event happen, and all that the machine makes of it."""
        self._inbox.post(event)
        while (taken := self._inbox.take(self.machine)) is not None:
            self.machine, wanted = step(self.machine, taken)
            for effect in wanted:
                self._perform(effect)

    def _perform(self, effect: effects.Effect) -> None:
        match effect:
            case effects.RecordUserTurn(text=text, typed=typed):
                self._append(UserSaid(text=text, typed=typed))
            case effects.StartReply(turn=turn):
                self._begin_reply(turn)
            case effects.CancelReply(turn=turn):
                self._end_reply(turn, interrupted=True)
            case effects.FinishReply(turn=turn):
                self._end_reply(turn, interrupted=False)
            case _:  # sound and speculation, which leave no trace in a conversation
                pass

    def _begin_reply(self, turn: int) -> None:
        calls = self.conversation.calls
        call_ids, alarm_ids = calls.news() + calls.questions(), self.conversation.rung_alarms()
        self._inbox.settle(call_ids=call_ids, alarm_ids=alarm_ids)
        self._append(ReplyStarted(turn=turn, call_ids=call_ids, alarm_ids=alarm_ids))
        self._prompt = self.conversation.messages()
        self._written = self._heard = ""

    def _end_reply(self, turn: int, *, interrupted: bool) -> None:
        heard = self._heard if interrupted else self._written
        self._append(ReplyEnded(turn=turn, generated=self._written, heard=heard, interrupted=interrupted))
        self._prompt = None

    def _append(self, entry: AnyEntry) -> None:
        record = Record(
            id=len(self.records) + 1,
            wall_seconds=self._wall_seconds(),
            boot_seconds=len(self.records) * _STEP_SECONDS,
            boot_id=_BOOT,
            context=self.context,
            entry=entry,
        )
        self.records.append(record)
        self.conversation.apply(record)

    def _wall_seconds(self) -> float:
        return _START_WALL_SECONDS + len(self.records) * _STEP_SECONDS
