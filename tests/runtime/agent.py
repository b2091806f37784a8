"""A whole agent of fakes, for scenarios that are short scripts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from device.adapters.fakes.audio import SteppedAudio
from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.ledger import MemoryLedger
from device.adapters.fakes.llm import ScriptedModel
from device.adapters.fakes.speech import (
    LoudnessDetector,
    ScriptedRecognizer,
    ScriptedTurnDetector,
    SteadyVoice,
    by_sound,
)
from device.config import load
from device.core.events import Event
from device.core.fsm import State
from device.core.turn_end import Signs
from device.runtime.agent import Agent, Surroundings
from device.runtime.assembly import assemble
from device.runtime.dispatcher import ReplyReport
from device.runtime.faculties import Faculties
from device.tools import builtin_tools

Script = Callable[[str], str]


def answers(*pairs: tuple[str, str]) -> Script:
    """A script: the reply whose key stands in the newest message of the prompt; nothing for any other."""

    def reply(prompt: str) -> str:
        newest = prompt.rsplit("<|im_start|>", 2)[-2]
        return next((said for key, said in pairs if key in newest), "")

    return reply


@dataclass
class Scene:
    """An agent and everything around it."""

    agent: Agent
    audio: SteppedAudio
    clock: FakeClock
    model: ScriptedModel
    recognizer: ScriptedRecognizer
    judge: ScriptedTurnDetector
    voice: SteadyVoice
    ledger: MemoryLedger
    said: list[ReplyReport] = field(default_factory=list)
    out: list[np.ndarray] = field(default_factory=list)

    @property
    def state(self) -> State:
        return self.agent.loop.machine.state

    def entries(self, kind: type) -> list:
        return [record.entry for record in self.ledger.records() if isinstance(record.entry, kind)]

    def post(self, event: Event) -> None:
        self.agent.loop.post(event)

    async def rest(self) -> None:
        """Let everything that computes come to its end; no sound passes meanwhile."""
        quiet = 0
        while quiet < 5:
            await asyncio.sleep(0.001)
            quiet = 0 if self.agent.wants_time() or self.agent.capture.busy else quiet + 1

    async def step(self, blocks: int = 1, level: float = 0.0) -> None:
        """Let blocks of 32 ms pass."""
        for _ in range(blocks):
            self.out.append(self.audio.step(level))
            await self.rest()

    async def hear(self, words: str, *, blocks: int = 15) -> None:
        """The user says something and is silent for long enough to have ended."""
        self.recognizer.transcripts.append(words)
        await self.step(blocks, level=0.5)
        await self.step(12)

    async def until(self, condition: Callable[[], bool], *, level: float = 0.0) -> None:
        """Let sound pass until something is so."""
        for _ in range(1500):
            if condition():
                return
            await self.step(1, level)
        raise AssertionError("it never came to that")

    async def until_idle(self) -> None:
        await self.until(lambda: self.state is State.IDLE and self.agent.settled)

    def loud_samples(self) -> int:
        return int(np.count_nonzero(np.concatenate(self.out)))


@asynccontextmanager
async def scene(
    script: Script,
    *,
    ledger: MemoryLedger | None = None,
    options: tuple[str, ...] = (),
    rule: Callable[[Signs], float] = by_sound,
    **more,
) -> AsyncIterator[Scene]:
    clock = FakeClock()
    ledger = ledger or MemoryLedger(clock)
    model, recognizer, voice, audio = (
        ScriptedModel(script, context_tokens=more.pop("context_tokens", 1 << 16)),
        ScriptedRecognizer(),
        SteadyVoice(),
        SteppedAudio(),
    )
    judge = ScriptedTurnDetector()
    faculties = Faculties(
        clock=clock,
        ledger=ledger,
        model=model,
        detector=LoudnessDetector(),
        recognizer=recognizer,
        turn_detector=judge,
        judge=rule,
        wake=more.pop("wake", None),
        synthesizer=voice,
        tools=more.pop("tools", builtin_tools()),
    )
    config = load(overrides=options, environment={}).config
    async with assemble(
        Surroundings(config=config, state_directory=Path("/nowhere"), sound=audio, **more), faculties
    ) as agent:
        made = Scene(agent, audio, clock, model, recognizer, judge, voice, ledger)
        agent.dispatcher.on_reply_ended = made.said.append
        model.prompts.clear()
        voice.said.clear()
        living = asyncio.create_task(agent.run())
        try:
            yield made
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
