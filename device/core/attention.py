"""Who is listened to, and when: always, after the agent's name, or after the button; pure, time is a count of samples.

An utterance is *listened to* while the agent attends, which it does

* always, if that is the way,
* for a while after it was called: by the wake word alone, or by a tap on the button,
* where the wake word is the way, while it replies and for a while after that, so that nobody has to repeat its name.
  Without such a follow-up not even a reply is interrupted by what lacks the name, whoever speaks on television.

At other times it is only searched for the wake word, or not heard at all where the button is the way.
"""

from dataclasses import dataclass, field
from enum import Enum

SAMPLES_PER_SECOND = 16_000


class Way(Enum):
    """How the user begins."""

    ALWAYS = "always"
    WAKE_WORD = "wake-word"
    BUTTON = "button"


class Heed(Enum):
    """What is done with an utterance."""

    LISTEN = "it is for the agent"
    SPOT = "it is searched for the wake word"
    NOTHING = "it is not heard"


_UNATTENDED = {Way.ALWAYS: Heed.LISTEN, Way.WAKE_WORD: Heed.SPOT, Way.BUTTON: Heed.NOTHING}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionOptions:
    """`patience_seconds` are waited for the first word of one who called; `follow_up_seconds` is how long after a reply
    no wake word is needed.
    """

    way: Way = Way.ALWAYS
    patience_seconds: float = 8.0
    follow_up_seconds: float = 6.0


@dataclass(slots=True)
class Attention:
    """Tell it what happens, at which sample; ask it what the next utterance is."""

    options: AttentionOptions = field(default_factory=AttentionOptions)
    _called_until: int | None = None
    _follow_up_until: int = 0
    _replying: bool = False

    def heed(self, now: int) -> Heed:
        """What an utterance is that begins now."""
        called = self._called_until is not None and now < self._called_until
        if called or (self._follows_up and (self._replying or now < self._follow_up_until)):
            return Heed.LISTEN
        return _UNATTENDED[self.options.way]

    def call(self, now: int) -> None:
        """The user called and is about to speak."""
        self._called_until = now + round(self.options.patience_seconds * SAMPLES_PER_SECOND)

    def gives_up(self, now: int) -> bool:
        """Whether the user called and then said nothing for too long; true once."""
        if self._called_until is None or now < self._called_until:
            return False
        self._called_until = None
        return True

    def answer(self, now: int) -> None:
        """The user has said something."""
        self._called_until = None
        self._follow_up(now)

    def dismiss(self) -> None:
        """The user wants no more: whoever called is not waited for."""
        self._called_until = None

    def reply(self, now: int, *, under_way: bool) -> None:
        """Whether a reply is under way."""
        if self._replying and not under_way:
            self._follow_up(now)
        self._replying = under_way

    @property
    def _follows_up(self) -> bool:
        return self.options.way is Way.WAKE_WORD and self.options.follow_up_seconds > 0

    def _follow_up(self, now: int) -> None:
        self._follow_up_until = now + round(self.options.follow_up_seconds * SAMPLES_PER_SECOND)
