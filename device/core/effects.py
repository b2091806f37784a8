"""Everything that the machine can ask for, as frozen values in the imperative.

Each kind knows how it is made from the event that asked for it (`of`), so that the machine's table can name effects
by their class alone.
"""

from dataclasses import dataclass
from typing import Self

from device.core.events import (
    Backchannel,
    Called,
    Event,
    Priority,
    SayingAsked,
    SilenceAsked,
    TalkPressed,
    TextTyped,
    TurnEnded,
    TurnEvent,
    TurnPaused,
    WordsHeard,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What an effect is made from: the event, the number of the turn it found and of the turn it leaves."""

    event: Event
    turn_before: int
    turn_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something to do."""

    @classmethod
    def of(cls, occasion: Occasion) -> Self:
        """The effect that `occasion` asks for."""
        del occasion
        return cls()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUserTurn(Effect):
    """Remember what the user said or typed."""

    text: str
    typed: bool

    @classmethod
    def of(cls, occasion: Occasion) -> Self:
        """From any event that carries the user's words."""
        event = occasion.event
        if not isinstance(event, (TurnEnded, TextTyped, SilenceAsked, Backchannel)):
            raise TypeError(f"{type(event).__name__} carries no words of the user")
        return cls(text=event.text, typed=isinstance(event, TextTyped))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAhead(Effect):
    """Let the model read the first words of what the user is saying, or prepare the reply to `perhaps_all`."""

    text: str
    perhaps_all: str = ""

    @classmethod
    def of(cls, occasion: Occasion) -> Self:
        """From the words that are sure."""
        if not isinstance(occasion.event, WordsHeard):
            raise TypeError(f"{type(occasion.event).__name__} carries no first words")
        return cls(text=occasion.event.text, perhaps_all=occasion.event.perhaps_all)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speculate(Effect):
    """Prepare the reply to `text` in case it is all that the user says; nobody hears or remembers of it yet."""

    text: str

    @classmethod
    def of(cls, occasion: Occasion) -> Self:
        """From the words before a pause."""
        if not isinstance(occasion.event, TurnPaused):
            raise TypeError(f"{type(occasion.event).__name__} is no pause")
        return cls(text=occasion.event.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropSpeculation(Effect):
    """Throw the prepared reply away without a trace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReply(Effect):
    """Generate and speak a reply to everything that is pending, as turn `turn`."""

    turn: int
    priority: Priority

    @classmethod
    def of(cls, occasion: Occasion) -> Self:
        """The reply's priority is that of the event it answers."""
        return cls(turn=occasion.turn_after, priority=occasion.event.priority)


@dataclass(frozen=True, slots=True, kw_only=True)
class SayWords(StartReply):
    """Speak these words, as they are, as turn `turn`."""

    text: str

    @classmethod
    def of(cls, occasion: Occasion) -> Self:
        """From the words that are to be said."""
        if not isinstance(occasion.event, SayingAsked):
            raise TypeError(f"{type(occasion.event).__name__} asks for no words")
        return cls(turn=occasion.turn_after, priority=occasion.event.priority, text=occasion.event.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelReply(Effect):
    """Stop generating and speaking turn `turn` at once, and remember exactly what was heard of it.

    With `answer_later`, what it was to answer is still to be answered if nothing of it was heard.
    """

    turn: int
    answer_later: bool = False

    @classmethod
    def of(cls, occasion: Occasion) -> Self:
        """The turn that was under way when the event came; who goes on talking takes nothing back."""
        goes_on = isinstance(occasion.event, (TurnEnded, TextTyped, TalkPressed, Called))
        return cls(turn=occasion.turn_before, answer_later=goes_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishReply(Effect):
    """Remember that turn `turn` came to its own end."""

    turn: int

    @classmethod
    def of(cls, occasion: Occasion) -> Self:
        """The turn that was under way when the event came."""
        return cls(turn=occasion.turn_before)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlayback(Effect):
    """Pause the reply at the sample where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePlayback(Effect):
    """Go on with the reply at the sample where it was paused; the user `said` no more than a word to show that they
    listen, or to answer before it was over.
    """

    said: str = ""

    @classmethod
    def of(cls, occasion: Occasion) -> Self:
        """From whatever gives the floor back."""
        event = occasion.event
        return cls(said=event.text if isinstance(event, Backchannel) else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardUtterance(Effect):
    """Forget what the user is saying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenOnce(Effect):
    """Listen for the utterance that the user is about to begin, for as long as the options say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenOn(Effect):
    """Listen until EndUtterance, whatever is heard: all of it is one utterance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndUtterance(Effect):
    """The utterance ends here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseMicrophone(Effect):
    """Hear nothing from now on; the loudspeaker goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMicrophone(Effect):
    """Hear again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDropped(Effect):
    """Remember that an event of an overtaken turn was ignored."""

    event: str
    turn: int

    @classmethod
    def of(cls, occasion: Occasion) -> Self:
        """From the late event."""
        event = occasion.event
        return cls(event=type(event).__name__, turn=event.turn if isinstance(event, TurnEvent) else -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutDown(Effect):
    """End the agent."""
