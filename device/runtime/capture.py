"""Listening: from the device's samples to "the user said …".

The sound device's thread hands its samples over (`device.runtime.intake`); on the loop the agent's own voice is taken
out of them (`device.runtime.echo`), and each 32 ms window passes the voice detector and the endpointing. While the user
speaks the recognizer is fed in its own thread, and `device.runtime.asking` asks about the utterance, so that the words
and the reply are ready when the endpoint is.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from device.core.attention import Attention, AttentionOptions, Heed
from device.core.early_hold import Glimpse
from device.core.endpointing import Decision, Ended, Endpointer, EndpointingOptions, Paused, Resumed, SpeechBegan
from device.core.events import (
    Backchannel,
    Called,
    Event,
    GlimpseFaded,
    SilenceAsked,
    SpeechStarted,
    TurnEnded,
    TurnWasEmpty,
    VoiceGlimpsed,
)
from device.core.gain import AutoGain
from device.core.level import Meter
from device.core.utterances import Kind, classify
from device.ports import RECOGNITION_HZ, Samples
from device.runtime.asking import Asking, UnderWay
from device.runtime.cores import Cores
from device.runtime.ears import CaptureOptions, Ears, Utterance
from device.runtime.echo import Cleaned
from device.runtime.intake import Intake
from device.runtime.levels import level_db
from device.runtime.marks import Marks, Stage
from device.runtime.over_reply import OverReply
from device.runtime.spotting import Spotter
from device.runtime.stillness import Stillness

log = logging.getLogger(__name__)

CALL_SAMPLES = RECOGNITION_HZ * 18 // 10
"""The wake word, and the time that it takes to be sure of it."""


class Capture:
    """Turns samples into the user's events."""

    def __init__(
        self,
        ears: Ears,
        endpointer: Endpointer,
        *,
        attention: Attention,
        options: CaptureOptions,
        post: Callable[[Event], None],
        marks: Marks,
        cores: Cores,
    ) -> None:
        self._ears = ears
        self._endpointer = endpointer
        self._attention = attention
        self._attended = True
        self._resting = False
        if ears.spotter is not None:
            ears.spotter.on_spotted = self._spotted
        self._deaf = False
        self._gain: AutoGain | None = None
        self.meter = Meter()
        """How loud it is at the microphone."""
        self.on_attention: Callable[[], None] = _nobody
        """Called whenever it begins or ceases to attend."""
        self._post = post
        self._marks = marks
        self._window_samples = ears.detector.window_samples
        self._voice = Stillness(ears.detector)
        self._recent: deque[Samples] = deque()
        self._now = UnderWay()
        self._asking = Asking(
            ears,
            endpointer,
            self._now,
            options=options,
            post=post,
            marks=marks,
            cores=cores,
            on_failure=self._failed,
        )
        self.use_options(options)
        self._intake = Intake(
            self._listen, ears.echo.reset, window_seconds=ears.detector.window_samples / RECOGNITION_HZ
        )
        self._over_reply = OverReply(ears.echo, self._voice, self._now)
        self._left_over = np.zeros((2, 0), np.float32)
        self._position = 0

    # --- on the device's thread ----------------------------------------------------------------------------------

    def hear(self, captured: Samples, played: Samples) -> None:
        """Take over what was captured and what was played beside it; called on the device's thread, never waits."""
        self._intake.put(captured, played)

    def skip(self) -> None:
        """The device lost samples; what is known of the echo's delay is void. Callable from any thread."""
        self._intake.skip()

    # --- on the loop ---------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether anything that was heard is still being worked on."""
        looking = self._ears.spotter is not None and self._ears.spotter.busy
        return self._intake.busy or looking or self._asking.busy

    @property
    def spotter(self) -> Spotter | None:
        """What looks for the wake word, if anything does."""
        return self._ears.spotter

    @property
    def overruns(self) -> int:
        """How many times sound was lost because the loop was late."""
        return self._intake.overruns

    @property
    def in_speech(self) -> bool:
        """Whether an utterance is under way."""
        return self._now.utterance is not None or self.busy

    def use_device(self, input_hz: int, output_hz: int, delay_seconds: float) -> None:
        """The device was opened, or opened anew: forget what an earlier one left. No block is exchanged meanwhile."""
        self._intake.use_device(input_hz, output_hz)
        self._ears.echo.use_device(input_hz, output_hz, delay_seconds)
        self._left_over = np.zeros((2, 0), np.float32)
        self._voice.reset()
        self._endpointer.reset()  # else what is said now would belong to what was said before the loss
        lost, self._now.utterance = self._now.utterance, None
        if lost is not None and not lost.discarded:
            self._post(TurnWasEmpty())  # nobody else ends it
        elif self._over_reply.holding:
            self._post(GlimpseFaded())
        self._over_reply.restart()

    def use_options(self, options: CaptureOptions) -> None:
        """Listen with these from now on."""
        self._options = self._asking.options = options
        self._gain = (self._gain or AutoGain()) if options.auto_gain else None
        spotter = self._ears.spotter
        self._preroll_windows = -(-options.preroll_ms * RECOGNITION_HZ // 1000 // self._window_samples) + 1
        lookback = 0 if spotter is None else spotter.lookback_samples + CALL_SAMPLES
        self._recent = deque(self._recent, maxlen=self._preroll_windows + 32 + lookback // self._window_samples)

    def use_endpointing(self, options: EndpointingOptions) -> None:
        """Begin and end utterances by these from now on, the one under way included."""
        self._endpointer.options = options

    def use_attention(self, options: AttentionOptions) -> None:
        """Attend by these from now on."""
        self._attention.options = options
        self._tell_attention()

    @property
    def attends(self) -> bool:
        """Whether an utterance that begins now is listened to."""
        return self._attention.heed(self._position) is Heed.LISTEN

    def reply(self, *, under_way: bool) -> None:
        """Whether a reply is under way."""
        self._attention.reply(self._position, under_way=under_way)
        self._tell_attention()

    def call(self) -> None:
        """The user called for attention and is about to speak."""
        if self._now.utterance is None:
            self._endpointer.reset()  # what is being said was not for the agent until now
        self._over_reply.settle()
        self._attention.call(self._position)
        self._tell_attention()

    def hold(self) -> None:
        """Listen, from now on and whatever is heard, until `release`."""
        if self._now.utterance is not None and self._now.utterance.discarded:
            self._now.utterance = None
            self._endpointer.reset()
        if self._endpointer.hold() or self._now.utterance is None:
            self._begin(self._position, tell=False)

    def release(self) -> None:
        """The held utterance ends here, or with the word that is under way."""
        for decision in self._endpointer.release():
            self._decide(decision)

    def discard(self) -> None:
        """Forget the utterance under way, and the one whose words are awaited; nothing will be posted of them."""
        self._now.finishing.clear()
        self._attention.dismiss()
        self._endpointer.let_go()
        if self._now.utterance is not None:
            self._now.utterance.discarded = True
        self._tell_attention()

    def deafen(self) -> None:
        """Hear nothing, not even what has arrived already."""
        self.discard()
        self._deaf = True
        self.meter.reset()
        self._now.utterance = None
        self._endpointer.reset()
        self._over_reply.settle()
        self._recent.clear()
        if self._ears.spotter is not None:
            self._ears.spotter.stop()

    def undeafen(self) -> None:
        """Hear again."""
        self._deaf = False
        self._voice.forget()

    def _tell_attention(self) -> None:
        if self.attends != self._attended:
            self._attended = self.attends
            self.on_attention()

    def weigh_end(self, text: str, likelihood: float) -> None:
        """How likely, as a logarithm, the language model finds it that a sentence ends with the last word of `text`."""
        self._asking.weigh_end(text, likelihood)

    def _listen(self, captured: Samples, played: Samples) -> None:
        if self._deaf:
            return
        cleaned = self._ears.echo.clean(captured, played)
        if self._options.hold_early:
            self._watch(cleaned)
            self._over_reply.keep_in_step()
        echoing = cleaned.own_sound and self._ears.echo.cancels
        both = np.concatenate((self._left_over, np.stack((cleaned.samples, cleaned.left))), axis=1)
        whole = both.shape[1] - both.shape[1] % self._window_samples
        for start in range(0, whole, self._window_samples):
            self._listen_to_window(*both[:, start : start + self._window_samples], own_sound=echoing)
        self._left_over = both[:, whole:]

    def _watch(self, cleaned: Cleaned) -> None:
        for glimpse in self._over_reply.watch(cleaned, expecting=self._endpointer.expecting):
            match glimpse:
                case Glimpse.CAUGHT if not self.attends:
                    self._over_reply.settle()
                case Glimpse.CAUGHT:
                    self._over_reply.hear_anew(self._recent)
                    self._marks.add(Stage.GLIMPSED)
                    self._post(VoiceGlimpsed())
                case Glimpse.FADED:
                    self._post(GlimpseFaded())

    def _listen_to_window(self, window: Samples, left: Samples, *, own_sound: bool) -> None:
        window = self._over_reply.heard(window, left)
        level = level_db(window)
        self.meter.window(level, len(window) / RECOGNITION_HZ)
        window = self._amplified(window, level, own_sound=own_sound)
        self._position += len(window)
        self._recent.append(window)
        if self._now.utterance is not None:
            self._hear(self._now.utterance, window)
        self._keep_time()
        if self._rests():
            return
        if self._ears.spotter is not None:
            self._ears.spotter.window(window, self._position)
        heard = self._over_reply.sharpened(window, level, own_sound=own_sound)
        spoken = self._now.utterance is not None or self._endpointer.under_way
        awake = own_sound or spoken or self._over_reply.spoken
        begins = self._endpointer.begins_above(level, own_sound=own_sound)
        probability = self._over_reply.probability(
            self._voice.probability(heard, level, awake=awake),
            begins=begins,
            goes_on=self._endpointer.goes_on_above(begins) if self._endpointer.under_way else 0.0,
        )
        likely = probability >= begins
        if self._now.utterance is not None and likely and not self._over_reply.may_be_echo(own_sound=own_sound):
            self._now.utterance.outlasts_echo = True
        doubt = self._over_reply.doubt(own_sound=own_sound, hold_early=self._options.hold_early)
        found = self._endpointer.window(probability, self._position, level, doubt=doubt, own_sound=own_sound)
        for decision in found:
            self._decide(decision, own_sound=own_sound)

    def _amplified(self, window: Samples, level: float, *, own_sound: bool) -> Samples:
        """The window as loud as a quiet microphone should have made it."""
        if self._gain is None or not (gain_db := self._gain.window(level, own_sound=own_sound)):
            return window
        louder: Samples = np.clip(window * np.float32(10.0 ** (gain_db / 20.0)), -1.0, 1.0)
        return louder

    def _keep_time(self) -> None:
        """Whoever called is not waited for for ever."""
        if self._now.nobody and self._attention.gives_up(self._position):
            self._post(TurnWasEmpty())
        self._tell_attention()

    def _rests(self) -> bool:
        """Whether there is nothing to be heard: nobody pressed the button."""
        nothing = self._attention.heed(self._position) is Heed.NOTHING
        resting = nothing and self._now.utterance is None and not self._endpointer.under_way
        if self._resting and not resting:
            self._voice.forget()
        self._resting = resting
        return resting

    def _decide(self, decision: Decision, *, own_sound: bool = False) -> None:
        match decision:
            case SpeechBegan(at_sample=at_sample):
                match self._attention.heed(self._position):
                    case Heed.LISTEN:
                        self._begin(at_sample, own_sound=own_sound)
                    case Heed.SPOT if self._ears.spotter is not None:
                        self._ears.spotter.voice(np.concatenate(self._recent), self._position)
            case Paused(silence_from_sample=silence_from_sample):
                self._asking.pause(self._seconds_since(silence_from_sample))
            case Resumed():
                self._asking.resume()
            case Ended(voice=voice):
                if self._ears.spotter is not None:
                    self._ears.spotter.silence(self._position)
                self._end(voice=voice)

    def _spotted(self, position: int) -> None:
        """The wake word was spoken before this sample: what is being said is for the agent after all."""
        self._marks.add(Stage.WOKEN)
        if self.attends or self._now.utterance is not None:
            return
        if (began := self._endpointer.began_sample) is None:
            self._post(Called())  # it was all that was said
            return
        utterance = self._begin(max(began, position - CALL_SAMPLES), called=True)
        self._asking.lead(utterance)
        if (silence_from := self._endpointer.paused_from_sample) is not None:
            self._asking.pause(self._seconds_since(silence_from))

    def _begin(self, at_sample: int, *, called: bool = False, tell: bool = True, own_sound: bool = False) -> Utterance:
        self._marks.add(Stage.SPEECH_STARTED, ago_seconds=self._seconds_since(at_sample))
        over_reply, clear = self._over_reply.begins(own_sound=own_sound)
        self._now.utterance = utterance = Utterance(called=called, outlasts_echo=clear, over_reply=over_reply)
        self._ears.hearing.submit(self._ears.recognizer.begin)
        since_windows = -(-(self._position - at_sample) // self._window_samples)
        for window in list(self._recent)[-(since_windows + self._preroll_windows) :]:
            self._hear(utterance, window)
        if tell and not self._now.finishing:
            self._post(SpeechStarted())
        # Else the last utterance's words come first: _finish posts this one's start after them.
        return utterance

    def _hear(self, utterance: Utterance, window: Samples) -> None:
        utterance.windows.append(window)
        self._ears.hearing.submit(self._ears.recognizer.feed, window)
        self._asking.ahead(utterance)

    def _end(self, *, voice: bool) -> None:
        utterance, self._now.utterance = self._now.utterance, None
        if utterance is None or utterance.discarded:
            return
        if not voice:
            self._post(TurnWasEmpty())
            return
        self._marks.add(Stage.ENDPOINT)
        before = self._now.finishing[-1:]
        self._now.finishing.append(self._asking.start(self._finish(self._asking.words(utterance), utterance, before)))

    async def _finish(
        self, words: "asyncio.Task[str]", utterance: Utterance, before: Sequence["asyncio.Task[None]"]
    ) -> None:
        """Post what was said, after what was said `before`."""
        await asyncio.wait([words, *before])
        me = asyncio.current_task()
        if me not in self._now.finishing:
            return  # it was discarded meanwhile
        self._now.finishing.remove(me)
        text = words.result()
        kind = classify(text)
        if not utterance.outlasts_echo and kind is not Kind.SILENCE_ASKED:
            log.info("What was over as soon as the reply was held counts as its echo")  # no words of anybody in the log
            kind = Kind.EMPTY
        if kind is not Kind.EMPTY:
            self._attention.answer(self._position)
        match kind:
            case Kind.EMPTY if utterance.outlasts_echo and (utterance.named or utterance.called):
                self._post(Called())
            case Kind.EMPTY:
                self._post(TurnWasEmpty())
            case Kind.BACKCHANNEL:
                self._post(Backchannel(text=text))
            case Kind.SILENCE_ASKED:
                self._post(SilenceAsked(text=text))
            case Kind.TURN:
                self._post(TurnEnded(text=text))
        if not self._now.finishing and self._now.utterance is not None and not self._now.utterance.discarded:
            self._post(SpeechStarted())

    def _failed(self) -> None:
        self._post(TurnWasEmpty())

    def _seconds_since(self, sample: int) -> float:
        return (self._position - sample) / RECOGNITION_HZ


def _nobody() -> None:
    """Nobody is told."""
