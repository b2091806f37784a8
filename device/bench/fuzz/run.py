"""Fuzzing the control socket of a live agent that is spoken to meanwhile, and what that costs the voice.

Utterances are spoken one after another; beside every other one the fuzzing clients rest. So both kinds share whatever
else the machine does.
"""

import asyncio
import gc
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device.bench import machine, session
from device.bench.clips import Clip
from device.bench.figures import Utterance
from device.bench.statistics import percentiles
from device.config import Config

WARM_UP = 8
"""So many utterances are spoken before anything counts."""


@dataclass(frozen=True, kw_only=True)
class FuzzOptions:
    """How much is thrown at it, and by how many at once; `least` utterances are spoken of each kind."""

    requests: int = 100_000
    clients: int = 24
    seed: int = 0
    least: int = 20


class _Clients:
    """The process of the clients."""

    def __init__(self, path: Path, options: FuzzOptions) -> None:
        self.seconds = 0.0
        self._went: float | None = None
        arguments = [str(path), "--requests", str(options.requests), "--clients", str(options.clients)]
        self._process = subprocess.Popen(  # noqa: S603 - this program
            [sys.executable, "-m", "device.bench.fuzz.clients", *arguments, "--seed", str(options.seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def say(self, word: str) -> None:
        """`go` or `rest`."""
        if self._went is not None:
            self.seconds += time.monotonic() - self._went
        self._went = time.monotonic() if word == "go" and self.at_work else None
        if self.at_work and self._process.stdin is not None:
            self._process.stdin.write(f"{word}\n")
            self._process.stdin.flush()

    @property
    def at_work(self) -> bool:
        """Whether requests are left."""
        return self._process.poll() is None

    def told(self) -> dict[str, Any]:
        """What came of it, once it is over."""
        out, _ = self._process.communicate()
        found: dict[str, Any] = json.loads(out)
        return found


class _Beside(logging.Handler):
    """Decides what is spoken and when the clients rest; notes what the agent uses, and what it logs as an error."""

    def __init__(self, clips: Sequence[Clip], path: Path, options: FuzzOptions) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []
        self.spoken: dict[str, list[Utterance]] = {"quiet": [], "fuzzed": []}
        self.grown_mb = {"quiet": 0.0, "fuzzed": 0.0}
        """By how much memory grew beside the utterances of each kind: a longer conversation takes its share, too."""
        self.uses: list[dict[str, float]] = []
        self.clients: _Clients | None = None
        self._clips, self._path, self._options = clips, path, options
        self._fuzzed = False

    def emit(self, record: logging.LogRecord) -> None:
        """An error that the agent logs."""
        self.errors.append(record.getMessage())

    def to_speak(self) -> Iterator[Clip]:
        """Clips, until all requests are made and enough was spoken of both kinds; on the sound device's thread."""
        for number in range(WARM_UP):
            yield self._clips[number % len(self._clips)]
        self.spoken = {"quiet": [], "fuzzed": []}
        self.clients = _Clients(self._path, self._options)
        self.uses.append(_uses())
        number, memory_mb = 0, self.uses[-1]["memory_mb"]
        while self.clients.at_work or min(map(len, self.spoken.values())) < self._options.least:
            self._fuzzed = number % 2 == 1 and self.clients.at_work
            if number % 2 == 1 and not self.clients.at_work:
                break
            self.clients.say("go" if self._fuzzed else "rest")
            yield self._clips[number // 2 % len(self._clips)]
            number += 1
            before_mb, memory_mb = memory_mb, resident_mb()
            self.grown_mb["fuzzed" if self._fuzzed else "quiet"] += memory_mb - before_mb
        self.clients.say("go")

    def note(self, utterance: Utterance) -> None:
        """An utterance was answered, or not."""
        self.spoken["fuzzed" if self._fuzzed else "quiet"].append(utterance)


def resident_mb() -> float:
    """The memory of this process that is in use, in MB (10^6)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _uses() -> dict[str, float]:
    """What this process has in use."""
    gc.collect()
    return {
        "memory_mb": round(resident_mb(), 1),
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "threads": threading.active_count(),
    }


def fuzz(config: Config, clips: Sequence[Clip], options: FuzzOptions) -> dict[str, Any]:
    """Load an agent, speak to it, fuzz it; what came of it. Raises ModelError, AudioError."""
    import uvloop

    with tempfile.TemporaryDirectory(prefix="device-fuzz-") as place:
        beside = _Beside(clips, Path(place) / "control.sock", options)
        logging.getLogger().addHandler(beside)
        try:
            found = uvloop.run(_live(config, beside, Path(place) / "control.sock"))
        finally:
            logging.getLogger().removeHandler(beside)
        assert beside.clients is not None
        told = beside.clients.told()
    before, after = beside.uses
    return {
        **told,
        "made": sum(told["requests"].values()),
        "per_second": round(sum(told["requests"].values()) / max(beside.clients.seconds, 0.001), 1),
        "before": before,
        "after": after,
        "grown_mb": {kind: round(grown, 1) for kind, grown in beside.grown_mb.items()},
        "errors_logged": beside.errors[:20],
        "late_blocks": found.late_blocks,
        "voice": _voice(beside.spoken),
        "machine": machine.description(),
    }


async def _live(config: Config, beside: _Beside, path: Path) -> session.Session:
    def spoken(utterance: Utterance) -> None:
        beside.note(utterance)

    async def afterwards() -> None:
        await asyncio.sleep(session.SETTLED_SECONDS)  # those who vanished are noticed
        beside.uses.append(_uses())

    return await session.speak(config, beside.to_speak(), on_spoken=spoken, control=path, at_end=afterwards)


def _voice(spoken: dict[str, list[Utterance]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind, utterances in spoken.items():
        ms = [one.voice_to_voice_ms for one in utterances if one.voice_to_voice_ms is not None]
        found[kind] = {"n": len(utterances), "answered": len(ms), "voice_to_voice_ms": percentiles(ms)}
    quiet, fuzzed = (found[kind]["voice_to_voice_ms"]["p50"] for kind in ("quiet", "fuzzed"))
    found["ratio"] = round(fuzzed / quiet, 3) if quiet and fuzzed else None
    return found
