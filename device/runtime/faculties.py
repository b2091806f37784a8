"""What an agent has: its faculties (the ports, fulfilled), their worker threads, and how all are warmed up."""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from device.core.turn_end import Signs, completeness
from device.ports import (
    RECOGNITION_HZ,
    Board,
    Clock,
    EchoCanceller,
    LanguageModel,
    Ledger,
    Recognizer,
    Sampling,
    Synthesizer,
    TurnDetector,
    VoiceDetector,
    WakeDetector,
)
from device.runtime.dialogue import Dialogue
from device.runtime.threads import name_this_thread
from device.toolkit import Health, Outputs, Tool

log = logging.getLogger(__name__)

MOST_PREFIXES = 8
"""So many computed beginnings of prompts are kept on the disk; the oldest go."""


@dataclass(kw_only=True)
class Faculties:
    """What the agent tells the time, remembers and thinks with; hears and speaks with, if it does; and can do.

    `judge` is the rule by which it takes a pause for the end of a turn.
    """

    clock: Clock
    ledger: Ledger
    model: LanguageModel
    detector: VoiceDetector | None = None
    recognizer: Recognizer | None = None
    wake: WakeDetector | None = None
    turn_detector: TurnDetector | None = None
    canceller: EchoCanceller | None = None
    judge: Callable[[Signs], float] = completeness
    synthesizer: Synthesizer | None = None
    tools: Mapping[str, Tool] = field(default_factory=dict)
    outputs: Outputs | None = None
    health: Health | None = None
    board: Board | None = None


class Workers:
    """One thread for each faculty that computes by itself."""

    def __init__(self) -> None:
        self.hearing, self.judging, self.speaking = (
            ThreadPoolExecutor(1, thread_name_prefix=name, initializer=name_this_thread, initargs=(name,))
            for name in ("hear", "judge", "speak")
        )

    def __enter__(self) -> Self:
        """Nothing starts before there is work."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop what waits and wait for what runs."""
        for worker in (self.hearing, self.judging, self.speaking):
            worker.shutdown(cancel_futures=True)


async def warm(
    faculties: Faculties,
    workers: Workers,
    dialogue: Dialogue,
    sequence: int,
    *,
    samplings: Sequence[Sampling],
    prefixes: Path,
) -> None:
    """Do everything once before somebody waits for it. What can be kept of that lies in `prefixes` the next time."""
    loop = asyncio.get_running_loop()
    sound = np.random.default_rng(0).normal(0.0, 0.05, RECOGNITION_HZ).astype(np.float32)
    works: list[Any] = [_prefill(faculties.model, dialogue, sequence, samplings, prefixes)]
    if (recognizer := faculties.recognizer) is not None:

        def recognize() -> None:
            recognizer.begin()
            recognizer.feed(sound)
            recognizer.finish()
            recognizer.begin()

        works.append(loop.run_in_executor(workers.hearing, recognize))
    if (judge := faculties.turn_detector) is not None:
        works.append(loop.run_in_executor(workers.judging, judge.completeness, sound))
    if (wake := faculties.wake) is not None:
        works.append(loop.run_in_executor(workers.judging, wake.begin, sound))
    if (synthesizer := faculties.synthesizer) is not None:
        works.append(loop.run_in_executor(workers.speaking, lambda: synthesizer.synthesize("I am ready.").words))
    await asyncio.gather(*works)


async def _prefill(
    model: LanguageModel, dialogue: Dialogue, sequence: int, samplings: Sequence[Sampling], prefixes: Path
) -> None:
    """Compute the conversation so far, its fixed part from the disk if it was computed before; warm the grammars."""
    fixed = dialogue.fixed_prompt()
    # Named after the model and every token: another model, version or instruction is another file.
    key = hashlib.sha256(f"{model.card.name} {model.card.context_tokens} {fixed}".encode()).hexdigest()[:24]
    kept = prefixes / f"{key}.kv"
    if not await model.load_prefix(sequence, kept):
        await model.prefill(sequence, fixed)
        await _keep(model, sequence, kept)
    for sampling in samplings:
        async for _ in model.generate(sequence, fixed, replace(sampling, max_tokens=1)):
            pass
    await model.prefill(sequence, dialogue.prompt())


async def _keep(model: LanguageModel, sequence: int, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        by_age = sorted(path.parent.glob("*.kv"), key=lambda file: file.stat().st_mtime)
        for old in by_age[: 1 - MOST_PREFIXES]:
            old.unlink(missing_ok=True)
        await model.save_prefix(sequence, path)
    except OSError as error:
        log.info("The prompt's state could not be kept: %s", error)
