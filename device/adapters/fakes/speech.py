"""Ears and a voice that need no models: what is loud is speech, words come from a script, sound is as long as its text.

With them the whole agent runs in tests, exactly and at once.
"""

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np

from device.core.turn_end import Signs
from device.errors import DeviceError
from device.ports import Samples, Speech, WordEnd

LOUD = 0.01


class LoudnessDetector:
    """`device.ports.VoiceDetector`: whatever is louder than a whisper is speech."""

    window_samples = 512

    def probability(self, window: Samples) -> float:
        """0.95 for a loud window, 0 for a quiet one."""
        return 0.95 if float(np.abs(window).max(initial=0.0)) > LOUD else 0.0

    def reset(self) -> None:
        """There is nothing to forget."""


WAKING = 0.7


class LoudWake:
    """`device.ports.WakeDetector` for which shouting is the wake word."""

    phrase = "hey jarvis"
    lookback_samples = 32_000

    def __init__(self) -> None:
        self.begun = 0
        self.heard_samples = 0
        self.before: Samples = np.zeros(0, np.float32)

    def begin(self, before: Samples) -> None:
        """Note what came before."""
        self.begun += 1
        self.before = before

    def hear(self, samples: Samples) -> float:
        """1 if somebody shouts."""
        self.heard_samples += len(samples)
        return float(np.abs(samples).max(initial=0.0) > WAKING)


class KeepingRecognizer:
    """`device.ports.Recognizer` that keeps the sound of its utterance, and hears the same words in all."""

    name = "keeping"

    def __init__(self, words: str = "") -> None:
        self.words = words
        self.heard: Samples = np.zeros(0, np.float32)

    def begin(self) -> None:
        """A new utterance."""
        self.heard = np.zeros(0, np.float32)

    def feed(self, samples: Samples) -> None:
        """Keep it."""
        self.heard = np.concatenate((self.heard, samples))

    def partial(self) -> str:
        """Nothing yet."""
        return ""

    def finish(self) -> str:
        """The words."""
        return self.words


class ScriptedRecognizer:
    """`device.ports.Recognizer` that hears what a script says, one entry for each utterance; "" when it is used up."""

    name = "scripted"

    def __init__(self, transcripts: Iterable[str | DeviceError] = ()) -> None:
        self.transcripts = deque(transcripts)
        self.fed_samples = 0
        self._heard: str | DeviceError | None = None

    def begin(self) -> None:
        """A new utterance; its words are taken from the script when they are first asked for."""
        self._heard, self.fed_samples = None, 0

    def feed(self, samples: Samples) -> None:
        """Count what was heard."""
        self.fed_samples += len(samples)

    def partial(self) -> str:
        """The same as the whole."""
        return self.finish()

    def finish(self) -> str:
        """The script's words; an error in it is raised."""
        if self._heard is None and self.transcripts and self.fed_samples:
            self._heard = self.transcripts.popleft()
        if isinstance(self._heard, DeviceError):
            raise self._heard
        return self._heard or ""


class ScriptedTurnDetector:
    """`device.ports.TurnDetector` that always thinks the same."""

    def __init__(self, completeness: float = 1.0) -> None:
        self.complete = completeness

    def completeness(self, utterance: Samples) -> float:
        """What it was told to think."""
        del utterance
        return self.complete


def by_sound(signs: Signs) -> float:
    """The rule that a pause is what the turn detector thinks it is, whatever was said."""
    return signs.sound or 0.0


class SteadyVoice:
    """`device.ports.Synthesizer` that takes the same time for every word, without pauses.

    A part of its stream is a word and a half.
    """

    name = "steady"

    def __init__(self, *, sample_rate_hz: int = 16_000, word_seconds: float = 0.1) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.speed = self.pace = 1.0
        self.said: list[str] = []
        self._word_seconds = word_seconds

    def synthesize(self, text: str) -> Speech:
        """A steady sound; its words end evenly."""
        words = text.split()
        if words:
            self.said.append(text)
        word_samples = round(self._word_seconds / (self.speed * self.pace) * self.sample_rate_hz)
        ends, at = [], 0
        for number, word in enumerate(words, 1):
            at = text.index(word, at) + len(word)
            ends.append(WordEnd(chars=at, samples=number * word_samples))
        samples = np.full(len(words) * word_samples, 0.25, np.float32)
        return Speech(text=text, samples=samples, sample_rate_hz=self.sample_rate_hz, align=lambda: tuple(ends))

    def stream(self, text: str) -> Iterator[Speech]:
        """The same in parts, whose borders are not those of the words."""
        whole = self.synthesize(text)
        size = max(round(1.5 * self._word_seconds / (self.speed * self.pace) * self.sample_rate_hz), 1)
        for start in range(0, max(len(whole.samples), 1), size):
            ends = tuple(
                WordEnd(chars=word.chars, samples=word.samples - start)
                for word in whole.words
                if start < word.samples <= start + size
            )
            yield Speech(
                text=text,
                samples=whole.samples[start : start + size],
                sample_rate_hz=self.sample_rate_hz,
                align=lambda ends=ends: ends,  # type: ignore[misc]
                final=start + size >= len(whole.samples),
            )
