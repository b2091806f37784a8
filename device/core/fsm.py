"""The dialogue's finite-state machine.

Theory of operation
-------------------
The machine is data: `TABLE` maps (state, kind of event) to the next state and the effects, in order. `step` looks the
rule up and is pure: the same machine and event always give the same machine and effects. There are no guards; where a
decision would be needed, the event is split instead (`TurnEnded`, `TurnWasEmpty`, `Backchannel`, `SilenceAsked`).

Four states are visible to the user: IDLE, LISTENING (the user has the floor), GENERATING (the model works, nothing is
audible yet) and EMITTING (the reply is being heard). Two refine them: a reply that is *held* under the user's voice,
before or after its first sound, until it is known whether the voice was an utterance.

Turns are numbered. Whatever starts or cancels a reply raises the number, and a turn's event that carries an older one
is dropped. That replaces every handshake with work that is being stopped.

Every pair of state and event is in exactly one of three places: TABLE; DEFERRED, the floor-taking events that the
inbox never hands out in that state because the holder outranks them; or IGNORED.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from device.core.effects import (
    CancelReply,
    CloseMicrophone,
    DiscardUtterance,
    DropSpeculation,
    Effect,
    EndUtterance,
    FinishReply,
    HoldPlayback,
    ListenOn,
    ListenOnce,
    Occasion,
    OpenMicrophone,
    ReadAhead,
    RecordDropped,
    RecordUserTurn,
    ResumePlayback,
    SayWords,
    ShutDown,
    Speculate,
    StartReply,
)
from device.core.events import (
    EVENT_TYPES,
    AlarmsRang,
    AudioLost,
    Backchannel,
    Called,
    Event,
    GlimpseFaded,
    Muted,
    PlaybackFinished,
    PlaybackStarted,
    Priority,
    ReplyFailed,
    ReplyWasEmpty,
    ResultsArrived,
    SayingAsked,
    ShutdownRequested,
    SilenceAsked,
    SpeechStarted,
    StopPressed,
    TalkPressed,
    TalkReleased,
    TextTyped,
    TurnEnded,
    TurnEvent,
    TurnPaused,
    TurnWasEmpty,
    Unmuted,
    VoiceGlimpsed,
    WordsHeard,
)


class State(Enum):
    """Where the dialogue is."""

    IDLE = "idle"
    LISTENING = "listening"
    GENERATING = "generating"
    EMITTING = "emitting"
    GENERATING_HELD = "generating, held"
    EMITTING_HELD = "emitting, held"

    @property
    def visible(self) -> "State":
        """The one of the four states that the user is shown: under the user's voice it is LISTENING."""
        return State.LISTENING if self in HELD else self

    @property
    def replying(self) -> bool:
        """Whether there is a reply under way, held back or not."""
        return self not in (State.IDLE, State.LISTENING)

    @property
    def yields_to_tasks(self) -> bool:
        """Whether tasks may think: while a reply is heard and while nobody speaks, else they would delay it."""
        return self in (State.IDLE, State.EMITTING)


HELD = frozenset({State.GENERATING_HELD, State.EMITTING_HELD})
"""The states in which the user's voice holds a reply back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine's whole memory: its state, the turn's number, and the priority of what the reply answers."""

    state: State = State.IDLE
    turn: int = 0
    answers: Priority = Priority.BACKGROUND

    @property
    def holder(self) -> Priority | None:
        """Whose floor it is: None if it is free."""
        if self.state is State.IDLE:
            return None
        if self.state is State.LISTENING or self.state in HELD:
            return Priority.USER
        return self.answers


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens: the next state, and the effects in order."""

    to: State
    effects: tuple[type[Effect], ...] = ()

    @property
    def starts_reply(self) -> bool:
        """Whether a reply begins."""
        return any(issubclass(effect, StartReply) for effect in self.effects)

    @property
    def raises_turn(self) -> bool:
        """Whether later events of the turn under way are to be dropped."""
        return self.starts_reply or CancelReply in self.effects


_ANSWER = (RecordUserTurn, StartReply)
_TAKE_OVER = (CancelReply, RecordUserTurn, StartReply)
_TAKE_OVER_FOR_ALARM = (CancelReply, StartReply)

IDLE, LISTENING, GENERATING, EMITTING = State.IDLE, State.LISTENING, State.GENERATING, State.EMITTING
GENERATING_HELD, EMITTING_HELD = State.GENERATING_HELD, State.EMITTING_HELD

_REPLYING = tuple(state for state in State if state.replying)

TABLE: dict[tuple[State, type[Event]], Rule] = {
    # Nobody has the floor.
    (IDLE, SpeechStarted): Rule(LISTENING),
    (IDLE, TurnEnded): Rule(GENERATING, _ANSWER),
    (IDLE, TextTyped): Rule(GENERATING, _ANSWER),
    (IDLE, AlarmsRang): Rule(GENERATING, (StartReply,)),
    (IDLE, ResultsArrived): Rule(GENERATING, (StartReply,)),
    (IDLE, SayingAsked): Rule(GENERATING, (SayWords,)),
    # The user has it. "Yeah" is an answer here, and "stop" is only remembered.
    (LISTENING, TurnEnded): Rule(GENERATING, _ANSWER),
    (LISTENING, Backchannel): Rule(GENERATING, _ANSWER),
    (LISTENING, SilenceAsked): Rule(IDLE, (DropSpeculation, RecordUserTurn)),
    (LISTENING, TurnWasEmpty): Rule(IDLE, (DropSpeculation,)),
    (LISTENING, TextTyped): Rule(GENERATING, (DiscardUtterance, *_ANSWER)),
    (LISTENING, StopPressed): Rule(IDLE, (DiscardUtterance, DropSpeculation)),
    (LISTENING, AudioLost): Rule(IDLE, (DiscardUtterance, DropSpeculation)),
    (LISTENING, GlimpseFaded): Rule(IDLE, (DropSpeculation,)),  # the reply that was held for it ended meanwhile
    (LISTENING, WordsHeard): Rule(LISTENING, (ReadAhead,)),
    # A pause may be the end: the reply is prepared, and thrown away as soon as other words are heard.
    (LISTENING, TurnPaused): Rule(LISTENING, (Speculate,)),
    # The model works; nothing is audible yet.
    (GENERATING, SpeechStarted): Rule(GENERATING_HELD, (HoldPlayback,)),
    (GENERATING, TurnEnded): Rule(GENERATING, _TAKE_OVER),
    (GENERATING, SilenceAsked): Rule(IDLE, (CancelReply, RecordUserTurn)),
    (GENERATING, TextTyped): Rule(GENERATING, _TAKE_OVER),
    (GENERATING, AlarmsRang): Rule(GENERATING, _TAKE_OVER_FOR_ALARM),
    (GENERATING, PlaybackStarted): Rule(EMITTING),
    (GENERATING, PlaybackFinished): Rule(IDLE, (FinishReply,)),
    (GENERATING, ReplyWasEmpty): Rule(IDLE, (FinishReply,)),
    (GENERATING, ReplyFailed): Rule(IDLE, (FinishReply,)),
    (GENERATING, StopPressed): Rule(IDLE, (CancelReply,)),
    # The reply is being heard.
    (EMITTING, SpeechStarted): Rule(EMITTING_HELD, (HoldPlayback,)),
    (EMITTING, VoiceGlimpsed): Rule(EMITTING_HELD, (HoldPlayback,)),
    (EMITTING, TurnEnded): Rule(GENERATING, _TAKE_OVER),
    (EMITTING, SilenceAsked): Rule(IDLE, (CancelReply, RecordUserTurn)),
    (EMITTING, TextTyped): Rule(GENERATING, _TAKE_OVER),
    (EMITTING, AlarmsRang): Rule(GENERATING, _TAKE_OVER_FOR_ALARM),
    (EMITTING, PlaybackFinished): Rule(IDLE, (FinishReply,)),
    (EMITTING, ReplyFailed): Rule(IDLE, (CancelReply,)),
    (EMITTING, StopPressed): Rule(IDLE, (CancelReply,)),
    (EMITTING, AudioLost): Rule(IDLE, (CancelReply,)),
    # The user's voice came before the first sound; the model goes on working.
    (GENERATING_HELD, TurnEnded): Rule(GENERATING, _TAKE_OVER),
    (GENERATING_HELD, SilenceAsked): Rule(IDLE, (CancelReply, RecordUserTurn)),
    (GENERATING_HELD, Backchannel): Rule(GENERATING, (ResumePlayback,)),
    (GENERATING_HELD, TurnWasEmpty): Rule(GENERATING, (ResumePlayback,)),
    (GENERATING_HELD, TextTyped): Rule(GENERATING, (DiscardUtterance, *_TAKE_OVER)),
    (GENERATING_HELD, PlaybackStarted): Rule(EMITTING_HELD),
    (GENERATING_HELD, PlaybackFinished): Rule(LISTENING, (FinishReply,)),
    (GENERATING_HELD, ReplyWasEmpty): Rule(LISTENING, (FinishReply,)),
    (GENERATING_HELD, ReplyFailed): Rule(LISTENING, (FinishReply,)),
    (GENERATING_HELD, StopPressed): Rule(IDLE, (DiscardUtterance, CancelReply)),
    (GENERATING_HELD, AudioLost): Rule(GENERATING, (DiscardUtterance, ResumePlayback)),
    # The reply is paused under the user's voice.
    (EMITTING_HELD, TurnEnded): Rule(GENERATING, _TAKE_OVER),
    (EMITTING_HELD, SilenceAsked): Rule(IDLE, (CancelReply, RecordUserTurn)),
    (EMITTING_HELD, Backchannel): Rule(EMITTING, (ResumePlayback,)),
    (EMITTING_HELD, TurnWasEmpty): Rule(EMITTING, (ResumePlayback,)),
    (EMITTING_HELD, GlimpseFaded): Rule(EMITTING, (ResumePlayback,)),
    (EMITTING_HELD, TextTyped): Rule(GENERATING, (DiscardUtterance, *_TAKE_OVER)),
    (EMITTING_HELD, PlaybackFinished): Rule(LISTENING, (FinishReply,)),
    (EMITTING_HELD, ReplyFailed): Rule(LISTENING, (CancelReply,)),
    (EMITTING_HELD, StopPressed): Rule(IDLE, (DiscardUtterance, CancelReply)),
    (EMITTING_HELD, AudioLost): Rule(IDLE, (DiscardUtterance, CancelReply)),
    # The user takes the floor before saying a word, by the button or by the agent's name; a reply ends at once.
    **{(state, TalkPressed): Rule(LISTENING, (ListenOn,)) for state in (IDLE, LISTENING)},
    **{(state, Called): Rule(LISTENING, (ListenOnce,)) for state in (IDLE, LISTENING)},
    **{(state, TalkPressed): Rule(LISTENING, (CancelReply, ListenOn)) for state in _REPLYING},
    **{(state, Called): Rule(LISTENING, (CancelReply, ListenOnce)) for state in _REPLYING},
    (LISTENING, TalkReleased): Rule(LISTENING, (EndUtterance,)),
    # The microphone: what it was hearing is forgotten; a reply is spoken to its end.
    **{(state, Muted): Rule(state, (CloseMicrophone,)) for state in (IDLE, GENERATING, EMITTING)},
    (LISTENING, Muted): Rule(IDLE, (DiscardUtterance, DropSpeculation, CloseMicrophone)),
    (GENERATING_HELD, Muted): Rule(GENERATING, (DiscardUtterance, ResumePlayback, CloseMicrophone)),
    (EMITTING_HELD, Muted): Rule(EMITTING, (DiscardUtterance, ResumePlayback, CloseMicrophone)),
    **{(state, Unmuted): Rule(state, (OpenMicrophone,)) for state in State},
    # The end, from anywhere.
    (IDLE, ShutdownRequested): Rule(IDLE, (ShutDown,)),
    (LISTENING, ShutdownRequested): Rule(IDLE, (DiscardUtterance, DropSpeculation, ShutDown)),
    **{(state, ShutdownRequested): Rule(IDLE, (CancelReply, ShutDown)) for state in (GENERATING, EMITTING)},
    **{
        (state, ShutdownRequested): Rule(IDLE, (DiscardUtterance, CancelReply, ShutDown))
        for state in (GENERATING_HELD, EMITTING_HELD)
    },
}
"""The machine."""

DEFERRED: frozenset[tuple[State, type[Event]]] = frozenset(
    {(state, AlarmsRang) for state in (LISTENING, GENERATING_HELD, EMITTING_HELD)}
    | {(state, event) for state in State if state is not IDLE for event in (ResultsArrived, SayingAsked)}
)
"""Pairs that wait in the inbox until the floor is free."""

IGNORED: frozenset[tuple[State, type[Event]]] = frozenset(
    {(IDLE, event) for event in (Backchannel, TurnWasEmpty, SilenceAsked, StopPressed, AudioLost)}
    # A turn that has ended raises its number only with the next reply, so late events of it may still match.
    | {(state, event) for state in (IDLE, LISTENING) for event in EVENT_TYPES if issubclass(event, TurnEvent)}
    | {(state, SpeechStarted) for state in (LISTENING, GENERATING_HELD, EMITTING_HELD)}
    | {(state, event) for state in (GENERATING, EMITTING) for event in (Backchannel, TurnWasEmpty)}
    # Only what is being heard is held at a glimpse.
    | {(state, VoiceGlimpsed) for state in State if state is not EMITTING}
    | {(state, GlimpseFaded) for state in State if state not in (LISTENING, EMITTING_HELD)}
    # Only who has the floor is prepared for, and can let go of it.
    | {(state, event) for state in State if state is not LISTENING for event in (WordsHeard, TurnPaused, TalkReleased)}
    # Thinking needs no loudspeaker: the reply waits for the device's return.
    | {(GENERATING, AudioLost)}
    | {(state, PlaybackStarted) for state in (EMITTING, EMITTING_HELD)}
    | {(state, ReplyWasEmpty) for state in (EMITTING, EMITTING_HELD)}
)
"""Pairs in which nothing is to be done."""


def step(machine: Machine, event: Event) -> tuple[Machine, tuple[Effect, ...]]:
    """The machine after `event`, and what is to be done, in order.

    Raises ValueError for a pair that the inbox must not hand out (DEFERRED).
    """
    if isinstance(event, TurnEvent) and event.turn != machine.turn:
        late = Occasion(event=event, turn_before=machine.turn, turn_after=machine.turn)
        return machine, (RecordDropped.of(late),)
    pair = (machine.state, type(event))
    rule = TABLE.get(pair)
    if rule is None:
        if pair in IGNORED:
            return machine, ()
        raise ValueError(f"{type(event).__name__} must wait while the machine is {machine.state.name}")
    turn = machine.turn + rule.raises_turn
    occasion = Occasion(event=event, turn_before=machine.turn, turn_after=turn)
    answers = event.priority if rule.starts_reply else machine.answers
    after = replace(machine, state=rule.to, turn=turn, answers=answers)
    return after, tuple(effect.of(occasion) for effect in rule.effects)


def diagram() -> str:
    """The machine as a Mermaid state diagram, drawn from TABLE."""
    arrows: dict[tuple[State, State], list[str]] = {}
    for (state, event), rule in TABLE.items():
        if event is not ShutdownRequested and not (event in (Muted, Unmuted) and rule.to is state):
            arrows.setdefault((state, rule.to), []).append(event.__name__)
    lines = ["stateDiagram-v2", "    [*] --> IDLE"]
    for (state, to), events in arrows.items():
        lines.append(f"    {state.name} --> {to.name}: {', '.join(events)}")
    return "\n".join(lines)


def listing() -> str:
    """The machine as a Markdown table of every pair that does something, drawn from TABLE."""
    lines = ["| in state | on event | goes to | and does |", "|---|---|---|---|"]
    lines += [
        f"| {row['state']} | {row['event']} | {row['to']} | {', '.join(row['effects']) or '—'} |" for row in rows()
    ]
    return "\n".join(lines)


def rows() -> list[dict[str, Any]]:
    """Every pair that does something, by the names of what it is made of."""
    return [
        {
            "state": state.name,
            "event": event.__name__,
            "to": rule.to.name,
            "effects": [effect.__name__ for effect in rule.effects],
        }
        for (state, event), rule in TABLE.items()
    ]
