"""A whole agent plays the suite: of fakes in virtual time, at a calm machine's pace; and once of real models."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from device.bench.overlap.bound import Pace
from device.bench.overlap.director import Director
from device.bench.overlap.player import CHAINED_CALLS, Played, Player
from device.bench.overlap.props import Props
from device.bench.overlap.summary import summary
from device.bench.overlap.workloads import SHAPES, Workload, suite
from tests.runtime.stage import stage
from tests.virtual_time import VirtualClock, in_virtual_time

ROOT = Path(__file__).parents[3]
TOKEN_SECONDS = 0.01
"""A token is a byte here, a quarter of a real one; so this is a slow machine, as the fake voice is a quick one."""


class Prompter:
    """The fake model's script: what the director says, once there is one."""

    def __init__(self) -> None:
        self.director: Director | None = None

    def script(self, prompt: str) -> str:
        return (self.director.reply(prompt, may_call=True) if self.director is not None else None) or ""


async def play(*workloads: Workload, strict: bool) -> list[Played]:
    prompter, props = Prompter(), Props()
    options = (f"conversation.synchronous={str(strict).lower()}", f"thinking.chained_calls={CHAINED_CALLS}")
    async with stage(prompter.script, tools=props.tools(), options=options, token_seconds=TOKEN_SECONDS) as it:
        prompter.director = Director()
        player = Player(agent=it.agent, clock=VirtualClock(), props=props, director=prompter.director, strict=strict)
        it.agent.loop.observe(player.watch)
        return [await player.play(workload) for workload in workloads]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("seed", range(4))
@in_virtual_time
async def test_every_answer_of_every_shape_is_heard(seed, strict):
    workloads = suite(seed, SHAPES)
    for workload, played in zip(workloads, await play(*workloads, strict=strict), strict=True):
        one = played.outcome
        assert (one.heard, one.words_lost) == (len(workload.facts()), 0), workload.name
        assert 0.0 < one.first_word_seconds <= one.all_answers_seconds <= one.seconds + 0.01


@pytest.mark.parametrize("seed", range(4))
@in_virtual_time
async def test_the_asynchronous_agent_comes_close_to_what_overlap_allows_and_never_beyond(seed):
    workloads = suite(seed, SHAPES)
    quick, strict = await play(*workloads, strict=False), await play(*workloads, strict=True)
    outcomes = {"async": [played.outcome for played in quick], "sync": [played.outcome for played in strict]}
    result = summary(workloads, outcomes, pace_of(strict))
    assert result["share_of_bound"] >= 0.8
    assert result["speedup"] <= 1.02 * result["overlap_bound"]
    for row in result["workloads"]:
        # The bound takes every sentence and call to be written as fast as the mean one.
        assert row["async"]["time_to_all_answers_s"] >= row["overlapped_s"] - 0.2
        assert row["sync"]["time_to_all_answers_s"] == pytest.approx(row["serial_s"], rel=0.1)


@pytest.mark.models
def test_a_short_comparison_with_the_real_models(artifact_path):
    for artifact in ("moonshine-tiny-en", "piper-en_US-joe-medium", "qwen2.5-coder-0.5b-instruct-iq4_nl"):
        artifact_path(artifact)
    ended = subprocess.run(
        [sys.executable, "-m", "device", "bench", "async", "--quick", "--workloads", "2", "--json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=600,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    result = json.loads(ended.stdout)
    for mode in ("async", "sync"):
        assert result[mode]["completion_rate"] == 1.0
        assert result[mode]["words_lost"] == 0
        assert result[mode]["cpu_s"] > 0
        assert result[mode]["peak_rss_bytes"] > 100e6
    assert result["overlap_bound"] >= 1.0
    assert len(result["workloads"]) == 2


def pace_of(played: list[Played]) -> Pace:
    samples: dict[str, list[float]] = {}
    spoken: dict[str, float] = {}
    for one in played:
        spoken |= one.spoken
        for name, values in one.pace.items():
            samples.setdefault(name, []).extend(values)
    return Pace.of(samples, spoken)
