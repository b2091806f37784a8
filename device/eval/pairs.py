"""The asynchronous agent and its own strict turns play the same workloads, in turns, each in a process of its own.

Whatever else the machine does hits both alike, and neither is always the first. What is compared is always a pair.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from device.bench.overlap.figures import Outcome
from device.bench.overlap.player import Staging
from device.bench.overlap.process import AgentProcess, agent_process
from device.bench.overlap.summary import ASYNC, SYNC
from device.bench.overlap.workloads import Workload
from device.config import Config
from device.eval import intervals
from device.eval.result import Case, Figure
from device.eval.workloads import KINDS

MODES = (ASYNC, SYNC)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Both agents."""

    agents: Mapping[str, AgentProcess]

    def play(self, workload: Workload, number: int) -> Case:
        """Let both play it; which is the first goes by the step's number."""
        played = {mode: self.agents[mode].play(workload) for mode in sorted(MODES, reverse=bool(number % 2))}
        return {
            "workload": workload.name,
            "facts": len(workload.facts()),
            "calls": len(workload.calls()),
            **{mode: _figures(one.outcome) for mode, one in played.items()},
        }


@contextmanager
def pair(config: Config, staging: Staging) -> Iterator[Pair]:
    """Both agents, loaded. Raises DeviceError."""
    with ExitStack() as stack:
        # One after another, so that the second finds the prompt's fixed part on the disk.
        agents = {
            mode: stack.enter_context(agent_process(config, mode, replace(staging, strict=mode == SYNC)))
            for mode in MODES
        }
        yield Pair(agents=agents)


def combinations(operations: Sequence[int]) -> list[tuple[str, int]]:
    """Every kind of workload with so many operations each; one call is one."""
    return [(kind, count) for kind in KINDS for count in operations if kind != "one call" or count == operations[0]]


def _figures(one: Outcome) -> Case:
    return {
        "first_s": one.first_word_seconds,
        "all_s": one.all_answers_seconds,
        "heard": one.heard,
        "words_lost": one.words_lost,
        "interruptions": one.interruptions,
        "replies": one.replies,
        "cpu_s": one.cpu_seconds,
        "peak_mb": one.peak_rss_bytes / 1e6,
    }


# --- figures of several cases ------------------------------------------------------------------------------------


def both(cases: Sequence[Case], name: str, unit: str) -> tuple[Figure, Figure]:
    """The mean of a figure in each mode."""
    return tuple(  # type: ignore[return-value]
        intervals.mean([case[mode][name] for case in cases if case[mode][name] is not None], unit) for mode in MODES
    )


def times_sooner(cases: Sequence[Case], name: str) -> Figure:
    """How many times as long strict turns take, workload by workload."""
    known = [case for case in cases if None not in (case[SYNC][name], case[ASYNC][name])]
    return intervals.paired_ratio([case[SYNC][name] for case in known], [case[ASYNC][name] for case in known])


def completed(cases: Sequence[Case]) -> tuple[Figure, Figure]:
    """The share of the answers that were heard in each mode."""
    facts = sum(case["facts"] for case in cases)
    return tuple(intervals.rate(sum(case[mode]["heard"] for case in cases), facts) for mode in MODES)  # type: ignore[return-value]
