"""Every pause of a recording and what the models make of it, to fit the weights of `device.core.turn_end` to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from device.bench.turn.replay import Heard
from device.core.endpointing import SAMPLES_PER_MS, Endpointer, EndpointingOptions, Paused, Resumed, SpeechBegan
from device.core.turn_end import Signs

NEVER_MS = 1 << 40
SLACK_MS = 350
"""A pause that begins this much before the true end is still the end: voices fade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pause, and how long the speaker was silent; None for the end."""

    signs: Signs
    lasted_ms: float | None


def pauses(heard: Heard, options: EndpointingOptions, *, preroll_windows: int) -> Iterator[Pause]:
    """The pauses of the recording, the end last."""
    endless = replace(options, end_silence_ms=NEVER_MS, end_silence_max_ms=NEVER_MS, max_utterance_ms=NEVER_MS)
    endpointer, size = Endpointer(endless), heard.window_samples
    first_window = 0
    pause: tuple[int, int] | None = None
    for number, (probability, level_db) in enumerate(zip(heard.probabilities, heard.levels_db, strict=True)):
        for decision in endpointer.window(probability, (number + 1) * size, level_db):
            match decision:
                case SpeechBegan(at_sample=at_sample):
                    first_window = max(at_sample // size - preroll_windows, 0)
                case Paused(silence_from_sample=silence_from):
                    pause = (silence_from, number)
                case Resumed() if pause is not None:
                    lasted_ms = (number * size - pause[0]) / SAMPLES_PER_MS
                    yield Pause(signs=heard.signs(first_window, pause[1]), lasted_ms=lasted_ms)
                    pause = None
    if pause is not None and pause[0] >= heard.end_sample - SLACK_MS * SAMPLES_PER_MS:
        yield Pause(signs=heard.signs(first_window, pause[1]), lasted_ms=None)
