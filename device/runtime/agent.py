"""A whole agent, as its owner sees it: where it lives, and whether it is at rest.

Which sound device, voice and state directory it has is its `Surroundings`, so that a microphone, a recording and a
keyboard all go through the same machine. `device.runtime.assembly` puts it together.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from device.config import Config
from device.core.events import Called, Muted, StopPressed, TalkPressed, TalkReleased, Unmuted
from device.core.fsm import State
from device.core.presence import Presence, presence
from device.ports import AudioDevice, Board
from device.runtime.alarms import AlarmService
from device.runtime.capture import Capture
from device.runtime.child import Home
from device.runtime.contexts import Contexts
from device.runtime.dialogue import Dialogue
from device.runtime.dispatcher import Dispatcher
from device.runtime.faculties import Faculties
from device.runtime.insight import Insight
from device.runtime.listening import Listening
from device.runtime.loop import Loop
from device.runtime.marks import Marks
from device.runtime.playback import Playback
from device.runtime.recorded_input import RecordedInput
from device.runtime.reloading import Reloading
from device.runtime.troubles import Troubles
from device.runtime.values import LedgerValues
from device.runtime.voice_controls import VoiceSettings
from device.runtime.watchdog import Pulse


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where an agent lives.

    `sound` is its sound device, None for none; without one, or when `show` is given, replies are shown instead of
    spoken. `fresh` starts a new conversation. An `unpaced` device waits while the agent computes, as if the machine
    were infinitely fast. `control` is where the socket is made over which commands reach it, None for nowhere.
    Where it `echoes`, the microphone hears the loudspeaker. `reread` reads the configuration anew, blocking.
    """

    config: Config
    state_directory: Path
    sound: AudioDevice | None = None
    show: Callable[[str], None] | None = None
    fresh: bool = False
    unpaced: bool = False
    control: Path | None = None
    as_service: bool = False
    power_off: Callable[[], None] | None = None
    echoes: bool = False
    reread: Callable[[], Config] | None = None


@dataclass(kw_only=True, eq=False)
class Agent:
    """A whole agent, loaded and connected; made by `assemble`.

    What a button, a remote control or a key does to it are its methods; they are called on the loop's thread, from
    others through `Loop.call_threadsafe`.
    """

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
    listening: Listening
    insight: Insight
    reloading: Reloading
    capture: Capture | None = None
    playback: Playback | None = None
    board: Board | None = None
    pulses: dict[str, Pulse] = field(default_factory=dict)
    voice_controls: VoiceSettings | None = None
    troubles: Troubles = field(default_factory=Troubles)
    _watchers: list[Callable[[Presence], None]] = field(default_factory=list)
    _shown: Presence | None = None
    _updates: int = 0

    def __post_init__(self) -> None:
        self.loop.observe(lambda _, __, ___: self._show())
        self.listening.on_muted = self._show
        if self.capture is not None:
            self.capture.on_attention = self._show

    # --- what is done to it --------------------------------------------------------------------------------------

    def interrupt(self) -> None:
        """Stop the reply at once; what is being said to it is forgotten."""
        self.loop.post(StopPressed())

    @property
    def muted(self) -> bool:
        """Whether the microphone is closed, or about to be."""
        return self.listening.muted

    def mute(self) -> None:
        """Close the microphone, until `unmute` and even after a restart; the loudspeaker goes on."""
        if not self.muted:
            self.listening.muted = True
            self.loop.post(Muted())

    def unmute(self) -> None:
        """Open the microphone again."""
        if self.muted:
            self.listening.muted = False
            self.loop.post(Unmuted())

    def talk_begins(self) -> None:
        """Push to talk: end a reply, and listen until `talk_ends`. A mute stays one."""
        if not self.muted:
            self.loop.post(TalkPressed())

    def talk_ends(self) -> None:
        """The utterance that `talk_begins` began is over."""
        self.loop.post(TalkReleased())

    def talk_tapped(self) -> None:
        """Tap to talk: end a reply, and listen for one utterance. A mute stays one."""
        if not self.muted:
            self.loop.post(Called())

    def wake(self) -> None:
        """Do as if the wake word had been said alone."""
        self.talk_tapped()

    def update_begins(self) -> None:
        """A new version is being installed, until `update_ends`; meanwhile everything goes on."""
        self._updates += 1
        self._show()

    def update_ends(self) -> None:
        """It is installed, or was given up."""
        self._updates -= 1
        self._show()

    # --- what it shows -------------------------------------------------------------------------------------------

    @property
    def presence(self) -> Presence:
        """What an LED shows."""
        return presence(
            self.loop.machine.state,
            muted=self.muted,
            attends=self.capture is None or self.capture.attends,
            working=bool(self.home.runner.open_calls()),
            updating=self._updates > 0,
        )

    def watch(self, watcher: Callable[[Presence], None]) -> None:
        """Tell `watcher` of the presence now and whenever it changes, on the loop's thread."""
        self._watchers.append(watcher)
        watcher(self.presence)

    def _show(self) -> None:
        shown = self.presence
        if shown != self._shown:
            self._shown = shown
            for watcher in self._watchers:
                watcher(shown)

    # --- its life ------------------------------------------------------------------------------------------------

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
