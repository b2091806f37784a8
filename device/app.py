"""The composition root: the only place that knows which adapter stands behind which port.

`Agent.open` loads everything, side by side where it can, and connects it; `Agent.run` is the agent's life. Which
sound device, voice and state directory it has is its `Surroundings`, so that a microphone, a recording and a keyboard
all go through the same machine.
"""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from device.adapters.asr_moonshine import MoonshineRecognizer
from device.adapters.asr_online import OnlineRecognizerAdapter
from device.adapters.clock_system import SystemClock
from device.adapters.llm_llama import LlamaEngine
from device.adapters.models.store import ModelStore
from device.adapters.store_sqlite import SqliteLedger
from device.adapters.tts_piper import PiperSynthesizer
from device.adapters.turn_silence import SilenceRule
from device.adapters.turn_smart import SmartTurn
from device.adapters.vad_silero import SileroVad
from device.config import Config
from device.core.endpointing import Endpointer, EndpointingOptions
from device.core.entries import CallEnded, ConversationStarted
from device.core.events import AlarmsRang, Event, PlaybackFinished, PlaybackStarted, ResultsArrived, ShutdownRequested
from device.core.fsm import Machine, State
from device.core.prompt.grammar import grammar_for
from device.core.prompt.instructions import system_text
from device.core.prompt.messages import System
from device.core.prompt.renderers import choose
from device.errors import LedgerError
from device.ports import AudioDevice, Recognizer, Sampling, ToolContext, TurnDetector
from device.runtime.alarms import AlarmService
from device.runtime.capture import Capture, Ears
from device.runtime.cores import Cores
from device.runtime.dialogue import Dialogue
from device.runtime.dispatcher import DIALOGUE_SEQUENCE, Dispatcher, Parts
from device.runtime.loop import Loop
from device.runtime.marks import Marks, Stage
from device.runtime.playback import Playback
from device.runtime.sound import SoundSupervisor
from device.runtime.tools import ToolRunner
from device.runtime.voice import Voice
from device.runtime.voice_printed import PrintedVoice
from device.runtime.voice_spoken import SpokenVoice
from device.tools import builtin_tools

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where an agent lives.

    `sound` is its sound device, None for none; without one, or when `show` is given, replies are shown instead of
    spoken. `fresh` starts a new conversation. An `unpaced` device waits while the agent computes, as if the machine
    were infinitely fast.
    """

    config: Config
    state_directory: Path
    sound: AudioDevice | None = None
    show: Callable[[str], None] | None = None
    fresh: bool = False
    unpaced: bool = False


class Agent:
    """A whole agent, loaded and connected; made by `open_agent`."""

    def __init__(self, *, loop: Loop, dispatcher: Dispatcher, dialogue: Dialogue, marks: Marks, tools: ToolRunner) -> None:
        self.loop = loop
        self.dispatcher = dispatcher
        self.dialogue = dialogue
        self.marks = marks
        self.tools = tools
        self.capture: Capture | None = None
        self.playback: Playback | None = None

    async def run(self) -> None:
        """Live until a ShutdownRequested is posted."""
        await self.loop.run()

    @property
    def settled(self) -> bool:
        """Whether nothing is going on and nothing is going to happen by itself but alarms."""
        return (
            self.loop.machine.state is State.IDLE
            and len(self.loop.inbox) == 0
            and not self.dispatcher.replying
            and not self.tools.open_calls()
            and not (self.capture is not None and self.capture.in_speech)
        )

    def wants_time(self) -> bool:
        """Whether the agent computes something before its next sound; an unpaced device waits for that."""
        if self.capture is not None and self.capture.busy:
            return True
        quiet = self.playback is None or not self.playback.has_samples
        return quiet and (self.dispatcher.replying or len(self.loop.inbox) > 0)


@asynccontextmanager
async def open_agent(surroundings: Surroundings) -> AsyncIterator[Agent]:
    """Load and connect an agent; leaving the context ends it and keeps what was said.

    Raises ModelError, LedgerError, AudioError, each in one sentence. Leaving may raise LedgerError if something could
    not be kept.
    """
    config = surroundings.config
    clock = SystemClock()
    marks = Marks(clock)
    loop = Loop()
    async with AsyncExitStack() as stack:
        ledger = SqliteLedger.open(surroundings.state_directory, clock, on_failure=_report)
        stack.push_async_callback(ledger.close)
        spoken = surroundings.sound is not None and surroundings.show is None
        loaded = await _load(config, hears=surroundings.sound is not None, speaks=spoken)
        stack.push_async_callback(loaded.engine.close)
        cores = Cores(loaded.engine.set_busy)
        tools = builtin_tools(config.conversation.tools)
        dialogue = _dialogue(config, ledger, loaded.engine, [tool.spec for tool in tools.values()])
        if surroundings.fresh:
            dialogue.append(ConversationStarted())
        alarms = AlarmService(
            dialogue,
            clock,
            on_rang=lambda alarm_ids: loop.post(AlarmsRang(alarm_ids=alarm_ids)),
            pending=dialogue.conversation.pending_alarms(),
        )
        runner = ToolRunner(
            tools,
            dialogue,
            ToolContext(clock=clock, alarms=alarms),
            on_finished=lambda call_ids: loop.post(ResultsArrived(call_ids=call_ids)),
        )
        stack.push_async_callback(runner.close)
