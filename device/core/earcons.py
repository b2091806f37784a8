"""Short sounds that say what words need not: which one goes with which step of the machine; pure.

An alarm's is none of a step: `device.runtime.ringing` has when it sounds.
"""

from enum import Enum

from device.core.events import Called, Event, Muted, ReplyFailed, TalkPressed, TurnEnded, Unmuted
from device.core.fsm import State


class Earcon(Enum):
    """What a sound means; its notes are pitches in Hz, one after the other, with 0 for a rest.

    They are high: the voice detector takes a pair of notes at the pitch of a voice for one.
    """

    READY = (660.0, 880.0)
    HEARD = (880.0,)
    MUTED = (784.0, 523.0)
    UNMUTED = (523.0, 784.0)
    ERROR = (988.0, 988.0)
    ALARM = (1319.0, 0.0, 1319.0, 0.0, 1319.0, 0.0, 0.0, 0.0) * 3


_OF_EVENTS: dict[type[Event], Earcon] = {
    Called: Earcon.READY,
    TalkPressed: Earcon.READY,
    Muted: Earcon.MUTED,
    Unmuted: Earcon.UNMUTED,
    ReplyFailed: Earcon.ERROR,
}


def earcon_of(event: Event, after: State) -> Earcon | None:
    """The sound of a step that `event` made; None for silence."""
    if isinstance(event, TurnEnded):
        return Earcon.HEARD if after is State.GENERATING else None
    return _OF_EVENTS.get(type(event))
