"""The comparison: both modes play the same suite, in turns, so that whatever else the machine does hits both alike."""

import math
import multiprocessing
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from device.cli import machine
from device.cli.overlap import player
from device.cli.overlap.bound import Pace, first_answer_seconds, overlapped_seconds, serial_seconds
from device.cli.overlap.figures import Outcome
from device.cli.overlap.player import Played
from device.cli.overlap.workloads import Workload, suite
from device.config import Config
from device.errors import DeviceError

ASYNC, SYNC = "async", "sync"

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

    def add(self, played: Played) -> None:
        self.outcomes.append(played.outcome)
        for name, samples in played.pace.items():
            self.pace.setdefault(name, []).extend(samples)


def compare(config: Config, options: Options) -> dict[str, Any]:
    """Play the suite in every mode; returns all figures. Raises DeviceError."""
    workloads = suite(options.seed, options.workloads, scale=options.scale)
    runs = {mode: _Run() for mode in options.modes}
    with ExitStack() as stack:
        advance = stack.enter_context(_progress(len(workloads) * len(options.modes)))
        # One after another, so that the second finds the prompt's fixed part on the disk.
        parts = {mode: stack.enter_context(_process(config, mode, options)) for mode in options.modes}
        for number, workload in enumerate(workloads):
            # Neither mode is always the first.
            for mode in sorted(options.modes, reverse=bool(number % 2)):
                what = f"{mode}, {workload.name}"
                advance(what, 0)
                parts[mode].connection.send(workload)
                runs[mode].add(parts[mode].receive(Played))
                advance(what, 1)
    model = next(iter(parts.values())).model
    return summary(config, model, options, workloads, {m: (r.outcomes, r.pace) for m, r in runs.items()})


# --- a mode's process --------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class _Part:
    """One mode's process, seen from here."""

    connection: Connection
    mode: str
    model: str = ""

    def receive(self, kind: type) -> Any:
        """What it sends next. Raises the DeviceError that it ended with."""
        try:
            received = self.connection.recv()
        except EOFError:
            raise DeviceError(f"The {self.mode} agent's process ended unexpectedly.") from None
        if isinstance(received, DeviceError):
            raise received
        assert isinstance(received, kind)
        return received


@contextmanager
def _process(config: Config, mode: str, options: Options) -> Iterator[_Part]:
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(
        target=player.serve,
        args=(config, theirs),
        kwargs={"strict": mode == SYNC, "scripted": options.scripted},
        name=f"{mode} agent",
        daemon=True,
    )
    process.start()
    theirs.close()
    part = _Part(connection=ours, mode=mode)
    try:
        part.model = part.receive(str)
        yield part
        ours.send(None)
        process.join()
    finally:
        ours.close()
        process.terminate()
        process.join()


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


# --- figures -----------------------------------------------------------------------------------------------------

Runs = dict[str, tuple[Sequence[Outcome], dict[str, list[float]]]]


def summary(config: Config, model: str, options: Options, workloads: Sequence[Workload], runs: Runs) -> dict[str, Any]:
    """All figures as JSON has them; seconds are rounded to milliseconds."""
    # The pace of strict turns is the truer one: nothing else computes meanwhile.
    pace = Pace.of(runs[SYNC if SYNC in runs else ASYNC][1])
    outcomes = {mode: of_mode for mode, (of_mode, _) in runs.items()}
    facts = [len(workload.facts()) for workload in workloads]
    serial = sum(serial_seconds(workload, pace) for workload in workloads)
    overlapped = sum(overlapped_seconds(workload, pace) for workload in workloads)
    result: dict[str, Any] = {mode: _mode(of_mode, facts) for mode, of_mode in outcomes.items()}
    result["overlap_bound"] = _round(serial / overlapped)
    if len(outcomes) > 1:
        took = {mode: sum(one.all_answers_seconds for one in of_mode) for mode, of_mode in outcomes.items()}
        result["speedup"] = _round(took[SYNC] / took[ASYNC])
        result["share_of_bound"] = _round(took[SYNC] / took[ASYNC] / (serial / overlapped))
    return result | {
        "workloads": [_row(w, number, outcomes, pace) for number, w in enumerate(workloads)],
        "pace_s": {name: _round(getattr(pace, name), 4) for name in Pace.__dataclass_fields__},
        "decisions": "script" if options.scripted else "model",
        "seed": options.seed,
        "scale": options.scale,
        "models": {"tts": config.models.tts, "llm": model},
        "machine": machine.described(),
    }


def _mode(outcomes: Sequence[Outcome], facts: Sequence[int]) -> dict[str, Any]:
    firsts = [one.first_word_seconds for one in outcomes if one.first_word_seconds is not None]
    alls = [one.all_answers_seconds for one in outcomes]
    return {
        "time_to_first_word_s": _mean(firsts),
        "time_to_first_word_s_p95": _p95(firsts),
        "time_to_all_answers_s": _mean(alls),
        "time_to_all_answers_s_p95": _p95(alls),
        "words_lost": sum(one.words_lost for one in outcomes),
        "completion_rate": _round(sum(one.heard for one in outcomes) / max(sum(facts), 1), 4),
        "interruptions": sum(one.interruptions for one in outcomes),
        "replies": sum(one.replies for one in outcomes),
        "cpu_s": _round(sum(one.cpu_seconds for one in outcomes)),
        "peak_rss_bytes": max((one.peak_rss_bytes for one in outcomes), default=0),
    }


def _row(workload: Workload, number: int, outcomes: dict[str, Sequence[Outcome]], pace: Pace) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": workload.name,
        "calls": len(workload.calls()),
        "answers": len(workload.facts()),
        "serial_s": _round(serial_seconds(workload, pace)),
        "overlapped_s": _round(overlapped_seconds(workload, pace)),
        "first_answer_overlapped_s": _round(first_answer_seconds(workload, pace)),
    }
    for mode, of_mode in outcomes.items():
        one = of_mode[number]
        row[mode] = {
            "time_to_first_word_s": None if one.first_word_seconds is None else _round(one.first_word_seconds),
            "time_to_all_answers_s": _round(one.all_answers_seconds),
            "answers_heard_s": [None if at is None else _round(at) for at in one.heard_seconds],
            "words_lost": one.words_lost,
            "completion_rate": _round(one.heard / max(row["answers"], 1), 4),
            "interruptions": one.interruptions,
            "replies": one.replies,
            "cpu_s": _round(one.cpu_seconds),
        }
    return row


def _mean(values: Sequence[float]) -> float | None:
    return _round(sum(values) / len(values)) if values else None


def _p95(values: Sequence[float]) -> float | None:
    """The 95th percentile by nearest rank."""
    return _round(sorted(values)[math.ceil(0.95 * len(values)) - 1]) if values else None


def _round(value: float, digits: int = 3) -> float:
    return round(value, digits)
