"""Hearing somebody who talks over a reply.

A voice detector finds a voice late there or not at all: a canceller takes the voice away together with the echo. So a
model of the echo watches every 10 ms (`device.runtime.glimpses`). From the first glimpse on until the utterance is
over, what is heard is not what the canceller leaves but what the model does (`device.runtime.sharpened`), and whether
it may be the echo after all is told by that model.
"""

from collections import deque
from collections.abc import Iterator

from device.core.early_hold import Glimpse
from device.core.endpointing import Doubt
from device.ports import Samples
from device.runtime.asking import UnderWay
from device.runtime.echo import Cleaned, EchoRemover
from device.runtime.glimpses import Glimpses
from device.runtime.levels import level_db
from device.runtime.sharpened import Sharpener
from device.runtime.stillness import Stillness

FAINTLY_HEARD = 0.25
"""Steady noise is speech with a probability of 0.16 at most, by the voice detector."""

TAKEN_DB = 15.0
WITNESSED_WINDOWS = 2
"""A voice leaves the canceller weakened by less than this in so many windows, soon after the reply is held."""

REMEMBERED_WINDOWS = 3
"""So much of what was heard is heard once more when a voice is glimpsed: it began somewhat earlier."""


class OverReply:
    """Give it all sound, first by `watch`, then window by window by `heard` and `sharpened`; on the loop's thread."""

    def __init__(self, echo: EchoRemover, voice: Stillness, under_way: UnderWay) -> None:
        self._echo = echo
        self._voice = voice
        self._under_way = under_way
        self._glimpses = Glimpses(modelled=echo.models)
        self._sharpener = Sharpener()
        self._left: deque[Samples] = deque(maxlen=REMEMBERED_WINDOWS)
        self._witnessed_windows = 0

    @property
    def spoken(self) -> bool:
        """Whether somebody speaks over a reply, or may, and is heard by the echo's model."""
        utterance = self._under_way.utterance
        over_reply = self._glimpses.holding or (utterance is not None and utterance.over_reply)
        return over_reply and self._glimpses.modelled

    @property
    def holding(self) -> bool:
        """Whether a glimpse waits to be judged."""
        return self._glimpses.holding

    @property
    def _sure(self) -> bool:
        """Whether what is heard can be no echo, by the model and by the canceller: each errs at times, but in other
        rooms, and the canceller takes an echo away whole where the model does not know it.
        """
        return self._glimpses.sure and self._witnessed_windows >= WITNESSED_WINDOWS

    def watch(self, cleaned: Cleaned, *, expecting: bool) -> Iterator[Glimpse]:
        """What the next sound decides while nobody's utterance is under way; `expecting`: the voice detector may be
        hearing the beginning of one.
        """
        levels = self._glimpses.levels(cleaned)
        if not self._under_way.nobody:
            return
        likely = expecting and (self._sure or not self._glimpses.modelled)
        yield from self._glimpses.look(levels, own_sound=cleaned.own_sound, voice_likely=likely)

    def keep_in_step(self) -> None:
        """The echo is not learnt while somebody speaks over it; to be called after every stretch of sound."""
        self._echo.learning = not self.spoken

    def hear_anew(self, recent: "deque[Samples]") -> None:
        """A voice was glimpsed: what was heard last, the end of `recent`, is heard once more as the echo's model left
        it, and the detector forgets the reply, of which it heard so little that it takes long to believe in a voice.
        """
        if not self._glimpses.modelled:
            return
        self._witnessed_windows = 0
        for number, left in enumerate(reversed(self._left), 1):
            if number <= len(recent):
                recent[-number] = left
        self._voice.forget()
        for window in self._left:
            self._voice.probability(self._sharpener.window(window), level_db(window), awake=True)

    def heard(self, window: Samples, left: Samples) -> Samples:
        """The next window as it is to be recognized: as the canceller left it, or as the model did."""
        self._left.append(left)
        if self._glimpses.stands_out and level_db(window) > level_db(left) - TAKEN_DB:
            self._witnessed_windows += 1
        return left if self.spoken else window

    def sharpened(self, window: Samples, level: float, *, own_sound: bool) -> Samples:
        """That window as the voice detector is to hear it; `level` is that of the sound before any amplification."""
        if self.spoken and self._under_way.utterance is None:
            return self._sharpener.window(window)
        self._sharpener.pass_by(window, level, own_sound=own_sound)
        return window

    def probability(self, heard: float, *, begins: float, goes_on: float) -> float:
        """How likely somebody speaks, by the detector (`heard`) and the model together.

        In a room that rings the detector loses a voice after its first syllable. What stands out of the echo goes on,
        and is even believed to begin where the detector hears it faintly.
        """
        if not (self.spoken and self._glimpses.stands_out and self._sure):
            return heard
        return max(heard, begins if heard >= FAINTLY_HEARD else goes_on)

    def may_be_echo(self, *, own_sound: bool) -> bool:
        """By the model of the echo, whatever time has passed: the card's way may be long, and the room ring on."""
        return (own_sound or self.spoken) and not self._sure

    def doubt(self, *, own_sound: bool, hold_early: bool) -> Doubt:
        """Whether what sounds like a voice may be the echo."""
        if not self.may_be_echo(own_sound=own_sound):
            return Doubt.NONE
        if self._glimpses.holding and not self._glimpses.modelled:
            return Doubt.ECHO
        return Doubt.FAINT_ECHO if hold_early else Doubt.ECHO

    def begins(self, *, own_sound: bool) -> tuple[bool, bool]:
        """An utterance begins, so that the glimpse is settled: whether it is over a reply, and surely no echo."""
        over_reply = own_sound or self.spoken
        clear = not over_reply or (self._sure if self._glimpses.modelled else self._glimpses.clear)
        self._glimpses.settle()
        return over_reply, clear

    def settle(self) -> None:
        """It is known by other means what the glimpse was, or nobody wants to know."""
        self._glimpses.settle()

    def restart(self) -> None:
        """What comes next does not follow on what came before."""
        self._glimpses.restart()
