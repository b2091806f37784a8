"""A whole agent of fakes in virtual time: its sound card runs by itself, the script says when what happens.

async with stage(script, tools=tools) as it:
    await it.say("What is the weather?")
    await it.until(it.is_quiet)
    assert it.heard() == ["It rains."]
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from device.adapters.fakes.audio import BLOCK_SAMPLES, SteppedAudio
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
from device.core.context import Conversation
from device.core.contexts import ROOT
from device.core.entries import AnyEntry, Record, ReplyEnded
from device.core.events import Event
from device.core.fsm import State
from device.core.toolspec import spec_of
from device.core.values import SharedValues
from device.ports import RECOGNITION_HZ
from device.runtime import faculties as faculties_module
from device.runtime.agent import Agent, Surroundings
from device.runtime.assembly import assemble
from device.runtime.child import Home
from device.runtime.faculties import Faculties
from device.toolkit import FunctionTool, ToolPolicy
from tests.virtual_time import InlineExecutor, VirtualClock

BLOCK_SECONDS = BLOCK_SAMPLES / RECOGNITION_HZ
TOKEN_SECONDS = 0.002
"""How long the model takes for a token, which is a byte here."""

Script = Callable[[str], str]


def tools_of(*functions: Callable[..., Any], **policy: Any) -> dict[str, FunctionTool]:
    """Functions as tools under their names; all get the same policy."""
    return {
        function.__name__: FunctionTool(spec=spec_of(function), function=function, policy=ToolPolicy(**policy))
        for function in functions
    }


def newest(prompt: str) -> str:
    """The last message before the reply's."""
    return prompt.rsplit("<|im_start|>", 2)[-2]


def answers(*pairs: tuple[str, str]) -> Script:
    """A script: the reply whose key stands in the newest message of the prompt; nothing for any other."""
    return lambda prompt: next((said for key, said in pairs if key in newest(prompt)), "")


@dataclass(eq=False)
class Stage:
    """An agent and everything around it."""

    agent: Agent
    audio: SteppedAudio
    model: ScriptedModel
    recognizer: ScriptedRecognizer
    ledger: MemoryLedger
    forks: list[tuple[int, int]] = field(default_factory=list)
    level: float = 0.0
    """How loud it is at the microphone."""

    # --- what happens ------------------------------------------------------------------------------------------------

    def post(self, event: Event) -> None:
        self.agent.loop.post(event)

    async def say(self, words: str, *, seconds: float = 0.5) -> None:
        """The user says something and is silent for long enough to have ended."""
        await self.begin_to_say(words, seconds=seconds)
        await self.fall_silent()

    async def begin_to_say(self, words: str, *, seconds: float = 0.5) -> None:
        self.recognizer.transcripts.append(words)
        self.level = 0.5
        await asyncio.sleep(seconds)

    async def fall_silent(self) -> None:
        self.level = 0.0
        await asyncio.sleep(0.45)

    async def until(self, condition: Callable[[], bool], *, seconds: float = 60.0) -> None:
        """Let time pass until something is so."""
        loop = asyncio.get_running_loop()
        over = loop.time() + seconds
        while not condition():
            if loop.time() > over:
                raise AssertionError(f"it never came to that; {self.state}, {self.agent.home.runner.open_calls()}")
            await asyncio.sleep(0.01)

    async def until_quiet(self, *, seconds: float = 300.0) -> None:
        await self.until(lambda: self.agent.settled, seconds=seconds)

    # --- what has happened -------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        return self.agent.loop.machine.state

    def entries(self, kind: type, context: str | None = ROOT) -> list[Any]:
        """The entries of a kind in one context, or in all."""
        return [
            record.entry
            for record in self.ledger.records()
            if isinstance(record.entry, kind) and context in (None, record.context)
        ]

    def heard(self) -> list[str]:
        """What was heard of each reply."""
        return [reply.heard.strip() for reply in self.entries(ReplyEnded)]

    def order(self, *kinds: type) -> list[tuple[str, AnyEntry]]:
        """The entries of some kinds in all contexts, in the ledger's order."""
        return [(record.context, record.entry) for record in self.ledger.records() if isinstance(record.entry, kinds)]

    def homes(self) -> list[Home]:
        """The contexts at work."""
        found = [self.agent.home]
        for home in found:
            found += [child.home for children in home.children.values() for child in children]
        return found

    def check(self) -> None:
        """What lives is what a replay of the ledger yields, in every context."""
        records = self.ledger.records()
        for home in self.homes():
            live = home.dialogue.conversation
            assert Conversation.replay(records, model="scripted", context=home.context_id) == live
        assert SharedValues.replay(records) == self.agent.contexts._base.values._values


async def _sound(it: Stage) -> None:
    """The sound card's own thread; it rests while nobody would notice."""
    while True:
        if it.level or not it.agent.settled or it.agent.capture.in_speech:
            it.audio.step(it.level)
        await asyncio.sleep(BLOCK_SECONDS)


@asynccontextmanager
async def stage(
    script: Script,
    *,
    tools: dict[str, FunctionTool],
    records: Sequence[Record] = (),
    options: tuple[str, ...] = (),
    fresh: bool = False,
    token_seconds: float = TOKEN_SECONDS,
) -> AsyncIterator[Stage]:
    clock = VirtualClock()
    ledger = MemoryLedger(clock, tuple(records))

    async def think() -> None:
        await asyncio.sleep(token_seconds)

    model, recognizer, audio = ScriptedModel(script, gate=think), ScriptedRecognizer(), SteppedAudio()
    forks: list[tuple[int, int]] = []
    fork = model.fork
    model.fork = lambda parent, child: (forks.append((parent, child)), fork(parent, child))[1]
    faculties = Faculties(
        clock=clock,
        ledger=ledger,
        model=model,
        detector=LoudnessDetector(),
        recognizer=recognizer,
        turn_detector=ScriptedTurnDetector(),
        judge=by_sound,
        synthesizer=SteadyVoice(),
        tools=tools,
    )
    config = load(overrides=options, environment={}).config
    surroundings = Surroundings(config=config, state_directory=Path("/nowhere"), sound=audio, fresh=fresh)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faculties_module, "ThreadPoolExecutor", InlineExecutor)
        async with assemble(surroundings, faculties) as agent:
            it = Stage(agent, audio, model, recognizer, ledger, forks)
            model.prompts.clear()
            model.samplings.clear()
            living = [asyncio.create_task(agent.run()), asyncio.create_task(_sound(it))]
            try:
                yield it
            finally:
                for task in living:
                    task.cancel()
                await asyncio.gather(*living, return_exceptions=True)
