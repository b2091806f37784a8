"""Voice-to-voice latency, measured on the sound device's own clock.

The recordings are spoken one after another to one agent at real-time pace, each to a fresh conversation. An
utterance's latency begins when its last audible 10 ms had been captured and ends when the first audible sample of the
reply was handed out.
"""

import asyncio
import json
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from device import app
from device.config import Config
from device.core.entries import ConversationStarted
from device.core.events import ShutdownRequested
from device.errors import UsageError
from device.ports import RECOGNITION_HZ, Samples
from device.runtime.agent import Agent, Surroundings
from device.runtime.marks import Mark, Stage
from device.runtime.playback import AUDIBLE

SHIPPED = Path(__file__).parents[2] / "tests" / "data"
SUFFIXES = {".wav", ".flac", ".ogg", ".mp3"}
FRAME_SAMPLES = RECOGNITION_HZ // 100
BELOW_PEAK = 10 ** (-40 / 20)
PATIENCE_SECONDS = 20.0
"""An utterance that is not answered within this counts as unanswered."""

SPLIT = (
    ("endpoint", Stage.ENDPOINT),
    ("recognition", Stage.REPLY_STARTED),
    ("first_token", Stage.FIRST_TOKEN),
    ("first_piece", Stage.FIRST_PIECE),
    ("synthesis", Stage.FIRST_CHUNK),
    ("output", Stage.PLAYBACK_STARTED),
)
"""The stages in their order, each counted from the one before it, the first from the true end of the speech."""


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A recording at 16 kHz and the sample at which its speech truly ends."""

    name: str
    samples: Samples
    end_sample: int


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A clip that was spoken: at which input sample it began."""

    clip: Clip
    begin_sample: int


def find(paths: Sequence[Path]) -> list[Path]:
    """The recordings that `paths` name, directories searched. Raises UsageError if there is none."""
    found: list[Path] = []
    for path in paths or (SHIPPED,):
        found += sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES) if path.is_dir() else [path]
    if not found:
        raise UsageError(f"No recording was found in {', '.join(map(str, paths))}: name .wav or .flac files.")
    return found


async def measure(config: Config, recordings: Sequence[Path], *, rounds: int) -> dict[str, Any]:
    """Speak the recordings; returns percentiles, the split, and every utterance's own figures, in milliseconds."""
    clips = [clip(path) for path in recordings] * rounds
    script = _Script(clips)
    sound = app.recording(script.sounds(), None, config)
    with tempfile.TemporaryDirectory(prefix="device-bench-") as state:
        surroundings = Surroundings(config=config, state_directory=Path(state), sound=sound, fresh=True)
        async with app.open_agent(surroundings) as agent:
            script.agent = agent
            ending = asyncio.create_task(_end_after(agent, sound))
            await agent.run()
            await ending
            marks = agent.marks.since()
            model = agent.dialogue.model_name
    played = np.concatenate(sound.played)
    found = [_figures(spoken, sound.blocks, played, marks) for spoken in script.spoken]
    return _summary(found, config, model, late_blocks=sound.late_blocks)


def clip(path: Path) -> Clip:
    """Read a recording and find where its speech ends."""
    samples = app.read_recording(path)
    sidecar = path.with_name("utterances.json")
    if sidecar.is_file():
        known = json.loads(sidecar.read_text(encoding="utf-8")).get(path.name, {})
        if "end_seconds" in known:
            return Clip(name=path.name, samples=samples, end_sample=round(known["end_seconds"] * RECOGNITION_HZ))
    return Clip(name=path.name, samples=samples, end_sample=true_end(samples))


def true_end(samples: Samples) -> int:
    """The end of the last 10 ms frame whose peak is within 40 dB of the clip's."""
    whole = len(samples) - len(samples) % FRAME_SAMPLES
    peaks = np.abs(samples[:whole]).reshape(-1, FRAME_SAMPLES).max(axis=1, initial=0.0)
    if not len(peaks) or peaks.max() == 0.0:
        return len(samples)
    return int(np.flatnonzero(peaks >= peaks.max() * BELOW_PEAK)[-1] + 1) * FRAME_SAMPLES


class _Script:
    """Speaks clip after clip, each when the agent has finished with the one before; runs on the device's thread."""

    def __init__(self, clips: Sequence[Clip]) -> None:
        self._clips = clips
        self._loop = asyncio.get_running_loop()
        self.agent: Agent | None = None
        self.spoken: list[Spoken] = []
        self._position = 0

    def sounds(self) -> Iterator[Samples]:
        """The clips, with room noise between them for as long as the agent is at work."""
        noise = np.random.default_rng(1)
        yield from self._silence(noise, 0.3)
        for clip in self._clips:
            self._loop.call_soon_threadsafe(self._begin_afresh)
            yield from self._silence(noise, 0.3)
            self.spoken.append(Spoken(clip=clip, begin_sample=self._position))
            self._position += len(clip.samples)
            yield clip.samples
            # The endpoint of an unfinished sentence takes a second, in which the agent looks settled to nobody.
            yield from self._silence(noise, 1.3)
            waited = 0.0
            while self.agent is not None and not self.agent.settled and waited < PATIENCE_SECONDS:
                yield from self._silence(noise, 0.05)
                waited += 0.05

    def _silence(self, noise: np.random.Generator, seconds: float) -> Iterator[Samples]:
        samples = noise.normal(0.0, 10 ** (-70 / 20), int(seconds * RECOGNITION_HZ)).astype(np.float32)
        self._position += len(samples)
        yield samples

    def _begin_afresh(self) -> None:
        if self.agent is not None:
            self.agent.dialogue.append(ConversationStarted())


async def _end_after(agent: Agent, sound: Any) -> None:
    while not sound.input_ended:
        await asyncio.sleep(0.05)
    agent.loop.post(ShutdownRequested())


def _figures(spoken: Spoken, blocks: Sequence[Any], played: Samples, marks: Sequence[Mark]) -> dict[str, Any]:
    """One utterance's latency and stages."""
    end_sample = spoken.begin_sample + spoken.clip.end_sample
    block_samples = blocks[1].input_sample - blocks[0].input_sample
    number = min(end_sample // block_samples, len(blocks) - 1)
    # A block is handed over when its last sample has been captured.
    end_seconds = blocks[number].seconds - (blocks[number].input_sample + block_samples - end_sample) / RECOGNITION_HZ
    begin_block = min(spoken.begin_sample // block_samples, len(blocks) - 1)
    next_begin = spoken.begin_sample + len(spoken.clip.samples) + round(PATIENCE_SECONDS * RECOGNITION_HZ)
    last_block = min(next_begin // block_samples, len(blocks) - 1)
    reply = played[blocks[begin_block].output_sample : blocks[last_block].output_sample]
    audible = np.flatnonzero(np.abs(reply) > AUDIBLE)
    result: dict[str, Any] = {"name": spoken.clip.name, "voice_to_voice_ms": None, "split_ms": {}}
    if not len(audible):
        return result
    first = blocks[begin_block].output_sample + int(audible[0])
    at = int(np.searchsorted([block.output_sample for block in blocks], first, side="right")) - 1
    result["voice_to_voice_ms"] = round((blocks[at].seconds - end_seconds) * 1000, 1)
    before = end_seconds
    for name, stage in SPLIT:
        reached = next((mark.seconds for mark in marks if mark.stage is stage and mark.seconds >= before), None)
        if reached is not None:
            result["split_ms"][name] = round((reached - before) * 1000, 1)
            before = reached
    return result


def _summary(found: Sequence[dict[str, Any]], config: Config, model: str, *, late_blocks: int) -> dict[str, Any]:
    latencies = [one["voice_to_voice_ms"] for one in found if one["voice_to_voice_ms"] is not None]
    answered = [one for one in found if one["voice_to_voice_ms"] is not None]
    return {
        "n": len(found),
        "unanswered": len(found) - len(answered),
        "cut_off": sum(ms < 0 for ms in latencies),
        "voice_to_voice_ms": _percentiles([ms for ms in latencies if ms >= 0]),
        "split_ms": {
            name: _percentiles([one["split_ms"][name] for one in answered if name in one["split_ms"]])
            for name, _ in SPLIT
        },
        "late_blocks": late_blocks,
        "models": {"asr": config.models.asr, "turn": config.models.turn, "tts": config.models.tts, "llm": model},
        "machine": {
            "processor": _processor(),
            "cores": len(os.sched_getaffinity(0)),
            "load": round(os.getloadavg()[0], 2),
            "python": platform.python_version(),
        },
        "utterances": list(found),
    }


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    return {f"p{p}": round(float(np.percentile(values, p)), 1) for p in (50, 90, 95)}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def as_text(result: dict[str, Any]) -> str:
    """The result as a person reads it."""
    machine = result["machine"]
    rows = [("voice to voice", result["voice_to_voice_ms"]), *result["split_ms"].items()]
    return "\n".join(
        (
            f"{result['n']} utterances on {machine['cores']} cores of {machine['processor']}",
            f"{result['unanswered']} unanswered, {result['cut_off']} cut off",
            *(
                f"{name:16}" + "   ".join(f"{percentile} {ms:6.0f} ms" for percentile, ms in figures.items())
                for name, figures in rows
            ),
        )
    )
