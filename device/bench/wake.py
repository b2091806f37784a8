"""The wake word: how often it is heard where it was said, and where it was not.

Made speech goes the product's own way, voice detector, look-back and all; only the recognizer is left out. What lacks
the wake word goes on without a rest, as television does, several voices in turn, with names now and then that sound
like it. What the detector makes of it is noted, so that every sensitivity is told of at once. `measure` is for
`device bench wake`; `false_wakes` for whoever wants that figure alone.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from device import app
from device.bench.corpus import sound
from device.bench.corpus.making import speech
from device.bench.corpus.scenes import scene
from device.bench.corpus.sentences import sentence
from device.bench.wake_scores import NotedWakeDetector, Rows, wakes
from device.config import Config
from device.core.attention import Attention, AttentionOptions, Way
from device.core.endpointing import Endpointer
from device.core.turn_end import Signs
from device.ports import RECOGNITION_HZ, Samples, Urgency, VariedVoices, WakeDetector
from device.runtime.capture import Capture
from device.runtime.cores import Cores
from device.runtime.ears import CaptureOptions, Ears
from device.runtime.marks import Marks
from device.runtime.spotting import Spotter

BLOCK_SAMPLES = 512
SILENCE_SECONDS = 60
REPEATED = 4
"""So many times each made sentence is used, each time at another pitch: another speaker says it."""

CONDITIONS: tuple[tuple[str, int], ...] = (("none", 0), ("pink", 20), ("pink", 10), ("pink", 5), ("babble", 10))
"""Noises and the speech's power over theirs (dB)."""

SENSITIVITIES = (0.7, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02)
"""What the trade between hearing the name and hearing it falsely is told of."""

NEAR = (
    "Hey Travis, are you there?",
    "Jar of this jam, please.",
    "The harvest was good this year.",
    "Hey there, Charles, how are you?",
    "Jarring as it is, we stay.",
    "They have a service for that.",
    "Hey Siri, hey Google, Alexa.",
    "Hey, drive us home.",
    "Gary is a carver's son.",
)
"""What sounds somewhat like it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeOptions:
    """How much is listened to: so many `minutes` without the wake word, so many `calls` in each condition."""

    minutes: float = 60.0
    calls: int = 40
    seed: int = 0


def measure(config: Config, options: WakeOptions, tell: Callable[[str], None]) -> dict[str, Any]:
    """False wakes and detections, with what listening costs (CPU seconds a second). Raises ModelError."""
    wake = app.load_wake_detector(config)
    voices = app.varied_voices(config)
    with voices:
        calls = asyncio.run(_detections(config, wake, voices, options, tell))
        talk = asyncio.run(_listened(config, wake, _talk(voices, options, tell), options))
    quiet = asyncio.run(_listened(config, wake, iter((_room(SILENCE_SECONDS),)), WakeOptions(minutes=1)))
    chosen = config.start.wake_sensitivity
    return {
        "phrase": wake.phrase,
        **_at(chosen, calls, talk),
        "hours": talk.hours,
        "trade": [_at(sensitivity, calls, talk) for sensitivity in SENSITIVITIES],
        "cpu_share": {"silence": quiet.cpu_share, "speech": talk.cpu_share},
    }


def _at(sensitivity: float, calls: dict[str, list[Rows]], talk: "_Listened") -> dict[str, Any]:
    """What would have woken an agent that is as sensitive as that."""
    heard = {name: sum(wakes(rows, sensitivity) > 0 for rows in each) / len(each) for name, each in calls.items()}
    false = wakes(talk.rows, sensitivity)
    return {
        "sensitivity": sensitivity,
        "detected": heard,
        "false_wakes": false,
        "false_wakes_per_hour": false / talk.hours,
    }


def false_wakes(config: Config, options: WakeOptions, tell: Callable[[str], None]) -> float:
    """False wakes an hour of speech that lacks the wake word. Raises ModelError."""
    voices = app.varied_voices(config)
    with voices:
        found = asyncio.run(_listened(config, app.load_wake_detector(config), _talk(voices, options, tell), options))
    return wakes(found.rows, config.start.wake_sensitivity) / found.hours


def as_text(result: dict[str, Any]) -> str:
    """The result for a person."""
    lines = [f'"{result["phrase"].title()}" at sensitivity {result["sensitivity"]:g}']
    for condition, rate in result["detected"].items():
        lines.append(f"  heard, {condition:14} {100 * rate:5.1f} %")
    lines.append(
        f"  false wakes      {result['false_wakes']} in {result['hours']:.2f} hours of speech, "
        f"{result['false_wakes_per_hour']:.2f} an hour"
    )
    lines += ["", f"  {'at sensitivity':17}{'heard':>8}{'false wakes an hour':>22}"]
    lines += [
        f"  {one['sensitivity']:<17g}{100 * sum(one['detected'].values()) / len(one['detected']):6.1f} %"
        f"{one['false_wakes_per_hour']:22.2f}"
        for one in result["trade"]
    ]
    share = result["cpu_share"]
    lines.append("")
    lines.append(
        f"  a core's share   {100 * share['silence']:.1f} % in silence, {100 * share['speech']:.1f} % while others talk"
    )
    return "\n".join(lines)


# --- what is listened to -----------------------------------------------------------------------------------------


def _talk(voices: VariedVoices, options: WakeOptions, tell: Callable[[str], None]) -> Iterator[Samples]:
    """Sentence after sentence in one voice or another, without end."""
    number, told = 0, 0.0
    seconds = 0.0
    while True:
        chance = random.Random(f"talk {options.seed} {number}")  # noqa: S311 - a choice of circumstances
        text = chance.choice(NEAR) if chance.random() < 0.1 else sentence(f"talk {options.seed} {number}").text
        one = scene(options.seed, number, voices.speakers())
        said = voices.say(text, engine=one.engine, voice=one.voice, tempo=one.tempo, pitch=1.0)
        for _ in range(REPEATED):
            spoken = sound.trimmed(_at_pitch(said, chance.uniform(0.85, 1.2)))
            spoken = _loud(spoken, one.gain_db)
            gap = _room(chance.choice((0.15, 0.3, 0.5, 0.9)))
            room = _room(len(spoken) / RECOGNITION_HZ)
            seconds += (len(spoken) + len(gap)) / RECOGNITION_HZ
            yield np.concatenate((room[: len(spoken)] + spoken, gap))
        number += 1
        if seconds > told + 300:
            told = seconds
            tell(f"{seconds / 60:.0f} minutes of talk")


def _calls(
    voices: VariedVoices, wake: WakeDetector, condition: tuple[str, int], options: WakeOptions
) -> Iterator[Samples]:
    """The wake word and a wish in the same breath, or alone, each in a room."""
    noise, snr_db = condition
    others = [_scene_speech(voices, options.seed + 1, number) for number in range(6)] if noise == "babble" else []
    for number in range(options.calls):
        chance = np.random.default_rng([options.seed, number])
        one = scene(options.seed + 2, number, voices.speakers())
        phrase = wake.phrase.title()
        text = f"{phrase}." if number % 3 == 0 else f"{phrase}, {sentence(f'call {options.seed} {number}').text}"
        said = voices.say(text, engine=one.engine, voice=one.voice, tempo=one.tempo, pitch=one.pitch)
        spoken = _loud(sound.trimmed(said), one.gain_db)
        lead = RECOGNITION_HZ
        length = 2 * lead + len(spoken)
        if noise == "none":
            room = _room(length / RECOGNITION_HZ)
            room[lead : lead + len(spoken)] += spoken
            yield room
        else:
            yield sound.mixed(spoken, sound.noise(noise, length, chance, others), lead, snr_db=snr_db)


def _scene_speech(voices: VariedVoices, seed: int, number: int) -> Samples:
    return speech(scene(seed, number, voices.speakers()), voices)[0]


def _at_pitch(said: Samples, pitch: float) -> Samples:
    """Played faster, a voice is another's."""
    at = np.arange(0, len(said) - 1, pitch)
    shifted: Samples = np.interp(at, np.arange(len(said)), said).astype(np.float32)
    return shifted


def _loud(spoken: Samples, gain_db: float) -> Samples:
    peak = float(np.abs(spoken).max(initial=0.0))
    louder: Samples = (spoken * (10 ** (gain_db / 20) / peak if peak else 1.0)).astype(np.float32)
    return louder


def _room(seconds: float) -> Samples:
    noise = np.random.default_rng(0).normal(0.0, sound.ROOM, round(seconds * RECOGNITION_HZ))
    room: Samples = noise.astype(np.float32)
    return room


# --- listening ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Listened:
    rows: Rows
    hours: float
    cpu_share: float


async def _detections(
    config: Config, wake: WakeDetector, voices: VariedVoices, options: WakeOptions, tell: Callable[[str], None]
) -> dict[str, list[Rows]]:
    """Of each condition, what was noted of every call."""
    found: dict[str, list[Rows]] = {}
    for condition in CONDITIONS:
        name = condition[0] if condition[0] == "none" else f"{condition[0]} {condition[1]} dB"
        name = "in a quiet room" if name == "none" else name
        found[name] = []
        for recording in _calls(voices, wake, condition, options):
            with _Listener(config, wake) as listener:
                await listener.hear(recording)
                found[name].append(listener.noted.rows)
        heard = sum(wakes(rows, config.start.wake_sensitivity) > 0 for rows in found[name])
        tell(f"{name}: {heard} of {options.calls} heard")
    return found


async def _listened(
    config: Config, wake: WakeDetector, recordings: Iterator[Samples], options: WakeOptions
) -> _Listened:
    seconds, cpu_seconds = 0.0, 0.0
    with _Listener(config, wake) as listener:
        for recording in recordings:
            began = time.process_time()
            await listener.hear(recording)
            cpu_seconds += time.process_time() - began
            seconds += len(recording) / RECOGNITION_HZ
            if seconds >= options.minutes * 60:
                break
        return _Listened(listener.noted.rows, seconds / 3600, cpu_seconds / seconds)


class _Listener:
    """The ears of an agent that only its name wakes, and that makes no words of what follows."""

    def __init__(self, config: Config, wake: WakeDetector) -> None:
        detector = app.load_voice_detector(config)
        self._worker = ThreadPoolExecutor(1)
        self.noted = NotedWakeDetector(wake)
        ears = Ears(
            detector=detector,
            recognizer=_NoWords(),
            turn_detector=_NoTurns(),
            judge=_unfinished,
            hearing=self._worker,
            judging=self._worker,
            spotter=Spotter(self.noted, self._worker, threshold=1.0),
        )
        self._capture = Capture(
            ears,
            Endpointer(config.endpointing()),
            attention=Attention(AttentionOptions(way=Way.WAKE_WORD, follow_up_seconds=0)),
            options=CaptureOptions(speculate=False, read_ahead=False),
            post=lambda _: None,
            marks=Marks(_NoClock()),
            cores=Cores(_NoModel()),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.shutdown()

    async def hear(self, samples: Samples) -> None:
        """Hear all of it, as fast as it can."""
        silence = np.zeros(BLOCK_SAMPLES, np.float32)
        for at in range(0, len(samples) - BLOCK_SAMPLES + 1, BLOCK_SAMPLES):
            self._capture.hear(samples[at : at + BLOCK_SAMPLES], silence)
            await asyncio.sleep(0)
            while self._capture.busy:
                await asyncio.sleep(0)


def _unfinished(signs: Signs) -> float:
    del signs
    return 0.0


class _NoWords:
    name = "none"

    def begin(self) -> None:
        """Nothing."""

    def feed(self, samples: Samples) -> None:
        """Nothing."""

    def partial(self) -> str:
        """Nothing."""
        return ""

    def finish(self) -> str:
        """Nothing."""
        return ""


class _NoTurns:
    def completeness(self, utterance: Samples) -> float:
        """Nobody knows."""
        del utterance
        return 0.0


class _NoClock:
    def monotonic_seconds(self) -> float:
        """Time does not matter here."""
        return 0.0

    boot_seconds = wall_seconds = monotonic_seconds

    def utc_offset_seconds(self, wall_seconds: float) -> float:
        """Nor does the place."""
        del wall_seconds
        return 0.0


class _NoModel:
    def set_busy(self, busy: bool) -> None:  # noqa: FBT001 - the port's
        """Nothing."""

    def hold(self, urgency: Urgency | None) -> None:
        """Nothing."""
