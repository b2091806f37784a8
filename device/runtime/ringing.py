"""An alarm that rings until somebody heeds it: a tone, and its notice said again after a while, so many times.

Rules:
* It begins when its notice takes the floor, and rings again only while nobody has it; so never into an utterance.
* Whatever the user does ends it: words, a button, a command. A sound that was no words does not, nor does anything
  before the alarm was told: if it came due while the user spoke, the answer tells it, and that it does not ring yet.
* It belongs to this run. For the ledger an alarm rings once, and what is said again is said on request.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from device.core.context import Conversation
from device.core.earcons import Earcon
from device.core.events import (
    AlarmsRang,
    Backchannel,
    Called,
    Event,
    Muted,
    SayingAsked,
    SilenceAsked,
    StopPressed,
    TalkPressed,
    TalkReleased,
    TextTyped,
    TurnEnded,
    Unmuted,
)
from device.core.fsm import Machine, State
from device.runtime.chimes import chime
from device.runtime.playback import Playback

LOOK_AGAIN_SECONDS = 1.0
"""If somebody has the floor when it is to ring again, it waits for so long each time."""

_HEEDED = (
    StopPressed,
    Muted,
    Unmuted,
    TalkPressed,
    TalkReleased,
    Called,
    TurnEnded,
    Backchannel,
    SilenceAsked,
    TextTyped,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RingOptions:
    """The tone's `volume` (0 to 1), how many times it rings again, and after how long each time."""

    volume: float
    repeats: int
    every_seconds: float


class Ringing:
    """Rings what comes due: observe the loop with `follow`, in time before any other sound begins."""

    def __init__(
        self,
        options: RingOptions,
        *,
        playback: Playback,
        conversation: Conversation,
        post: Callable[[Event], None],
        calm: Callable[[], bool],
    ) -> None:
        """`calm`: whether nobody has the floor or asks for it."""
        self.options = options
        self._playback = playback
        self._conversation = conversation
        self._post = post
        self._calm = calm
        self._due: set[str] = set()
        self._ringing: dict[str, None] = {}
        self._left = 0
        self._timer: asyncio.TimerHandle | None = None

    def due(self, alarm_ids: tuple[str, ...]) -> None:
        """These came due, and will be told."""
        self._due.update(alarm_ids)

    def follow(self, before: Machine, event: Event, after: Machine) -> None:
        """A step was taken."""
        del before
        if isinstance(event, AlarmsRang):
            self._due.update(event.alarm_ids)
            self._sound()
            self._begin()
        elif isinstance(event, _HEEDED):
            self.end()
        elif after.state.visible is State.LISTENING:
            self._playback.hush()
        if (
            self._due
            and self._conversation.open_turn is None
            and self._due.isdisjoint(self._conversation.rung_alarms())
        ):
            self._begin()  # they were told in an answer

    def end(self) -> None:
        """Be silent about all that rings."""
        self._ringing.clear()
        self._playback.hush()
        if self._timer is not None:
            self._timer.cancel()

    def _begin(self) -> None:
        if not self._due.issubset(self._ringing):
            self._left = self.options.repeats
        self._ringing.update(dict.fromkeys(sorted(self._due)))
        self._due.clear()
        self._wait(self.options.every_seconds)

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._left > 0:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._again)
        else:
            self._ringing.clear()

    def _again(self) -> None:
        if not self._calm():
            self._wait(LOOK_AGAIN_SECONDS)
            return
        self._left -= 1
        words, _ = self._conversation.told_as_is((), tuple(self._ringing))
        if words:
            self._sound()
            self._post(SayingAsked(text=words))
        self._wait(self.options.every_seconds)

    def _sound(self) -> None:
        volume = self.options.volume
        self._playback.ring(lambda rate_hz: chime(Earcon.ALARM, volume=volume, rate_hz=rate_hz), alone=True)
