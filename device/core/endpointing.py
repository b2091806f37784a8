"""When an utterance begins, pauses and ends, decided from voice activity; pure, time is a count of samples.

A pause of `pause_ms` makes the caller ask what was said and whether the speaker has finished. The surer the answer
(`device.core.turn_end`), the shorter the silence that ends the turn: the wait falls evenly with the answer's log-odds,
from `end_silence_max_ms` (also without an answer) to `end_silence_ms`. An answer may be renewed while the pause lasts.

The voice detector notices the end of speech about 100 ms late, so the level counts, too: a window that is far below
the utterance's loudest ones, or hardly above the room, is silent whatever the detector still says. That may begin a
pause; the turn ends only when the detector agrees.

What counts as speech follows the room. Where its background hardly ever sounds like a voice, less is believed; where it
does, as other people's talk, what is no louder than it needs a surer detector, up to none that is sure enough.
"""

import math
from dataclasses import dataclass, field
from enum import Enum

from device.core.room import Background, Quiet

SAMPLES_PER_MS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointingOptions:
    """What counts as speech, and how long silences are waited for.

    Speech begins above `threshold` and goes on above `threshold - hysteresis` (probabilities), in a room without other
    voices above `threshold_without_voices` already. It must have lasted for
    `min_speech_ms`, longer while the agent's own voice is about, of which an echo may be left: for
    `min_speech_over_reply_ms`, for twice as long if it does not stand out of what is left. Times in milliseconds.
    The longest silence is waited for where the probability that the speaker has finished is at most `unfinished_below`,
    the shortest where it is at least `finished_above`. A window is quiet when it lies `quiet_below_peak_db` under the
    utterance's loudest, or no more than `quiet_above_room_db` over the room's own level.
    """

    threshold: float = 0.5
    threshold_without_voices: float = 0.35
    hysteresis: float = 0.15
    min_speech_ms: int = 90
    min_speech_over_reply_ms: int = 240
    pause_ms: int = 32
    end_silence_ms: int = 288
    end_silence_max_ms: int = 800
    unfinished_below: float = 0.35
    finished_above: float = 0.75
    max_utterance_ms: int = 30_000
    quiet_below_peak_db: float = 30.0
    quiet_above_room_db: float = 6.0

    def wait_ms(self, completeness: float | None) -> float:
        """The silence that ends a turn which is complete with this probability."""
        if completeness is None or completeness <= self.unfinished_below:
            return self.end_silence_max_ms
        if completeness >= self.finished_above:
            return self.end_silence_ms
        lowest, highest = log_odds(self.unfinished_below), log_odds(self.finished_above)
        share = (log_odds(completeness) - lowest) / (highest - lowest)
        return self.end_silence_max_ms - share * (self.end_silence_max_ms - self.end_silence_ms)


def log_odds(probability: float) -> float:
    """Of a probability, which is taken to be no nearer to 0 and 1 than a millionth."""
    bounded = min(max(probability, 1e-6), 1.0 - 1e-6)
    return math.log(bounded / (1.0 - bounded))


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """An utterance began at `at_sample`; that is known somewhat later."""

    at_sample: int


@dataclass(frozen=True, slots=True)
class Paused:
    """The speaker has been silent since `silence_from_sample`: ask what was said and whether that was all."""

    silence_from_sample: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """The speaker went on: the answers to the last pause are void."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The utterance is over; one that was begun by hand may have had no `voice` in it."""

    voice: bool = True


Decision = SpeechBegan | Paused | Resumed | Ended


class Doubt(Enum):
    """Whether what sounds like speech may be the agent's own; how many times as long it must last then."""

    NONE = 0
    ECHO = 1
    """The agent's voice is about, but this stands out of what the canceller leaves of it."""
    FAINT_ECHO = 2
    """The agent's voice is about, and this is no louder than what the canceller leaves of it."""


LOUDEST_DB = 120.0
"""Above every level there is."""

RELEASE_MS = 240
"""So long after the user let go of the button a word that was under way is waited for."""

WITHOUT_VOICES, OF_VOICES = 0.05, 0.4
"""A background is without voices, or nothing else, where the detector takes it for one with this probability."""

NEVER = 1.01
"""No probability is as high."""

LEAST_BELOW_PEAK_DB = 15.0
"""In a loud room a window counts as quiet only this far under the voice; else the voice detector alone decides."""


@dataclass(slots=True)
class _Utterance:
    began_sample: int
    peak_db: float = -LOUDEST_DB
    silence_from_sample: int | None = None
    paused: bool = False
    completeness: float | None = None
    held: bool = False
    released_sample: int | None = None
    voice: bool = True


@dataclass(frozen=True, slots=True)
class _Likely:
    """Whether a window is likely enough to begin speech, and to go on with it."""

    begins: bool
    goes_on: bool


@dataclass(slots=True)
class Endpointer:
    """Feed it one voice probability a window.

    An utterance may be taken in hand: begun at once, or whatever is under way, it goes on until it is released.
    """

    options: EndpointingOptions = field(default_factory=EndpointingOptions)
    _candidate_sample: int | None = None
    _last_sample: int = 0
    _utterance: _Utterance | None = None
    _room: Quiet = field(default_factory=Quiet)
    _background: Background = field(default_factory=Background)

    @property
    def expecting(self) -> bool:
        """Whether what may be the beginning of an utterance was heard just now."""
        return self._candidate_sample is not None

    def window(
        self,
        probability: float,
        end_sample: int,
        level_db: float = LOUDEST_DB,
        *,
        doubt: Doubt = Doubt.NONE,
        own_sound: bool = False,
    ) -> tuple[Decision, ...]:
        """What the window that ends at `end_sample` decides, in order; `level_db` is its level (dB of full scale). With
        `own_sound` in it, the agent's own, it says nothing of the room.
        """
        start_sample, self._last_sample = self._last_sample, end_sample
        begins = self.begins_above(level_db, own_sound=own_sound)
        if not own_sound and level_db < LOUDEST_DB:
            self._background.heard(level_db, probability)
        if self._utterance is None:
            self._room.heard(level_db, probability)
            likely = _Likely(probability >= begins, probability >= begins - self.options.hysteresis)
            return self._before_speech(likely, start_sample, end_sample, self._least_ms(doubt))
        voiced = probability >= self.goes_on_above(begins)
        return self._in_speech(self._utterance, level_db, start_sample, end_sample, voiced=voiced)

    def begins_above(self, level_db: float, *, own_sound: bool = False) -> float:
        """The probability with which a window of this level begins to be speech in this room."""
        threshold, background = self.options.threshold, self._background
        if not background.known:
            return threshold
        if background.likeness < WITHOUT_VOICES and not own_sound:
            return min(self.options.threshold_without_voices, threshold)
        if not background.holds(level_db):
            return threshold
        return threshold + (NEVER - threshold) * min(background.likeness / OF_VOICES, 1.0)

    def goes_on_above(self, begins: float) -> float:
        """The probability with which a window goes on with speech, in a room in which it `begins` with this one."""
        return max(begins, self.options.threshold) - self.options.hysteresis

    def advise(self, completeness: float) -> None:
        """The answer to the current pause, as far as it is known: the probability that the speaker has finished."""
        if self._utterance is not None and self._utterance.paused:
            self._utterance.completeness = completeness

    @property
    def under_way(self) -> bool:
        """Whether somebody speaks, or may be beginning to."""
        return self._utterance is not None or self._candidate_sample is not None

    @property
    def paused_from_sample(self) -> int | None:
        """Since when the speaker pauses; None while they speak, and without one."""
        return self._utterance.silence_from_sample if self._utterance is not None and self._utterance.paused else None

    @property
    def began_sample(self) -> int | None:
        """Where the utterance began that is under way."""
        return None if self._utterance is None else self._utterance.began_sample

    def hold(self) -> bool:
        """Take the utterance in hand; true if it begins with that."""
        begins = self._utterance is None
        if self._utterance is None:
            self._candidate_sample = None
            self._utterance = _Utterance(began_sample=self._last_sample, voice=False)
        self._utterance.held, self._utterance.released_sample = True, None
        return begins

    def release(self) -> tuple[Decision, ...]:
        """Let go: the utterance ends here, or as soon as the word under way does."""
        utterance = self._utterance
        if utterance is None or not utterance.held:
            return ()
        utterance.held, utterance.released_sample = False, self._last_sample
        if utterance.voice and utterance.silence_from_sample is None:
            return ()
        self._utterance = None
        return (Ended(utterance.voice),)

    def let_go(self) -> None:
        """Nobody holds the utterance any more; it ends as any other."""
        if self._utterance is not None:
            self._utterance.held = False

    def reset(self) -> None:
        """The sound was broken off: whatever was under way is over, without a decision."""
        self._utterance = self._candidate_sample = None

    def _least_ms(self, doubt: Doubt) -> float:
        options = self.options
        return options.min_speech_over_reply_ms * doubt.value if doubt is not Doubt.NONE else options.min_speech_ms

    def _before_speech(
        self, likely: "_Likely", start_sample: int, end_sample: int, least_ms: float
    ) -> tuple[Decision, ...]:
        if self._candidate_sample is None:
            if not likely.begins:
                return ()
            self._candidate_sample = start_sample
        elif not likely.goes_on:
            self._candidate_sample = None
            return ()
        if end_sample - self._candidate_sample < least_ms * SAMPLES_PER_MS:
            return ()
        began, self._candidate_sample = self._candidate_sample, None
        self._utterance = _Utterance(began_sample=began)
        return (SpeechBegan(began),)

    def _in_speech(
        self, utterance: _Utterance, level_db: float, start_sample: int, end_sample: int, *, voiced: bool
    ) -> tuple[Decision, ...]:
        if end_sample - utterance.began_sample >= self.options.max_utterance_ms * SAMPLES_PER_MS:
            self._utterance = None
            return (Ended(utterance.voice),)
        utterance.voice = utterance.voice or voiced
        if not utterance.voice and utterance.held:
            return ()
        utterance.peak_db = max(utterance.peak_db, level_db)
        if voiced and not self._quiet(utterance, level_db):
            resumed = utterance.paused
            utterance.silence_from_sample, utterance.paused, utterance.completeness = None, False, None
            if _waited_for(utterance.released_sample, end_sample):
                self._utterance = None
                return (Ended(),)
            return (Resumed(),) if resumed else ()
        if utterance.silence_from_sample is None:
            utterance.silence_from_sample = start_sample
        if utterance.released_sample is not None:
            self._utterance = None
            return (Ended(),)
        return self._in_silence(utterance, utterance.silence_from_sample, end_sample, voiced=voiced)

    def _quiet(self, utterance: _Utterance, level_db: float) -> bool:
        """Whether the window is silent by its level alone."""
        options = self.options
        if level_db <= utterance.peak_db - options.quiet_below_peak_db:
            return True
        at_most_db = utterance.peak_db - LEAST_BELOW_PEAK_DB
        room_db = self._room.level_db
        return room_db is not None and level_db <= min(room_db + options.quiet_above_room_db, at_most_db)

    def _in_silence(
        self, utterance: _Utterance, silence_from: int, end_sample: int, *, voiced: bool
    ) -> tuple[Decision, ...]:
        options = self.options
        silence_ms = (end_sample - silence_from) / SAMPLES_PER_MS
        decisions: tuple[Decision, ...] = ()
        if not utterance.paused and silence_ms >= options.pause_ms:
            utterance.paused = True
            decisions = (Paused(silence_from),)
        if not (voiced or utterance.held) and silence_ms >= options.wait_ms(utterance.completeness):
            self._utterance = None
            decisions += (Ended(utterance.voice),)
        return decisions


def _waited_for(released_sample: int | None, now: int) -> bool:
    """Whether a word that was under way at the release has been waited for long enough."""
    return released_sample is not None and now - released_sample >= RELEASE_MS * SAMPLES_PER_MS
