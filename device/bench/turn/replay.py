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
    """Endpoints before the true end of the speech."""
    delay_ms: float | None
    """From the true end to the first endpoint after it; None if there was none."""


def replay(heard: Heard, options: EndpointingOptions, *, answer_ms: float, preroll_windows: int) -> Outcome:
    """The outcome with these options, where the answer to a pause takes `answer_ms`."""
    endpointer = Endpointer(options)
    size = heard.window_samples
    first_window = 0
    answer: tuple[float, int] | None = None
    ends: list[int] = []
    for number, probability in enumerate(heard.probabilities):
        end_sample = (number + 1) * size
        if answer is not None and answer[0] <= end_sample:
            endpointer.advise(heard.completeness(first_window, answer[1]))
            answer = None
        for decision in endpointer.window(probability, end_sample):
            match decision:
                case SpeechBegan(at_sample=at_sample):
                    first_window = max(at_sample // size - preroll_windows, 0)
                case Paused():
                    answer = (end_sample + answer_ms * SAMPLES_PER_MS, number)
                case Resumed():
                    answer = None
                case Ended():
                    ends.append(end_sample)
                    answer = None
    return _outcome(ends, heard.end_sample)


def _outcome(ends: Sequence[int], end_sample: int) -> Outcome:
    early = sum(end < end_sample for end in ends)
    after = next((end for end in ends if end >= end_sample), None)
    return Outcome(early=early, delay_ms=None if after is None else round((after - end_sample) / SAMPLES_PER_MS, 1))
