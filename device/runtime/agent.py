"""A whole agent: its parts connected, and its life.

`assemble` makes it of faculties that are loaded already, so that it neither knows nor cares which models, sound card or
fakes stand behind them. `Agent.run` is its life.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from device.config import Config
from device.core.endpointing import Endpointer, EndpointingOptions
from device.core.entries import CallEnded, ConversationStarted
from device.core.events import AlarmsRang, PlaybackFinished, PlaybackStarted, ResultsArrived
from device.core.fsm import State
from device.core.prompt.examples import examples_for
from device.core.prompt.grammar import grammar_for, speech_grammar
from device.core.prompt.instructions import system_text
from device.core.prompt.messages import System, ToolSpec
from device.core.prompt.renderers import Renderer, choose
from device.ports import AudioDevice, LanguageModel, Samples, Sampling, Synthesizer
from device.runtime.alarms import AlarmService
from device.runtime.capture import Capture, Ears
from device.runtime.cores import Cores
from device.runtime.dialogue import Dialogue
from device.runtime.dispatcher import DIALOGUE_SEQUENCE, Dispatcher, Parts
from device.runtime.faculties import Faculties, Workers, warm
from device.runtime.loop import Loop
from device.runtime.marks import Marks, Stage
from device.runtime.playback import Playback
from device.runtime.sound import SoundSupervisor
from device.runtime.tools import ToolRunner
from device.runtime.voice import Voice
from device.runtime.voice_printed import PrintedVoice
from device.runtime.voice_spoken import SpokenVoice
from device.toolkit import Tool, ToolContext

log = logging.getLogger(__name__)

PROMPT_RESERVE_TOKENS = 64
"""Room that a prompt leaves besides the reply's."""


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
    """A whole agent, loaded and connected; made by `assemble`."""

    def __init__(
        self,
        *,
        loop: Loop,
        dispatcher: Dispatcher,
        dialogue: Dialogue,
        marks: Marks,
        tools: ToolRunner,
        alarms: AlarmService,
    ) -> None:
        self.loop = loop
        self.dispatcher = dispatcher
        self.dialogue = dialogue
        self.marks = marks
        self.tools = tools
        self.alarms = alarms
        self.capture: Capture | None = None
        self.playback: Playback | None = None

    async def run(self) -> None:
        """Live until a ShutdownRequested is posted."""
        await self.loop.run()

    @property
    def settled(self) -> bool:
        """Whether nothing is going on, and nothing is going to happen by itself but alarms."""
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
        return quiet and (self.dispatcher.replying or self.loop.inbox.holds_for(self.loop.machine))


@asynccontextmanager
async def assemble(surroundings: Surroundings, faculties: Faculties) -> AsyncIterator[Agent]:
    """Connect an agent of the given faculties, warm it up and let it listen; leaving ends it."""
    config = surroundings.config
    marks = Marks(faculties.clock)
    async with AsyncExitStack() as stack:
        workers = stack.enter_context(Workers())
        renderer = _renderer(config, faculties.model)
        tools = _tools(config, faculties, renderer)
        dialogue = _dialogue(config, faculties, renderer, tuple(tool.spec for tool in tools.values()))
        if surroundings.fresh:
            dialogue.append(ConversationStarted())
        loop = Loop(last_turn=dialogue.conversation.last_turn)
        alarms = AlarmService(
            dialogue,
            faculties.clock,
            on_rang=lambda alarm_ids: loop.post(AlarmsRang(alarm_ids=alarm_ids)),
            pending=dialogue.conversation.pending_alarms(),
        )
        runner = ToolRunner(
            tools,
            dialogue,
            ToolContext(clock=faculties.clock, alarms=alarms),
            on_finished=lambda call_ids: loop.post(ResultsArrived(call_ids=call_ids)),
        )
        cores = Cores(faculties.model.set_busy)
        spoken = faculties.synthesizer is not None
        voice: Voice
        playback = None
        if faculties.synthesizer is not None:
            playback, voice = _spoken_voice(faculties.synthesizer, workers, cores, marks, loop)
        else:
            voice = PrintedVoice(surroundings.show or _nowhere, loop.post)
        capture = _capture(
            faculties,
            workers,
            _endpointer(config),
            preroll_ms=config.hearing.preroll_ms,
            post=loop.post,
            marks=marks,
            cores=cores,
        )
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        background = _Background(tasks)
        stack.push_async_callback(background.cancel)
        stack.push_async_callback(runner.close)
        sampling = Sampling(
            max_tokens=config.thinking.max_tokens,
            temperature=config.thinking.temperature,
            seed=config.thinking.seed,
            grammar=grammar_for([tool.spec for tool in tools.values()], renderer.name),
        )
        parts = Parts(
            dialogue=dialogue,
            model=faculties.model,
            voice=voice,
            tools=runner,
            sampling=sampling,
            telling=replace(sampling, grammar=speech_grammar()),
            chained_calls=config.thinking.chained_calls,
            tool_names=frozenset(tools),
            marks=marks,
            discard_utterance=capture.discard if capture is not None else _nothing,
        )
        dispatcher = Dispatcher(parts, loop.inbox, loop.post, tasks)
        if playback is not None and isinstance(voice, SpokenVoice):
            _tell_heard_pieces(playback, voice, dispatcher)
        loop.connect(dispatcher.perform)
        agent = Agent(loop=loop, dispatcher=dispatcher, dialogue=dialogue, marks=marks, tools=runner, alarms=alarms)
        agent.capture, agent.playback = capture, playback
        _settle_orphans(dialogue)
        await warm(
            faculties, workers, dialogue, DIALOGUE_SEQUENCE, samplings=(sampling, parts.telling), prefixes=_prefixes()
        )
        dispatcher.announce_pending()
        background.start(alarms.run())
        if surroundings.sound is not None and capture is not None:
            closing = threading.Event()
            sound = SoundSupervisor(
                surroundings.sound,
                _exchange(agent, closing, unpaced=surroundings.unpaced),
                on_open=lambda device: _use_device(device, capture, playback),
                post=loop.post,
            )
            stack.push_async_callback(asyncio.to_thread, sound.close)
            stack.callback(closing.set)
            sound.open()
            background.start(sound.run())
        log.info("Ready: %s, %s", "spoken" if spoken else "shown", renderer.name)
        yield agent


# --- the parts ---------------------------------------------------------------------------------------------------


class _Background:
    """Tasks of the group that go on until the agent ends."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._group = tasks
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(self._group.create_task(work))

    async def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _prefixes() -> Path:
    """Where computed beginnings of prompts are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "device" / "prefixes"


def _renderer(config: Config, model: LanguageModel) -> Renderer:
    return choose(
        model.card.chat_template,
        model.card.architecture,
        config.thinking.prompt_format,
        control_texts=model.card.control_texts,
        time_of=lambda seconds: time.strftime("%H:%M:%S", time.localtime(seconds)),
    )


def _tools(config: Config, faculties: Faculties, renderer: Renderer) -> Mapping[str, Tool]:
    """A model that has never seen a tool gets none, unless the configuration names some."""
    return faculties.tools if renderer.trained_on_tools or config.tools.enabled else {}


def _dialogue(config: Config, faculties: Faculties, renderer: Renderer, tools: tuple[ToolSpec, ...]) -> Dialogue:
    system = System(text=system_text(has_tools=bool(tools), extra=config.thinking.instructions), tools=tools)
    fixed = (system, *examples_for(tools))
    reserve_tokens = config.thinking.max_tokens + PROMPT_RESERVE_TOKENS
    return Dialogue(faculties.ledger, faculties.model, renderer, fixed, reserve_tokens=reserve_tokens)


def _spoken_voice(
    synthesizer: Synthesizer, workers: Workers, cores: Cores, marks: Marks, loop: Loop
) -> tuple[Playback, SpokenVoice]:
    def started(turn: int) -> None:
        marks.add(Stage.PLAYBACK_STARTED)
        loop.post_threadsafe(PlaybackStarted(turn=turn))

    def finished(turn: int) -> None:
        marks.add(Stage.PLAYBACK_FINISHED)
        loop.post_threadsafe(PlaybackFinished(turn=turn))

    playback = Playback(on_started=started, on_finished=finished)
    return playback, SpokenVoice(synthesizer, playback, workers.speaking, cores, marks)


def _tell_heard_pieces(playback: Playback, voice: SpokenVoice, dispatcher: Dispatcher) -> None:
    asyncio_loop = asyncio.get_running_loop()

    def heard(turn: int, number: int) -> None:
        try:
            asyncio_loop.call_soon_threadsafe(lambda: dispatcher.piece_heard(turn, voice.source(number)))
        except RuntimeError:
            log.debug("a piece was heard after the end")

    playback.on_piece_heard = heard


def _capture(faculties: Faculties, workers: Workers, endpointer: Endpointer, **connections: Any) -> Capture | None:
    if faculties.detector is None or faculties.recognizer is None or faculties.turn_detector is None:
        return None
    ears = Ears(
        detector=faculties.detector,
        recognizer=faculties.recognizer,
        turn_detector=faculties.turn_detector,
        hearing=workers.hearing,
        judging=workers.judging,
    )
    return Capture(ears, endpointer, **connections)


def _endpointer(config: Config) -> Endpointer:
    options = config.hearing
    return Endpointer(
        EndpointingOptions(
            threshold=options.threshold,
            min_speech_ms=options.min_speech_ms,
            pause_ms=options.pause_ms,
            end_silence_ms=options.end_silence_ms,
            end_silence_max_ms=options.end_silence_max_ms,
            turn_threshold=options.turn_threshold,
            max_utterance_ms=options.max_utterance_seconds * 1000,
        )
    )


def _exchange(agent: Agent, closing: threading.Event, *, unpaced: bool) -> Callable[[Samples, Samples], None]:
    """What happens to every block, on the device's thread."""
    capture, playback = agent.capture, agent.playback
    assert capture is not None

    def exchange(captured: Samples, out: Samples) -> None:
        if playback is not None:
            playback.render(out)
        capture.hear(captured)
        while unpaced and agent.wants_time() and not closing.is_set():
            time.sleep(0.0005)

    return exchange


def _use_device(device: AudioDevice, capture: Capture, playback: Playback | None) -> None:
    capture.use_device(device.input_hz)
    if playback is not None:
        playback.use_device(device.output_hz)


def _settle_orphans(dialogue: Dialogue) -> None:
    """End the calls that the last run left open: whatever they did, their results are lost."""
    for call_id in dialogue.conversation.open_calls():
        dialogue.append(CallEnded(call_id=call_id, status="failed", text="the device was restarted meanwhile"))


def _nowhere(text: str) -> None:
    del text


def _nothing() -> None:
    """There is nothing to discard."""
