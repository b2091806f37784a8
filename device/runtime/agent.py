"""A whole agent, as its owner sees it: where it lives, and whether it is at rest.

Which sound device, voice and state directory it has is its `Surroundings`, so that a microphone, a recording and a
keyboard all go through the same machine. `device.runtime.assembly` puts it together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from device.config import Config
from device.core.fsm import State
from device.ports import AudioDevice
from device.runtime.alarms import AlarmService
from device.runtime.capture import Capture
from device.runtime.child import Home
from device.runtime.contexts import Contexts
from device.runtime.dialogue import Dialogue
from device.runtime.dispatcher import Dispatcher
from device.runtime.faculties import Faculties
from device.runtime.loop import Loop
from device.runtime.marks import Marks
from device.runtime.playback import Playback
from device.runtime.recorded_input import RecordedInput
from device.runtime.values import LedgerValues


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where an agent lives.

    `sound` is its sound device, None for none; without one, or when `show` is given, replies are shown instead of
    spoken. `fresh` starts a new conversation. An `unpaced` device waits while the agent computes, as if the machine
    were infinitely fast. `control` is where the socket is made over which commands reach it, None for nowhere.
    Where it `echoes`, the microphone hears the loudspeaker.
    """

    config: Config
    state_directory: Path
    sound: AudioDevice | None = None
    show: Callable[[str], None] | None = None
    fresh: bool = False
    unpaced: bool = False
    control: Path | None = None
    echoes: bool = False


@dataclass(kw_only=True, eq=False)
class Agent:
    """A whole agent, loaded and connected; made by `assemble`."""

    surroundings: Surroundings
    faculties: Faculties
    loop: Loop
    dispatcher: Dispatcher
    dialogue: Dialogue
    marks: Marks
    home: Home
    contexts: Contexts
    alarms: AlarmService
    values: LedgerValues
    recorded: RecordedInput
    capture: Capture | None = None
    playback: Playback | None = None

    async def run(self) -> None:
        """Live until a ShutdownRequested is posted."""
        await self.loop.run()

    @property
    def settled(self) -> bool:
        """Whether nothing is going on, and nothing is going to happen by itself but alarms."""
        return (
            self.loop.machine.state is State.IDLE
            and len(self.loop.inbox) == 0
            and not self.dispatcher.replying
            and not self.home.runner.open_calls()
            and not (self.capture is not None and self.capture.in_speech)
        )

    def wants_time(self) -> bool:
        """Whether the agent computes something before its next sound; an unpaced device waits for that."""
        if self.capture is not None and self.capture.busy:
            return True
        quiet = self.playback is None or not self.playback.has_samples
        return quiet and (self.dispatcher.replying or self.loop.inbox.holds_for(self.loop.machine))
