"""Recognition by Moonshine, which decodes a whole utterance at a time.

The utterance is decoded anew whenever its words are asked for, with what was recognized the last time as a draft
(`device.adapters.moonshine_graph`); what lies further back than a window is cut at its quietest place and decoded once,
so that a long utterance stays cheap. On noise Moonshine may repeat itself without
end, so repetitions are dropped and the rate of words is bounded.
"""

import re
from pathlib import Path

import numpy as np

from device.adapters.moonshine_graph import MoonshineGraph
from device.ports import RECOGNITION_HZ, Samples

WINDOW_SAMPLES = 10 * RECOGNITION_HZ
"""An utterance longer than this is decoded in parts."""

CUT_BETWEEN_SAMPLES = 4 * RECOGNITION_HZ
"""A part ends at the quietest place of its last so many samples."""

SHORTEST_SAMPLES = RECOGNITION_HZ // 10
"""Less than a tenth of a second holds no word."""

SILENCE_SAMPLES = RECOGNITION_HZ // 5
"""So much silence is added: where the sound just breaks off, Moonshine hears a comma, or words that were not said."""

AUDIBLE = 0.002
"""An utterance whose loudest sample is under this (-54 dB of full scale) is silence."""

WORDS_PER_SECOND = 7.0
"""Nobody speaks faster; more is the model's own."""


_SETTABLE = r"\b(?: [\w-]+){0,4} (?:timer|alarm|reminder|thermostat|temperature|heating|volume|brightness)s?\b"
_SAID_FOR_SET = re.compile(
    rf"(?:^|(?<=[.?!,;] ))said(?= (?:an?|the|my|another){_SETTABLE})|(?<=\band )said(?= (?:an?|another){_SETTABLE})",
    re.IGNORECASE,
)
"""No clause begins with "said a timer": within a sentence Moonshine hears that for "set a timer", as often as not."""


class MoonshineRecognizer:
    """`device.ports.Recognizer`."""

    def __init__(self, directory: Path, *, threads: int = 1) -> None:
        """Load a converted model. Raises ModelError."""
        self.name = directory.name
        self._graph = MoonshineGraph(directory, threads=threads)
        self.begin()

    def begin(self) -> None:
        """Start a new utterance."""
        self._parts: list[str] = []
        self._samples: list[Samples] = []
        self._length = 0
        self._draft: list[int] = []

    def feed(self, samples: Samples) -> None:
        """Hear the utterance's next samples."""
        self._samples.append(samples)
        self._length += len(samples)
        if self._length > WINDOW_SAMPLES + RECOGNITION_HZ:
            self._finish_part()

    def partial(self) -> str:
        """What is recognized so far."""
        return self.finish()

    def finish(self) -> str:
        """The transcript of all that was fed."""
        texts = [*self._parts, self._decode(self._joined())]
        return " ".join(text for text in texts if text)

    def _joined(self) -> Samples:
        return np.concatenate(self._samples) if self._samples else np.zeros(0, np.float32)

    def _finish_part(self) -> None:
        sound = self._joined()
        cut = quietest_place(sound[:WINDOW_SAMPLES], CUT_BETWEEN_SAMPLES)
        self._parts.append(self._decode(sound[:cut]))
        self._draft = []
        self._samples = [sound[cut:]]
        self._length = len(sound) - cut

    def _decode(self, sound: Samples) -> str:
        if len(sound) < SHORTEST_SAMPLES or float(np.abs(sound).max()) < AUDIBLE:
            return ""
        self._draft = self._graph.transcribe(np.pad(sound, (0, SILENCE_SAMPLES)), self._draft)
        return plausible(self._graph.text(self._draft), len(sound) / RECOGNITION_HZ)


def quietest_place(sound: Samples, last_samples: int) -> int:
    """The middle of the quietest 100 ms in the last `last_samples` samples."""
    width = RECOGNITION_HZ // 10
    start = max(len(sound) - last_samples, 0)
    power = np.cumsum(np.concatenate(([0.0], sound[start:].astype(np.float64) ** 2)))
    if len(power) <= width:
        return len(sound)
    return start + int(np.argmin(power[width:] - power[:-width])) + width // 2


def plausible(text: str, seconds: float) -> str:
    """`text` as far as it can have been said in `seconds`: loops dropped, the rate of words bounded."""
    words = _without_loops(text.split())
    limit = max(int(seconds * WORDS_PER_SECOND) + 2, 3)
    kept = " ".join(words[:limit])
    return "" if _loops_inside(kept) else _SAID_FOR_SET.sub(_set, kept)


def _set(found: "re.Match[str]") -> str:
    return "Set" if found.group()[0].isupper() else "set"


def _without_loops(words: list[str]) -> list[str]:
    """Words up to the third repetition in a row of the same one to four."""
    for size in range(1, 5):
        for start in range(len(words) - 4 * size + 1):
            pattern = words[start : start + size]
            if all(words[start + size * n : start + size * (n + 1)] == pattern for n in range(1, 4)):
                return words[: start + size]
    return words


def _loops_inside(text: str) -> bool:
    """Whether one long word is made of a syllable over and over ("warewareware")."""
    for word in text.lower().split():
        for size in range(2, 8):
            if len(word) >= 4 * size and word[: 4 * size] == word[:size] * 4:
                return True
    return False
