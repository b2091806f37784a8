"""The comparison: both modes play the same suite, in turns, so that whatever else the machine does hits both alike."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from device.bench import machine
from device.bench.overlap.bound import Pace
from device.bench.overlap.figures import Outcome
from device.bench.overlap.player import Played, Staging
from device.bench.overlap.process import agent_process
from device.bench.overlap.summary import ASYNC, SYNC, summary
from device.bench.overlap.workloads import suite
from device.config import Config

QUICK_WORKLOADS, QUICK_SCALE = 3, 0.25


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is compared: `workloads` of the suite of that seed, calls and pauses shortened by `scale`."""

    modes: tuple[str, ...] = (ASYNC, SYNC)
    scripted: bool = True
    seed: int = 0
    workloads: int = 8
    scale: float = 1.0


@dataclass(kw_only=True)
class _Run:
    """What one mode came to, workload by workload."""

    outcomes: list[Outcome] = field(default_factory=list)
    pace: dict[str, list[float]] = field(default_factory=dict)
    spoken: dict[str, float] = field(default_factory=dict)

    def add(self, played: Played) -> None:
        self.outcomes.append(played.outcome)
        self.spoken |= played.spoken
        for name, samples in played.pace.items():
            self.pace.setdefault(name, []).extend(samples)


def plays(options: Options) -> int:
    """How often a workload is played."""
    return options.workloads * len(options.modes)


def compare(config: Config, options: Options, tell: Callable[[int, str], None]) -> dict[str, Any]:
    """Play the suite in every mode; returns all figures. Raises DeviceError.

    `tell(done, what)`: so many of `plays(options)` are done, and this one is under way.
    """
    workloads = suite(options.seed, options.workloads, scale=options.scale)
    runs = {mode: _Run() for mode in options.modes}
    with ExitStack() as stack:
        done = 0
        # One after another, so that the second finds the prompt's fixed part on the disk.
        stagings = {mode: Staging(strict=mode == SYNC, scripted=options.scripted) for mode in options.modes}
        agents = {mode: stack.enter_context(agent_process(config, mode, stagings[mode])) for mode in options.modes}
        for number, workload in enumerate(workloads):
            # Neither mode is always the first.
            for mode in sorted(options.modes, reverse=bool(number % 2)):
                tell(done, f"{mode}, {workload.name}")
                runs[mode].add(agents[mode].play(workload))
                done += 1
    # The pace of strict turns is the truer one: nothing else computes meanwhile.
    calm = runs[SYNC if SYNC in runs else ASYNC]
    outcomes = {mode: run.outcomes for mode, run in runs.items()}
    return summary(workloads, outcomes, Pace.of(calm.pace, calm.spoken)) | {
        "decisions": "script" if options.scripted else "model",
        "seed": options.seed,
        "scale": options.scale,
        "models": {"tts": config.models.tts, "llm": next(iter(agents.values())).model},
        "machine": machine.description(),
    }
