"""Recordings to speak to the agent, and where the speech in each truly ends.

What is known of a recording may stand beside it: in `utterances.json` (by file name), in `NAME.json`, or its words
alone in `NAME.txt`. Where nothing is known, the sound itself says where it ends.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from device import app
from device.errors import AudioError, UsageError
from device.ports import RECOGNITION_HZ, Samples

SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".mp3"})
FRAME_SAMPLES = RECOGNITION_HZ // 100
BELOW_PEAK = 10 ** (-40 / 20)


@dataclass(frozen=True, kw_only=True, eq=False)
class Clip:
    """A recording at 16 kHz, the sample at which its speech truly ends, and its words where they are known."""

    name: str
    samples: Samples
    end_sample: int
    text: str = ""
    pauses: int = 0
    """How many pauses are known to lie inside the speech."""


def find(paths: Sequence[Path]) -> list[Path]:
    """The recordings that `paths` name, directories searched. Raises UsageError if there is none."""
    found: list[Path] = []
    for path in paths:
        found += (
            sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
        )
    if not found:
        raise UsageError(f"No recording was found in {', '.join(map(str, paths))}: name .wav or .flac files.")
    return found


def read(path: Path) -> Clip:
    """Read a recording of any rate and what is known of it. Raises AudioError."""
    samples = app.read_recording(path)
    known = _known(path)
    end_seconds = known.get("end_seconds")
    end = true_end(samples) if end_seconds is None else min(round(end_seconds * RECOGNITION_HZ), len(samples))
    return Clip(
        name=path.name,
        samples=samples,
        end_sample=end,
        text=str(known.get("text", "")),
        pauses=len(known.get("pauses", ())),
    )


def true_end(samples: Samples) -> int:
    """The end of the last 10 ms frame whose peak is within 40 dB of the clip's (a sample at 16 kHz)."""
    whole = len(samples) - len(samples) % FRAME_SAMPLES
    peaks = np.abs(samples[:whole]).reshape(-1, FRAME_SAMPLES).max(axis=1, initial=0.0)
    if not len(peaks) or peaks.max() == 0.0:
        return len(samples)
    return int(np.flatnonzero(peaks >= peaks.max() * BELOW_PEAK)[-1] + 1) * FRAME_SAMPLES


def _known(path: Path) -> dict[str, Any]:
    """What stands beside the recording. Raises AudioError if that cannot be understood."""
    of_all, own, words = path.with_name("utterances.json"), path.with_suffix(".json"), path.with_suffix(".txt")
    try:
        if own.is_file():
            return _checked(json.loads(own.read_text(encoding="utf-8")))
        if of_all.is_file():
            return _checked(json.loads(of_all.read_text(encoding="utf-8")).get(path.name, {}))
        return {"text": words.read_text(encoding="utf-8").strip()} if words.is_file() else {}
    except (ValueError, TypeError, AttributeError) as error:
        raise AudioError(
            f'What stands beside {path} is not understood: write {{"text": "…", "end_seconds": 1.23}}.'
        ) from error


def _checked(known: Any) -> dict[str, Any]:
    if not isinstance(known, dict) or not isinstance(known.get("end_seconds", 0.0), int | float):
        raise TypeError
    return known
