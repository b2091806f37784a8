"""A whole agent plays the suite: of fakes, in real time but short; and once of real models, as a command."""

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from device.adapters.audio_wav import WavDevice
from device.adapters.clock_system import SystemClock
from device.adapters.fakes.ledger import MemoryLedger
from device.adapters.fakes.llm import ScriptedModel
from device.adapters.fakes.speech import LoudnessDetector, ScriptedRecognizer, ScriptedTurnDetector, SteadyVoice
from device.cli.overlap.director import Director
from device.cli.overlap.player import CHAINED_CALLS, Player
from device.cli.overlap.props import Props
from device.cli.overlap.workloads import SHAPES, suite
from device.config import load
from device.core.events import ShutdownRequested
from device.runtime.agent import Surroundings, assemble
from device.runtime.faculties import Faculties

ROOT = Path(__file__).parents[3]


def silence():
    while True:
        yield np.zeros(1600, np.float32)


@asynccontextmanager
async def playing(*, strict: bool):
    clock = SystemClock()
    ledger, props = MemoryLedger(clock), Props()
    director = Director(ledger)
    faculties = Faculties(
        clock=clock,
        ledger=ledger,
        model=ScriptedModel(lambda prompt: director.reply(may_call=True) or ""),
        detector=LoudnessDetector(),
        recognizer=ScriptedRecognizer(),
        turn_detector=ScriptedTurnDetector(),
        synthesizer=SteadyVoice(word_seconds=0.02),
        tools=props.tools(),
    )
    options = (f"conversation.synchronous={str(strict).lower()}", f"thinking.chained_calls={CHAINED_CALLS}")
    surroundings = Surroundings(
        config=load(overrides=options, environment={}).config,
        state_directory=Path("/nowhere"),
        sound=WavDevice(silence()),
    )
    async with assemble(surroundings, faculties) as agent:
        player = Player(agent=agent, clock=clock, props=props, director=director, strict=strict)
        agent.loop.observe(player.watch)
        living = asyncio.create_task(agent.run())
        yield player
        agent.loop.post(ShutdownRequested())
        await living


@pytest.mark.parametrize("strict", [False, True])
async def test_every_answer_of_every_shape_is_heard(strict):
    async with playing(strict=strict) as player:
        for workload in suite(4, SHAPES, scale=0.03):
            one = (await player.play(workload)).outcome
            assert (one.heard, one.words_lost) == (len(workload.facts()), 0), workload.name
            assert 0.0 < one.first_word_seconds <= one.all_answers_seconds <= one.seconds + 0.01


@pytest.mark.models
def test_a_short_comparison_with_the_real_models(artifact_path):
    for artifact in ("moonshine-tiny-en", "piper-en_US-joe-medium", "qwen2.5-coder-0.5b-instruct-q4_k_m"):
        artifact_path(artifact)
    ended = subprocess.run(
        [sys.executable, "-m", "device", "bench", "async", "--quick", "--workloads", "2", "--json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
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
