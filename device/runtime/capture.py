"""Listening: from the device's samples to "the user said …".

The sound device's thread hands its samples over (`device.runtime.intake`); on the loop the agent's own voice is taken
out of them (`device.runtime.echo`), and each 32 ms window passes the voice detector and the endpointing. While the user
speaks the recognizer is fed in its own thread; at every pause it, the language model and the turn detector are asked,
one after another, so that the words and the reply are ready when the endpoint is.
"""

import asyncio
import contextlib
import logging
import math
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from device.core.attention import Attention, Heed
from device.core.early_hold import EarlyHold, Glimpse
from device.core.endpointing import Decision, Doubt, Ended, Endpointer, Paused, Resumed, SpeechBegan
from device.core.events import (
    Backchannel,
    Called,
    Event,
    GlimpseFaded,
    SilenceAsked,
    SpeechStarted,
    TurnEnded,
    TurnPaused,
    TurnResumed,
    TurnWasEmpty,
    VoiceGlimpsed,
    WordsHeard,
)
from device.core.gain import AutoGain
from device.core.turn_end import Signs
from device.core.utterances import Kind, classify, may_be_a_turn
from device.core.wake_words import without_wake_words
from device.ports import RECOGNITION_HZ, Samples
from device.runtime.cores import Cores
from device.runtime.ears import PARTIAL_WINDOWS, CaptureOptions, Ears, Utterance
from device.runtime.intake import Intake
from device.runtime.marks import Marks, Stage

log = logging.getLogger(__name__)

PARTIAL_SHARE = 6
"""No more than one part in so many of the time goes by while the recognizer looks."""

MOST_PARTIAL_WINDOWS = 160
"""An utterance longer than this is not looked at any more while it grows: each look reads all of it."""

FRAME_SAMPLES = RECOGNITION_HZ // 100
"""A voice is looked for in so many samples at once; in what changes from one to the next, since consonants are high."""

CLEAR_DB = 20.0
"""What stands out of all that the canceller left lately by so much is no echo, however short it is."""
CALL_SAMPLES = RECOGNITION_HZ * 18 // 10
"""The wake word, and the time that it takes to be sure of it."""

MOST_READING_SECONDS = 0.12
"""The turn detector waits no longer than this for the language model to have read the words before a pause."""

T = TypeVar("T")


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
        self._gain = AutoGain() if options.auto_gain else None
        self.on_attention: Callable[[], None] = _nobody
        """Called whenever it begins or ceases to attend."""
        self._options = options
        self._listening_ahead: asyncio.Task[None] | None = None
        self._post = post
        self._marks = marks
        self._cores = cores
        self._window_samples = ears.detector.window_samples
        preroll_windows = -(-options.preroll_ms * RECOGNITION_HZ // 1000 // self._window_samples) + 1
        self._preroll_windows = preroll_windows
        lookback = 0 if ears.spotter is None else ears.spotter.lookback_samples + CALL_SAMPLES
        self._recent: deque[Samples] = deque(maxlen=preroll_windows + 32 + lookback // self._window_samples)
        self._utterance: Utterance | None = None
        self._finishing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.get_running_loop()
        self._intake = Intake(
            self._listen, ears.echo.reset, window_seconds=ears.detector.window_samples / RECOGNITION_HZ
        )
        self._early_hold = EarlyHold()
        self._unwatched: Samples = np.zeros(0, np.float32)
        self._left_over: Samples = np.zeros(0, np.float32)
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
        return self._intake.busy or looking or bool(self._tasks)

    @property
    def overruns(self) -> int:
        """How many times sound was lost because the loop was late."""
        return self._intake.overruns

    @property
    def in_speech(self) -> bool:
        """Whether an utterance is under way."""
        return self._utterance is not None or self.busy

    def use_device(self, input_hz: int, output_hz: int, delay_seconds: float) -> None:
        """The device was opened, or opened anew: forget what an earlier one left. No block is exchanged meanwhile."""
        self._intake.use_device(input_hz, output_hz)
        self._ears.echo.use_device(input_hz, output_hz, delay_seconds)
        self._left_over = self._unwatched = np.zeros(0, np.float32)
        self._ears.detector.reset()
        self._endpointer.reset()  # else what is said now would belong to what was said before the loss
        self._utterance = None
        if self._early_hold.holding:
            self._early_hold.settle()
            self._post(GlimpseFaded())

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
        if self._utterance is None:
            self._endpointer.reset()  # what is being said was not for the agent until now
        self._early_hold.settle()
        self._attention.call(self._position)
        self._tell_attention()

    def hold(self) -> None:
        """Listen, from now on and whatever is heard, until `release`."""
        if self._utterance is not None and self._utterance.discarded:
            self._utterance = None
            self._endpointer.reset()
        if self._endpointer.hold() or self._utterance is None:
            self._begin(self._position, tell=False)

    def release(self) -> None:
        """The held utterance ends here, or with the word that is under way."""
        for decision in self._endpointer.release():
            self._decide(decision)

    def discard(self) -> None:
        """Forget the utterance under way, and the one whose words are awaited; nothing will be posted of them."""
        self._finishing = None
        self._attention.dismiss()
        self._endpointer.let_go()
        if self._utterance is not None:
            self._utterance.discarded = True
        self._tell_attention()

    def deafen(self) -> None:
        """Hear nothing, not even what has arrived already."""
        self.discard()
        self._deaf = True
        self._utterance = None
        self._endpointer.reset()
        self._early_hold.settle()
        self._recent.clear()
        if self._ears.spotter is not None:
            self._ears.spotter.stop()

    def undeafen(self) -> None:
        """Hear again."""
        self._deaf = False
        self._ears.detector.reset()

    def _tell_attention(self) -> None:
        if self.attends != self._attended:
            self._attended = self.attends
            self.on_attention()

    def weigh_end(self, text: str, likelihood: float) -> None:
        """How likely, as a logarithm, the language model finds it that a sentence ends with the last word of `text`."""
        if (utterance := self._utterance) is not None:
            utterance.likely_ends[text] = likelihood
            utterance.weighed.set()
            self._judge(utterance)

    def _listen(self, captured: Samples, played: Samples) -> None:
        if self._deaf:
            return
        cleaned = self._ears.echo.clean(captured, played)
        if self._options.hold_early:
            self._watch(cleaned.samples, own_sound=cleaned.own_sound)
        echoing = cleaned.own_sound and self._ears.echo.cancels
        samples = np.concatenate((self._left_over, cleaned.samples))
        whole = len(samples) - len(samples) % self._window_samples
        for start in range(0, whole, self._window_samples):
            self._listen_to_window(samples[start : start + self._window_samples], own_sound=echoing)
        self._left_over = samples[whole:]

    def _watch(self, samples: Samples, *, own_sound: bool) -> None:
        """Look for a voice in every 10 ms, before the voice detector can be sure."""
        samples = np.concatenate((self._unwatched, samples))
        whole = len(samples) - len(samples) % FRAME_SAMPLES
        self._unwatched = samples[whole:]
        if self._utterance is not None or self._finishing is not None:
            return
        for start in range(0, whole, FRAME_SAMPLES):
            level = level_db(np.diff(samples[start : start + FRAME_SAMPLES]))
            match self._early_hold.frame(level, own_sound=own_sound, voice_likely=self._endpointer.expecting):
                case Glimpse.CAUGHT if not self.attends:
                    self._early_hold.settle()
                case Glimpse.CAUGHT:
                    self._marks.add(Stage.GLIMPSED)
                    self._post(VoiceGlimpsed())
                case Glimpse.FADED:
                    self._post(GlimpseFaded())

    def _listen_to_window(self, window: Samples, *, own_sound: bool) -> None:
        window = self._amplified(window, own_sound=own_sound)
        self._position += len(window)
        self._recent.append(window)
        if self._utterance is not None:
            self._hear(self._utterance, window)
        self._keep_time()
        if self._rests():
            return
        if self._ears.spotter is not None:
            self._ears.spotter.window(window, self._position)
        probability = self._ears.detector.probability(window)
        if self._utterance is not None and probability >= self._endpointer.options.threshold and not own_sound:
            self._utterance.outlasts_echo = True
        doubt = self._doubt(own_sound=own_sound)
        for decision in self._endpointer.window(probability, self._position, level_db(window), doubt=doubt):
            self._decide(decision, own_sound=own_sound)

    def _doubt(self, *, own_sound: bool) -> Doubt:
        if not own_sound:
            return Doubt.NONE
        return Doubt.FAINT_ECHO if self._options.hold_early and not self._early_hold.holding else Doubt.ECHO

    def _amplified(self, window: Samples, *, own_sound: bool) -> Samples:
        """The window as loud as a quiet microphone should have made it."""
        if self._gain is None or not (gain_db := self._gain.window(level_db(window), own_sound=own_sound)):
            return window
        louder: Samples = np.clip(window * np.float32(10.0 ** (gain_db / 20.0)), -1.0, 1.0)
        return louder

    def _keep_time(self) -> None:
        """Whoever called is not waited for for ever."""
        if self._utterance is None and self._finishing is None and self._attention.gives_up(self._position):
            self._post(TurnWasEmpty())
        self._tell_attention()

    def _rests(self) -> bool:
        """Whether there is nothing to be heard: nobody pressed the button."""
        nothing = self._attention.heed(self._position) is Heed.NOTHING
        resting = nothing and self._utterance is None and not self._endpointer.under_way
        if self._resting and not resting:
            self._ears.detector.reset()
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
                self._pause(silence_from_sample)
            case Resumed():
                self._resume()
            case Ended(voice=voice):
                if self._ears.spotter is not None:
                    self._ears.spotter.silence(self._position)
                self._end(voice=voice)

    def _spotted(self, position: int) -> None:
        """The wake word was spoken before this sample: what is being said is for the agent after all."""
        self._marks.add(Stage.WOKEN)
        if self.attends or self._utterance is not None:
            return
        if (began := self._endpointer.began_sample) is None:
            self._post(Called())  # it was all that was said
            return
        utterance = self._begin(max(began, position - CALL_SAMPLES), called=True)
        self._start(self._hear_lead(utterance))
        if (silence_from := self._endpointer.paused_from_sample) is not None:
            self._pause(silence_from)

    async def _hear_lead(self, utterance: Utterance) -> None:
        """Recognize what was said up to the wake word, in case it is not known by its letters."""
        with self._cores.working():
            utterance.lead = await self._loop.run_in_executor(self._ears.hearing, self._ears.recognizer.partial)

    def _begin(self, at_sample: int, *, called: bool = False, tell: bool = True, own_sound: bool = False) -> Utterance:
        ago_seconds = (self._position - at_sample) / RECOGNITION_HZ
        self._marks.add(Stage.SPEECH_STARTED, ago_seconds=ago_seconds)
        clear = not own_sound or self._early_hold.clearance_db >= CLEAR_DB
        self._early_hold.settle()
        self._utterance = utterance = Utterance(called=called, outlasts_echo=clear)
        self._ears.hearing.submit(self._ears.recognizer.begin)
        since_windows = -(-(self._position - at_sample) // self._window_samples)
        for window in list(self._recent)[-(since_windows + self._preroll_windows) :]:
            self._hear(utterance, window)
        if tell and self._finishing is None:
            self._post(SpeechStarted())
        # Else the last utterance's words come first: _finish posts this one's start after them.
        return utterance

    def _hear(self, utterance: Utterance, window: Samples) -> None:
        utterance.windows.append(window)
        self._ears.hearing.submit(self._ears.recognizer.feed, window)
        if self._options.read_ahead and len(utterance.windows) >= utterance.next_look:
            self._listen_ahead(utterance)

    def _listen_ahead(self, utterance: Utterance) -> None:
        busy = self._listening_ahead is not None and not self._listening_ahead.done()
        if not busy and utterance.words is None and len(utterance.windows) <= MOST_PARTIAL_WINDOWS:
            self._listening_ahead = self._start(self._tell_words_ahead(utterance))

    async def _tell_words_ahead(self, utterance: Utterance) -> None:
        """Recognize what was said so far, and tell all words but the last, which may be cut short."""
        looked_at = len(utterance.windows)
        with self._cores.working():
            partial = await self._loop.run_in_executor(self._ears.hearing, self._ears.recognizer.partial)
        # The pause that is waited for may come during a look, so looks that take long are rarer.
        took_windows = len(utterance.windows) - looked_at
        utterance.next_look = looked_at + max(PARTIAL_WINDOWS, PARTIAL_SHARE * took_windows)
        ahead = self._named(partial, utterance).rpartition(" ")[0]
        if self._utterance is utterance and not utterance.discarded and ahead not in ("", utterance.ahead):
            utterance.ahead = ahead
            self._post(WordsHeard(text=ahead))

    def _pause(self, silence_from_sample: int) -> None:
        if (utterance := self._utterance) is None or utterance.discarded:
            return
        self._marks.add(Stage.SILENCE_BEGAN, ago_seconds=(self._position - silence_from_sample) / RECOGNITION_HZ)
        self._marks.add(Stage.PAUSED)
        words = utterance.words = self._start(self._recognize(utterance))
        utterance.signs = Signs()
        utterance.weighed.clear()
        if self._options.speculate:
            self._start(self._tell_of_pause(utterance, words))
        self._start(self._heed(utterance, words, np.concatenate(utterance.windows)))

    def _resume(self) -> None:
        if (utterance := self._utterance) is None:
            return
        utterance.words = None
        if utterance.told_of_pause:
            utterance.told_of_pause = False
            self._post(TurnResumed())

    async def _tell_of_pause(self, utterance: Utterance, words: "asyncio.Task[str]") -> None:
        """Tell what was said so far, if that may be a whole turn."""
        text = await _unless_it_failed(words)
        still = self._utterance is utterance and utterance.words is words and not utterance.discarded
        if still and may_be_a_turn(text) and self._finishing is None:
            utterance.told_of_pause = True
            self._post(TurnPaused(text=text))

    def _end(self, *, voice: bool) -> None:
        utterance, self._utterance = self._utterance, None
        if utterance is None or utterance.discarded:
            return
        if not voice:
            self._post(TurnWasEmpty())
            return
        self._marks.add(Stage.ENDPOINT)
        words = utterance.words or self._start(self._recognize(utterance))
        self._finishing = self._start(self._finish(words, utterance))

    def _named(self, text: str, utterance: Utterance) -> str:
        """What was said without the agent's name."""
        spotter = self._ears.spotter
        if spotter is None:
            return text
        said = without_wake_words(text, spotter.phrase, heard=utterance.called, lead=utterance.lead)
        utterance.named = utterance.named or said != text
        return said

    async def _recognize(self, utterance: Utterance) -> str:
        with self._cores.working():
            text = await self._loop.run_in_executor(self._ears.hearing, self._ears.recognizer.finish)
        self._marks.add(Stage.RECOGNIZED, text)
        return self._named(text, utterance)

    async def _heed(self, utterance: Utterance, words: "asyncio.Task[str]", sound: Samples) -> None:
        """Gather the signs of a pause: the words first, for which the reply waits, then what the model makes of them
        while it reads them for the reply, and at last how they were said; side by side each takes longer.
        """
        text = await _unless_it_failed(words)
        if utterance.words is words:
            utterance.signs = Signs(text=text)
        if utterance.told_of_pause:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(utterance.weighed.wait(), MOST_READING_SECONDS)
        if utterance.words is not words:
            return
        with self._cores.working():
            listen = self._ears.turn_detector.completeness
            heard = await self._loop.run_in_executor(self._ears.judging, listen, sound)
        if utterance.words is words:
            utterance.signs = Signs(text=text, sound=heard)
            self._judge(utterance)

    def _judge(self, utterance: Utterance) -> None:
        """Advise the endpointing by what is known; what comes later makes it think again."""
        signs = utterance.signs
        if self._utterance is not utterance or signs.text is None:
            return
        signs = replace(signs, likely_end=utterance.likely_ends.get(signs.text))
        judged = self._ears.judge(signs)
        self._marks.add(Stage.TURN_JUDGED, f"{judged:.2f}")
        self._endpointer.advise(judged)

    async def _finish(self, words: "asyncio.Task[str]", utterance: Utterance) -> None:
        text = await words
        if self._finishing is not asyncio.current_task():
            return  # it was discarded meanwhile
        self._finishing = None
        kind = classify(text)
        if not utterance.outlasts_echo and kind is not Kind.SILENCE_ASKED:
            log.info("What was over as soon as the reply was held counts as its echo: %s", text)
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
        if self._utterance is not None and not self._utterance.discarded:
            self._post(SpeechStarted())

    def _start(self, work: Coroutine[None, None, T]) -> "asyncio.Task[T]":
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("Listening failed: %s", error)
            self._finishing = None
            self._post(TurnWasEmpty())


def level_db(window: Samples) -> float:
    """The window's root mean square in dB of full scale."""
    return 10.0 * math.log10(float(np.dot(window, window)) / len(window) + 1e-12)


def _nobody() -> None:
    """Nobody is told."""


async def _unless_it_failed(words: "asyncio.Task[str]") -> str:
    """The words; none if they could not be recognized, which whoever waits for the end of the turn is told."""
    await asyncio.wait({words})
    return "" if words.cancelled() or words.exception() is not None else words.result()
