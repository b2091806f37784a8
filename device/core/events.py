"""Everything that happens, as frozen values in the past tense.

An event enters the inbox (`device.core.inbox`), leaves it by priority, and is one argument of the machine's pure
step (`device.core.fsm`). Its class says which priority it has and whether it may wait for the floor:

* A *floor-taking* event asks to start a reply of its own. It waits while something that it does not outrank holds
  the floor, and those of one kind that wait together are merged into one.
* A *turn's* event belongs to one numbered turn. An interruption raises the machine's number, and a turn's event that
  carries an older one is recorded and dropped.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Self


class Priority(IntEnum):
    """Who may take the floor from whom; a lower number outranks a higher one."""

    CONTROL = 0
    USER = 1
    ALARM = 2
    RESULT = 3
    BACKGROUND = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened."""

    priority: ClassVar[Priority] = Priority.BACKGROUND
    takes_floor: ClassVar[bool] = False

    def merged(self, later: Self) -> Self:
        """One event for both: the earlier one and a later one of its kind that waited with it."""
        raise NotImplementedError(f"{type(self).__name__} does not wait for the floor")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEvent(Event):
    """Something that happened to one numbered turn."""

    turn: int


# --- CONTROL -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPressed(Event):
    """The stop button was pressed, or its like over the control socket."""

    priority = Priority.CONTROL


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownRequested(Event):
    """The agent was asked to end."""

    priority = Priority.CONTROL


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted(Event):
    """The microphone is to be closed; the loudspeaker stays."""

    priority = Priority.CONTROL


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmuted(Event):
    """The microphone is to be open again."""

    priority = Priority.CONTROL


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkPressed(Event):
    """The talk button went down: what is said until it goes up is one utterance, and silences a reply at once."""

    priority = Priority.CONTROL


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkReleased(Event):
    """The talk button went up: the utterance ends here."""

    priority = Priority.CONTROL


@dataclass(frozen=True, slots=True, kw_only=True)
class Called(Event):
    """The user called for attention and has said nothing yet: the wake word alone, or a tap on the button."""

    priority = Priority.USER


# --- USER --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStarted(Event):
    """The voice activity detector heard the user begin."""

    priority = Priority.USER


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceGlimpsed(Event):
    """Something that may be the user's voice began over the reply; SpeechStarted or GlimpseFaded follows soon."""

    priority = Priority.USER


@dataclass(frozen=True, slots=True, kw_only=True)
class GlimpseFaded(Event):
    """What may have been the user's voice was none."""

    priority = Priority.USER


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsHeard(Event):
    """The user is speaking, and has surely said these words so far.

    `perhaps_all` is what was recognized with the last word, which may be cut short, if that might be a whole turn.
    """

    text: str
    perhaps_all: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPaused(Event):
    """The user paused after these words; that may have been all."""

    priority = Priority.USER
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnded(Event):
    """The user finished an utterance that asks for a reply."""

    priority = Priority.USER
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnWasEmpty(Event):
    """What began as speech held no words: a cough, a door, noise."""

    priority = Priority.USER


@dataclass(frozen=True, slots=True, kw_only=True)
class Backchannel(Event):
    """The user only said that they listen ("mhm", "yeah")."""

    priority = Priority.USER
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceAsked(Event):
    """The user said nothing but "stop", "be quiet" or the like."""

    priority = Priority.USER
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTyped(Event):
    """The user typed a message."""

    priority = Priority.USER
    text: str


# --- ALARM, RESULT -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmsRang(Event):
    """Timers came due; their entries are in the ledger already."""

    priority = Priority.ALARM
    takes_floor = True
    alarm_ids: tuple[str, ...]

    def merged(self, later: Self) -> Self:
        """Both events' alarms, each once."""
        return type(self)(alarm_ids=tuple(dict.fromkeys(self.alarm_ids + later.alarm_ids)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsArrived(Event):
    """Tool calls ended, well or badly; their results are in the ledger already."""

    priority = Priority.RESULT
    takes_floor = True
    call_ids: tuple[str, ...]

    def merged(self, later: Self) -> Self:
        """Both events' calls, each once."""
        return type(self)(call_ids=tuple(dict.fromkeys(self.call_ids + later.call_ids)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SayingAsked(Event):
    """Somebody wants the agent to say these words, as they are, when the floor is free."""

    priority = Priority.RESULT
    takes_floor = True
    text: str

    def merged(self, later: Self) -> Self:
        """Both events' words, a line each."""
        return type(self)(text=f"{self.text}\n{later.text}")


# --- the reply that holds the floor ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackStarted(TurnEvent):
    """The first sample of the turn's reply was handed to the sound device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackFinished(TurnEvent):
    """The last sample of the turn's whole reply was handed to the sound device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWasEmpty(TurnEvent):
    """The model ended its message without a word to speak (it may have called tools)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFailed(TurnEvent):
    """Generation or synthesis failed before the reply was finished."""

    reason: str


# --- the sound device --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioLost(Event):
    """The sound device vanished; what it was playing was heard up to here."""

    priority = Priority.CONTROL
    reason: str


EVENT_TYPES: tuple[type[Event], ...] = (
    StopPressed,
    ShutdownRequested,
    Muted,
    Unmuted,
    TalkPressed,
    TalkReleased,
    Called,
    SpeechStarted,
    VoiceGlimpsed,
    GlimpseFaded,
    WordsHeard,
    TurnPaused,
    TurnEnded,
    TurnWasEmpty,
    Backchannel,
    SilenceAsked,
    TextTyped,
    AlarmsRang,
    ResultsArrived,
    SayingAsked,
    PlaybackStarted,
    PlaybackFinished,
    ReplyWasEmpty,
    ReplyFailed,
    AudioLost,
)
"""Every kind of event, in the order of the tables that are drawn of them."""
