"""How each owner of options in a running agent takes on new values of them; see `device.runtime.reloading`."""

from dataclasses import dataclass, replace

from device import logs
from device.config import Config
from device.config_live import Owner
from device.core.contexts import Limits
from device.ports import Sampling, Synthesizer
from device.runtime.capture import Capture
from device.runtime.child import Budget
from device.runtime.chimes import Chimes
from device.runtime.contexts import Contexts
from device.runtime.dispatcher import Dispatcher
from device.runtime.ears import CaptureOptions
from device.runtime.reloading import NeedsRestart, Reloading
from device.runtime.retention import Retention
from device.runtime.ringing import Ringing, RingOptions
from device.runtime.spotting import Spotter
from device.runtime.voice import Voice
from device.runtime.voice_spoken import SpokenVoice


@dataclass(frozen=True, kw_only=True)
class Owners:
    """The parts of an agent that own options, as far as they are there."""

    dispatcher: Dispatcher
    contexts: Contexts
    retention: Retention
    voice: Voice
    synthesizer: Synthesizer | None = None
    capture: Capture | None = None
    spotter: Spotter | None = None
    chimes: Chimes | None = None
    ringing: Ringing | None = None

    def register(self, reloading: Reloading) -> None:
        """Let them be told of new values."""
        reloading.own(Owner.LOG, lambda config: logs.use_level(config.logging.level))
        reloading.own(Owner.RETENTION, self._retention)
        reloading.own(Owner.REPLIES, self._replies)
        reloading.own(Owner.TASKS, self._tasks)
        reloading.own(Owner.VOICE, self._voice)
        reloading.own(Owner.EARCONS, self._earcons)
        reloading.own(Owner.RINGING, self._ringing)
        reloading.own(Owner.SPOTTER, self._spotter)
        reloading.own(Owner.ENDPOINTING, self._endpointing)
        reloading.own(Owner.CAPTURE, self._capture)
        reloading.own(Owner.ATTENTION, self._attention)

    def _retention(self, config: Config) -> None:
        self.retention.keep_days = config.conversation.keep_days

    def _replies(self, config: Config) -> None:
        thinking, chained = config.thinking, config.thinking.chained_calls

        def sampled(sampling: Sampling) -> Sampling:
            return replace(sampling, temperature=thinking.temperature, seed=thinking.seed)

        self.dispatcher.manners.use(sampled, chained_calls=chained)
        options = self.contexts.options
        self.contexts.options = replace(
            options,
            first=sampled(options.first),
            telling=sampled(options.telling),
            budget=replace(options.budget, steps_with_calls=1 + chained),
        )

    def _tasks(self, config: Config) -> None:
        tasks, options = config.tasks, self.contexts.options
        steps = options.budget.steps_with_calls
        self.contexts.options = replace(
            options,
            limits=Limits(children=options.limits.children, depth=tasks.depth),
            budget=Budget(max_tokens=tasks.max_tokens, seconds=tasks.seconds, steps_with_calls=steps),
        )

    def _voice(self, config: Config) -> None:
        if self.synthesizer is not None:
            self.synthesizer.pace = config.speaking.speed
        if isinstance(self.voice, SpokenVoice):
            self.voice.in_parts = config.speaking.in_parts

    def _earcons(self, config: Config) -> None:
        if self.chimes is not None:
            self.chimes.on, self.chimes.volume = config.sounds.earcons, config.sounds.volume

    def _ringing(self, config: Config) -> None:
        if self.ringing is not None:
            self.ringing.options = ring_options(config)

    def _spotter(self, config: Config) -> None:
        if self.spotter is not None:
            self.spotter.threshold = threshold_of(config)

    def _endpointing(self, config: Config) -> None:
        if self.capture is not None:
            self.capture.use_endpointing(config.endpointing())

    def _capture(self, config: Config) -> None:
        if self.capture is not None:
            self.capture.use_options(capture_options(config))

    def _attention(self, config: Config) -> None:
        if self.capture is None:
            return
        if (config.start.way == "wake-word") != (self.spotter is not None):
            raise NeedsRestart("the wake word's model is loaded, or left out, at the start")
        self.capture.use_attention(config.attention())


def threshold_of(config: Config) -> float:
    """How sure the detector of the wake word must be."""
    return 1.0 - config.start.wake_sensitivity


def ring_options(config: Config) -> RingOptions:
    """How an alarm rings."""
    sounds = config.sounds
    return RingOptions(
        volume=sounds.alarm_volume, repeats=sounds.alarm_repeats, every_seconds=sounds.alarm_every_seconds
    )


def capture_options(config: Config) -> CaptureOptions:
    """How is listened."""
    hearing = config.hearing
    return CaptureOptions(
        preroll_ms=hearing.preroll_ms,
        speculate=hearing.speculate,
        read_ahead=hearing.read_ahead,
        auto_gain=hearing.auto_gain,
        hold_early=hearing.hold_early,
    )
