"""What the agent shows of itself, on an LED or a screen; pure."""

from dataclasses import dataclass
from enum import Enum

from device.core.fsm import State


class Mode(Enum):
    """What it is about."""

    ASLEEP = "asleep"
    """It waits for the wake word or the button."""
    IDLE = "idle"
    """It attends; nobody speaks."""
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    MUTED = "muted"
    """The microphone is closed, and there is nothing else to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What is shown. `muted` holds in every mode: a reply is spoken to its end while the microphone is closed.

    `working` says whether calls or tasks go on in the background, `updating` whether a new version is being installed.
    """

    mode: Mode
    muted: bool = False
    working: bool = False
    updating: bool = False


_MODES = {State.LISTENING: Mode.LISTENING, State.GENERATING: Mode.THINKING, State.EMITTING: Mode.SPEAKING}


def presence(state: State, *, muted: bool, attends: bool, working: bool, updating: bool = False) -> Presence:
    """What is shown in `state`; `attends` is whether an utterance would be listened to now."""
    nobody_speaks = Mode.MUTED if muted else Mode.IDLE if attends else Mode.ASLEEP
    return Presence(mode=_MODES.get(state.visible, nobody_speaks), muted=muted, working=working, updating=updating)
