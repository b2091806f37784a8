"""The comparison: both modes play the same suite, in turns, so that whatever else the machine does hits both alike."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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


def compare(config: Config, options: Options) -> dict[str, Any]:
    """Play the suite in every mode; returns all figures. Raises DeviceError."""
    workloads = suite(options.seed, options.workloads, scale=options.scale)
    runs = {mode: _Run() for mode in options.modes}
    with ExitStack() as stack:
        advance = stack.enter_context(_progress(len(workloads) * len(options.modes)))
        # One after another, so that the second finds the prompt's fixed part on the disk.
        stagings = {mode: Staging(strict=mode == SYNC, scripted=options.scripted) for mode in options.modes}
        agents = {mode: stack.enter_context(agent_process(config, mode, stagings[mode])) for mode in options.modes}
        for number, workload in enumerate(workloads):
            # Neither mode is always the first.
            for mode in sorted(options.modes, reverse=bool(number % 2)):
                what = f"{mode}, {workload.name}"
                advance(what, 0)
                runs[mode].add(agents[mode].play(workload))
                advance(what, 1)
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


@contextmanager
def _progress(total: int) -> Iterator[Callable[[str, int], None]]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield _shown_nowhere
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", style="dim"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("loading", total=total)
        yield lambda what, count: bars.update(task, advance=count, description=what)


def _shown_nowhere(what: str, count: int) -> None:
    del what, count
