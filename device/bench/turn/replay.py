"""The endpointing run over a recording in simulated time, as `device.runtime.capture` runs it over a microphone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from device.core.endpointing import SAMPLES_PER_MS, Ended, Endpointer, EndpointingOptions, Paused, Resumed, SpeechBegan
from device.core.turn_end import Signs, completeness

Judge = Callable[[Signs], float]


class Heard(Protocol):
    """A recording as the endpointing sees it."""

    end_sample: int
    window_samples: int
    probabilities: Sequence[float]
    levels_db: Sequence[float]

    def signs(self, first_window: int, last_window: int) -> Signs:
        """The answer to a pause after these windows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where the endpoints of a recording fell."""

    early: int
    """Endpoints after which a reply would have been audible before the true end of the speech."""
    delay_ms: float | None
    """From the true end to the first endpoint after it; None if there was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast the rest of the agent is."""

    answer_ms: float
    """The answer of the recognizer and the turn detector to a pause takes so long."""
    share_ms: float
    """The language model's share comes so long after that."""
    reply_ms: float
    """A reply is audible so long after the endpoint, unless the speaker is heard to go on before."""
    preroll_windows: int
    """So many windows from before an utterance's beginning are listened to."""


def replay(heard: Heard, options: EndpointingOptions, pace: Pace, judge: Judge = completeness) -> Outcome:
    """The outcome with these options."""
    endpointer = Endpointer(options)
    size = heard.window_samples
    first_window = 0
    answers: list[tuple[float, Signs]] = []
    ends: list[int] = []
    begins: list[int] = []
    for number, (probability, level_db) in enumerate(zip(heard.probabilities, heard.levels_db, strict=True)):
        end_sample = (number + 1) * size
        while answers and answers[0][0] <= end_sample:
            endpointer.advise(judge(answers.pop(0)[1]))
        for decision in endpointer.window(probability, end_sample, level_db):
            match decision:
                case SpeechBegan(at_sample=at_sample):
                    first_window = max(at_sample // size - pace.preroll_windows, 0)
                    begins.append(end_sample)
                case Paused():
                    answers = _answers(heard.signs(first_window, number), end_sample, pace)
                case Resumed():
                    answers = []
                case Ended():
                    ends.append(end_sample)
                    answers = []
    return _outcome(ends, begins, heard.end_sample, round(pace.reply_ms * SAMPLES_PER_MS))


def _answers(signs: Signs, end_sample: int, pace: Pace) -> list[tuple[float, Signs]]:
    """When which signs are known."""
    answered = end_sample + pace.answer_ms * SAMPLES_PER_MS
    first = (answered, replace(signs, likely_end=None))
    return [first] if signs.likely_end is None else [first, (answered + pace.share_ms * SAMPLES_PER_MS, signs)]


def _outcome(ends: Sequence[int], begins: Sequence[int], end_sample: int, reply_samples: int) -> Outcome:
    early = 0
    for end in ends:
        resumed = next((begin for begin in begins if begin > end), end_sample)
        early += end + reply_samples < min(resumed, end_sample)
    after = next((end for end in ends if end >= end_sample), None)
    return Outcome(early=early, delay_ms=None if after is None else round((after - end_sample) / SAMPLES_PER_MS, 1))
