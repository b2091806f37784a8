"""What the models make of a recording, asked once and kept: voice probabilities, and for every pause the answers of the
turn detector, the recognizer and the language model.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from device import app
from device.bench.clips import Clip
from device.bench.corpus.sound import ROOM
from device.bench.turn.ends import TurnEnds
from device.config import Config
from device.core.turn_end import Signs
from device.core.utterances import may_be_a_turn
from device.ports import RECOGNITION_HZ, Recognizer, Samples, TurnDetector, VoiceDetector
from device.runtime.levels import level_db

VERSION = 3
"""Of what is kept."""

SILENCE_AFTER_SECONDS = 2.0
"""A clip is followed by a quiet room for so long that every timeout comes."""

CALLS_TIMED = 9
WORDS_TIMED = "How long would it take to walk around the lake"


class Trace:
    """A clip as the endpointing sees it. Answers are asked for when they are first wanted."""

    def __init__(self, clip: Clip, asked: "Asked", kept: dict[str, Any]) -> None:
        self.name, self.text, self.pauses, self.end_sample = clip.name, clip.text, clip.pauses, clip.end_sample
        self.window_samples = asked.detector.window_samples
        self._asked = asked
        room = np.random.default_rng(0).normal(0.0, ROOM, round(SILENCE_AFTER_SECONDS * RECOGNITION_HZ))
        sound = np.concatenate((clip.samples, room.astype(np.float32)))
        self._sound = sound[: len(sound) - len(sound) % self.window_samples]
        self.probabilities: Sequence[float] = kept.get("probabilities") or asked.probabilities(self._sound)
        starts = range(0, len(self._sound), self.window_samples)
        self.levels_db: Sequence[float] = [
            level_db(self._sound[start : start + self.window_samples]) for start in starts
        ]
        self._signs = {key: Signs(**it) for key, it in kept.get("signs", {}).items()}
        self.grown = "probabilities" not in kept

    def signs(self, first_window: int, last_window: int) -> Signs:
        """What the models say of these windows."""
        key = f"{first_window}-{last_window}"
        if key not in self._signs:
            start, end = first_window * self.window_samples, (last_window + 1) * self.window_samples
            self._signs[key] = self._asked.signs(self._sound[start:end])
            self.grown = True
        return self._signs[key]

    def kept(self) -> dict[str, Any]:
        """What is to be kept of it."""
        return {
            "probabilities": list(self.probabilities),
            "signs": {key: asdict(signs) for key, signs in self._signs.items()},
        }


class Asked:
    """The models that are asked."""

    def __init__(
        self, detector: VoiceDetector, turn_detector: TurnDetector, recognizer: Recognizer, ends: TurnEnds
    ) -> None:
        self.detector = detector
        self._turn_detector = turn_detector
        self._recognizer = recognizer
        self._ends = ends

    def probabilities(self, sound: Samples) -> list[float]:
        """Probability of speech in each window, to a thousandth."""
        size = self.detector.window_samples
        self.detector.reset()
        windows = (sound[start : start + size] for start in range(0, len(sound), size))
        return [round(self.detector.probability(window), 3) for window in windows]

    def signs(self, utterance: Samples) -> Signs:
        """What they make of a pause after the utterance."""
        self._recognizer.begin()
        self._recognizer.feed(utterance)
        text = self._recognizer.finish()
        likely_end = round(self._ends.likelihood(text), 3) if may_be_a_turn(text) else None
        return Signs(text=text, sound=round(self._turn_detector.completeness(utterance), 4), likely_end=likely_end)

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

    def share_ms(self) -> float:
        """How long the language model's share takes here: the median of a few, of words most of which it has read."""
        shares = []
        for number in range(CALLS_TIMED):
            self._ends.read(f"{WORDS_TIMED} {number}")
            began = time.perf_counter()
            self._ends.likelihood(f"{WORDS_TIMED} {number} times.")
            shares.append(time.perf_counter() - began)
        return round(1000 * float(np.median(shares)), 1)


@contextmanager
def traces(config: Config, clips: Sequence[Clip]) -> Iterator[tuple[list[Trace], Asked]]:
    """The clips' traces; what is asked of them meanwhile is kept at the end. Raises ModelError."""
    directory = _directory(config)
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / f"{hashlib.sha256(clip.samples.tobytes()).hexdigest()[:24]}.json" for clip in clips]
    with TurnEnds(config) as ends:
        asked = Asked(*app.load_hearing(config), ends)
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
    models = (config.models.vad, config.models.turn, config.models.asr, config.models.llm)
    return cache / f"v{VERSION}-{hashlib.sha256(repr(models).encode()).hexdigest()[:8]}"


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
