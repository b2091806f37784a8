"""Making the set: speech by whichever voices are there, noise over it, WAVs with their sidecar in the user's cache.

Each is 0.4 s of background, the speech, and background that goes on for as long as an answer may take: a room does
not fall silent because its speaker does. The true end in the sidecar is the end of the clean speech.
"""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from device import app
from device.bench.corpus import sound
from device.bench.corpus.scenes import Scene, scene
from device.bench.corpus.sentences import USUAL, Templates
from device.config import Config
from device.ports import RECOGNITION_HZ, Samples, VariedVoices

VERSION = 1
"""Of how the set is made; another one is kept beside it."""

LEAD_SECONDS, TAIL_SECONDS = 0.4, 1.6
TOGETHER = 20
"""So many are made at a time, and babble is made of the others of that time: a larger set leaves the smaller as it was.
"""

SIDECAR = "utterances.json"
END_OF_SENTENCE = -1
"""Where a pause's length would stand."""


def corpus(
    config: Config, *, seed: int, count: int, tell: Callable[[str], None], templates: Templates = USUAL
) -> list[Path]:
    """The first `count` utterances of the set of `seed`, made where they are not there yet. Raises ModelError."""
    voices = app.varied_voices(config)
    speakers = voices.speakers()
    directory = directory_of(seed, speakers, templates)
    directory.mkdir(parents=True, exist_ok=True)
    sidecar = _sidecar(directory)
    names: list[str] = []
    with voices:
        for first in range(0, count, TOGETHER):
            scenes = [scene(seed, number, speakers, templates) for number in range(first, first + TOGETHER)]
            names += [one.name for one in scenes]
            if not all(one.name in sidecar for one in scenes):
                spoken_by = ", ".join(sorted({engine for engine, _ in speakers}))
                tell(f"making utterances {first} to {first + TOGETHER - 1} with {spoken_by} in {directory}")
                _make(scenes, directory, sidecar, voices, seed)
    return [directory / name for name in names[:count]]


def directory_of(seed: int, speakers: Sequence[tuple[str, str]], templates: Templates = USUAL) -> Path:
    """Where the set of a seed, certain voices and templates is kept."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "device" / "utterances"
    voices = hashlib.sha256(repr(sorted(speakers)).encode()).hexdigest()[:8]
    return cache / "-".join((f"v{VERSION}", *filter(None, (templates.name,)), f"seed{seed}", voices))


def _make(scenes: Sequence[Scene], directory: Path, sidecar: dict[str, Any], voices: VariedVoices, seed: int) -> None:
    """Make these utterances and add them to the sidecar."""
    # One engine and tempo after the other: a voice is loaded anew for each.
    clean: dict[str, tuple[Samples, list[tuple[float, float]]]] = {}
    for one in sorted(scenes, key=lambda it: (it.engine, it.tempo, it.voice, it.name)):
        clean[one.name] = speech(one, voices)
    for one in scenes:
        spoken, pauses = clean[one.name]
        others = [it for name, (it, _) in clean.items() if name != one.name]
        app.write_recording(directory / one.name, with_background(one, spoken, seed, others))
        sidecar[one.name] = {
            "text": one.sentence.text,
            "end_seconds": round(LEAD_SECONDS + len(spoken) / RECOGNITION_HZ, 3),
            "pauses": [[round(LEAD_SECONDS + at, 3), round(length, 3)] for at, length in pauses],
            **{key: value for key, value in asdict(one).items() if key not in {"name", "sentence"}},
            "snr_db": None if one.noise == "none" else one.snr_db,
            "kind": one.sentence.kind,
            "manner": one.sentence.manner,
        }
    temporary = directory / f".{SIDECAR}.{os.getpid()}"
    temporary.write_text(json.dumps(sidecar, indent=1) + "\n", encoding="utf-8")
    temporary.replace(directory / SIDECAR)


def speech(one: Scene, voices: VariedVoices) -> tuple[Samples, list[tuple[float, float]]]:
    """The clean speech of a scene, its pauses in it, at its loudness; and where the pauses lie (seconds)."""
    spoken, pauses = _said_apart(one, voices) if one.sentence.apart else _said_at_once(one, voices)
    peak = float(np.abs(spoken).max(initial=0.0))
    return (spoken * (10 ** (one.gain_db / 20) / peak if peak else 1.0)).astype(np.float32), pauses


def _said_at_once(one: Scene, voices: VariedVoices) -> tuple[Samples, list[tuple[float, float]]]:
    """The whole sentence, its pauses where the voice made gaps at commas."""
    said = voices.say(one.sentence.text, engine=one.engine, voice=one.voice, tempo=one.tempo, pitch=one.pitch)
    commas = 0
    wanted: dict[int, int] = {}
    for clause, pause_ms in zip(one.sentence.clauses, (*one.sentence.pauses_ms, 0), strict=True):
        commas += clause.count(",")
        if pause_ms:
            wanted[commas - 1] = pause_ms
    return sound.with_pauses(sound.trimmed(said), commas, wanted)


def _said_apart(one: Scene, voices: VariedVoices) -> tuple[Samples, list[tuple[float, float]]]:
    """Every stretch by itself, silence between them."""
    parts: list[Samples] = []
    pauses: list[tuple[float, float]] = []
    stretch: list[str] = []
    position = 0
    for clause, pause_ms in zip(one.sentence.clauses, (*one.sentence.pauses_ms, END_OF_SENTENCE), strict=True):
        stretch.append(clause)
        if not pause_ms:
            continue
        text = " ".join(stretch)
        said = voices.say(text, engine=one.engine, voice=one.voice, tempo=one.tempo, pitch=one.pitch)
        parts.append(sound.trimmed(said))
        position += len(parts[-1])
        stretch = []
        if pause_ms != END_OF_SENTENCE:
            parts.append(np.zeros(pause_ms * RECOGNITION_HZ // 1000, np.float32))
            pauses.append((position / RECOGNITION_HZ, pause_ms / 1000))
            position += len(parts[-1])
    return np.concatenate(parts), pauses


def with_background(one: Scene, spoken: Samples, seed: int, others: Sequence[Samples]) -> Samples:
    """The speech in its room."""
    chance = np.random.default_rng([seed, int(one.name[1:-4])])
    lead = round(LEAD_SECONDS * RECOGNITION_HZ)
    length = lead + len(spoken) + round(TAIL_SECONDS * RECOGNITION_HZ)
    room = sound.noise("white", length, chance, ()) * sound.ROOM
    if one.noise == "none":
        room[lead : lead + len(spoken)] += spoken
        return room
    return sound.mixed(spoken, sound.noise(one.noise, length, chance, others), lead, snr_db=one.snr_db)


def _sidecar(directory: Path) -> dict[str, Any]:
    try:
        found = json.loads((directory / SIDECAR).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: known for name, known in found.items() if (directory / name).is_file()}
