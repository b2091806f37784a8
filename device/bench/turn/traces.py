"""What the models make of a recording, asked once and kept: voice probabilities, and for every pause the turn
detector's and the recognizer's answer.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from device import app
from device.bench.clips import Clip
from device.config import Config
from device.core.utterances import trailing_incomplete
from device.ports import RECOGNITION_HZ, Recognizer, Samples, TurnDetector, VoiceDetector

VERSION = 1
"""Of what is kept."""

SILENCE_AFTER_SECONDS = 2.0
"""A clip is followed by a quiet room for so long that every timeout comes."""

CALLS_TIMED = 9


class Trace:
    """A clip as the endpointing sees it. Answers are asked for when they are first wanted."""

    def __init__(self, clip: Clip, asked: "Asked", kept: dict[str, Any]) -> None:
        self.name, self.text, self.pauses, self.end_sample = clip.name, clip.text, clip.pauses, clip.end_sample
        self.window_samples = asked.detector.window_samples
        self._asked = asked
        room = np.random.default_rng(0).normal(0.0, 10 ** (-70 / 20), round(SILENCE_AFTER_SECONDS * RECOGNITION_HZ))
        sound = np.concatenate((clip.samples, room.astype(np.float32)))
        self._sound = sound[: len(sound) - len(sound) % self.window_samples]
        self.probabilities: Sequence[float] = kept.get("probabilities") or asked.probabilities(self._sound)
        self._answers: dict[str, tuple[float, str]] = {key: tuple(it) for key, it in kept.get("answers", {}).items()}
        self.grown = "probabilities" not in kept

    def completeness(self, first_window: int, last_window: int) -> float:
        """What the turn detector, overruled by a last word that wants more, says of these windows."""
        key = f"{first_window}-{last_window}"
        if key not in self._answers:
            start, end = first_window * self.window_samples, (last_window + 1) * self.window_samples
            self._answers[key] = self._asked.answer(self._sound[start:end])
            self.grown = True
        completeness, text = self._answers[key]
        return 0.0 if trailing_incomplete(text) else completeness

    def kept(self) -> dict[str, Any]:
        """What is to be kept of it."""
        return {"probabilities": list(self.probabilities), "answers": self._answers}


class Asked:
    """The models that are asked."""

    def __init__(self, detector: VoiceDetector, turn_detector: TurnDetector, recognizer: Recognizer) -> None:
        self.detector = detector
        self._turn_detector = turn_detector
        self._recognizer = recognizer

    def probabilities(self, sound: Samples) -> list[float]:
        """Probability of speech in each window, to a thousandth."""
        size = self.detector.window_samples
        self.detector.reset()
        windows = (sound[start : start + size] for start in range(0, len(sound), size))
        return [round(self.detector.probability(window), 3) for window in windows]

    def answer(self, utterance: Samples) -> tuple[float, str]:
        """How complete the utterance is, and its words."""
        self._recognizer.begin()
        self._recognizer.feed(utterance)
        return round(self._turn_detector.completeness(utterance), 3), self._recognizer.finish()

    def answer_ms(self, utterance: Samples) -> float:
        """How long the answer takes here: the median of a few calls of the slower one, since both run side by side."""
        turn, words = [], []
        for _ in range(CALLS_TIMED):
            began = time.perf_counter()
            self._turn_detector.completeness(utterance)
            judged = time.perf_counter()
            self._recognizer.begin()
            self._recognizer.feed(utterance)
            self._recognizer.finish()
            turn.append(judged - began)
            words.append(time.perf_counter() - judged)
        return round(1000 * max(float(np.median(turn)), float(np.median(words))), 1)


@contextmanager
def traces(config: Config, clips: Sequence[Clip]) -> Iterator[tuple[list[Trace], Asked]]:
    """The clips' traces; what is asked of them meanwhile is kept at the end. Raises ModelError."""
    asked = Asked(*app.load_hearing(config))
    directory = _directory(config)
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / f"{hashlib.sha256(clip.samples.tobytes()).hexdigest()[:24]}.json" for clip in clips]
    found = [Trace(clip, asked, _read(path)) for clip, path in zip(clips, paths, strict=True)]
    try:
        yield found, asked
    finally:
        for trace, path in zip(found, paths, strict=True):
            if trace.grown:
                temporary = path.with_suffix(f".{os.getpid()}")
                temporary.write_text(json.dumps(trace.kept()), encoding="utf-8")
                temporary.replace(path)


def _directory(config: Config) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "device" / "turns"
    models = (config.models.vad, config.models.turn, config.models.asr)
    return cache / f"v{VERSION}-{hashlib.sha256(repr(models).encode()).hexdigest()[:8]}"


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
