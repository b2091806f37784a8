"""When an utterance begins, pauses and ends, decided from voice activity; pure, time is a count of samples.

A pause of `pause_ms` makes the caller ask what was said and whether the speaker has finished. The turn ends after
`end_silence_ms` if the answer is yes, after `end_silence_max_ms` if it is no or has not come.
"""

from dataclasses import dataclass, field

SAMPLES_PER_MS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointingOptions:
    """What counts as speech, and how long silences are waited for.

    Speech begins above `threshold` and goes on above `threshold - hysteresis` (probabilities). Times in milliseconds.
    """

    threshold: float = 0.5
    hysteresis: float = 0.15
    min_speech_ms: int = 90
    pause_ms: int = 120
    end_silence_ms: int = 320
    end_silence_max_ms: int = 1000
    turn_threshold: float = 0.5
    max_utterance_ms: int = 30_000


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
    """The utterance is over."""


Decision = SpeechBegan | Paused | Resumed | Ended


@dataclass(slots=True)
class _Utterance:
    began_sample: int
    silence_from_sample: int | None = None
    paused: bool = False
    completeness: float | None = None


@dataclass(slots=True)
class Endpointer:
    """Feed it one voice probability a window."""

    options: EndpointingOptions = field(default_factory=EndpointingOptions)
    _candidate_sample: int | None = None
    _last_sample: int = 0
    _utterance: _Utterance | None = None

    def window(self, probability: float, end_sample: int) -> tuple[Decision, ...]:
        """What the window that ends at `end_sample` decides, in order."""
        start_sample, self._last_sample = self._last_sample, end_sample
        if self._utterance is None:
            return self._before_speech(probability, start_sample, end_sample)
        return self._in_speech(self._utterance, probability, start_sample, end_sample)

    def advise(self, completeness: float) -> None:
        """The turn detector's answer to the current pause: the probability that the speaker has finished."""
        if self._utterance is not None and self._utterance.paused:
            self._utterance.completeness = completeness

    def _before_speech(self, probability: float, start_sample: int, end_sample: int) -> tuple[Decision, ...]:
        options = self.options
        if self._candidate_sample is None:
            if probability < options.threshold:
                return ()
            self._candidate_sample = start_sample
        elif probability < options.threshold - options.hysteresis:
            self._candidate_sample = None
            return ()
        if end_sample - self._candidate_sample < options.min_speech_ms * SAMPLES_PER_MS:
            return ()
        began, self._candidate_sample = self._candidate_sample, None
        self._utterance = _Utterance(began_sample=began)
        return (SpeechBegan(began),)

    def _in_speech(
        self, utterance: _Utterance, probability: float, start_sample: int, end_sample: int
    ) -> tuple[Decision, ...]:
        if end_sample - utterance.began_sample >= self.options.max_utterance_ms * SAMPLES_PER_MS:
            self._utterance = None
            return (Ended(),)
        if probability >= self.options.threshold - self.options.hysteresis:
            resumed = utterance.paused
            utterance.silence_from_sample, utterance.paused, utterance.completeness = None, False, None
            return (Resumed(),) if resumed else ()
        if utterance.silence_from_sample is None:
            utterance.silence_from_sample = start_sample
        return self._in_silence(utterance, utterance.silence_from_sample, end_sample)

    def _in_silence(self, utterance: _Utterance, silence_from: int, end_sample: int) -> tuple[Decision, ...]:
        options = self.options
        silence_ms = (end_sample - silence_from) / SAMPLES_PER_MS
        decisions: tuple[Decision, ...] = ()
        if not utterance.paused and silence_ms >= options.pause_ms:
            utterance.paused = True
            decisions = (Paused(silence_from),)
        complete = utterance.completeness is not None and utterance.completeness >= options.turn_threshold
        if silence_ms >= (options.end_silence_ms if complete else options.end_silence_max_ms):
            self._utterance = None
            decisions += (Ended(),)
        return decisions
