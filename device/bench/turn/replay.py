"""The endpointing run over a recording in simulated time, as `device.runtime.capture` runs it over a microphone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from device.core.endpointing import SAMPLES_PER_MS, Ended, Endpointer, EndpointingOptions, Paused, Resumed, SpeechBegan


class Heard(Protocol):
    """A recording as the endpointing sees it."""

    end_sample: int
    window_samples: int
    probabilities: Sequence[float]

    def completeness(self, first_window: int, last_window: int) -> float:
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
    """The answer of the models to a pause takes so long."""
    reply_ms: float
    """A reply is audible so long after the endpoint, unless the speaker is heard to go on before."""
    preroll_windows: int
    """So many windows from before an utterance's beginning are listened to."""


def replay(heard: Heard, options: EndpointingOptions, pace: Pace) -> Outcome:
    """The outcome with these options."""
    endpointer = Endpointer(options)
    size = heard.window_samples
    first_window = 0
    answer: tuple[float, int] | None = None
    ends: list[int] = []
    begins: list[int] = []
    for number, probability in enumerate(heard.probabilities):
        end_sample = (number + 1) * size
        if answer is not None and answer[0] <= end_sample:
            endpointer.advise(heard.completeness(first_window, answer[1]))
            answer = None
        for decision in endpointer.window(probability, end_sample):
            match decision:
                case SpeechBegan(at_sample=at_sample):
                    first_window = max(at_sample // size - pace.preroll_windows, 0)
                    begins.append(end_sample)
                case Paused():
                    answer = (end_sample + pace.answer_ms * SAMPLES_PER_MS, number)
                case Resumed():
                    answer = None
                case Ended():
                    ends.append(end_sample)
                    answer = None
    return _outcome(ends, begins, heard.end_sample, round(pace.reply_ms * SAMPLES_PER_MS))


def _outcome(ends: Sequence[int], begins: Sequence[int], end_sample: int, reply_samples: int) -> Outcome:
    early = 0
    for end in ends:
        resumed = next((begin for begin in begins if begin > end), end_sample)
        early += end + reply_samples < min(resumed, end_sample)
    after = next((end for end in ends if end >= end_sample), None)
    return Outcome(early=early, delay_ms=None if after is None else round((after - end_sample) / SAMPLES_PER_MS, 1))
