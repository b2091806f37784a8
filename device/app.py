"""The composition root: the only place that knows which adapter stands behind which port.

`open_agent` loads everything, side by side where it can, and connects it; `Agent.run` is the agent's life. Which sound
device, voice and state directory it has is its `Surroundings`, so that a microphone, a recording and a keyboard all go
through the same machine. Adapters are imported where they are used: a command that needs none starts at once.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from device.errors import LedgerError
from device.ports import (
    RECOGNITION_HZ,
    AudioDevice,
    Clock,
    LanguageModel,
    Ledger,
    ModelFiles,
    Recognizer,
    Samples,
    Sampling,
    Synthesizer,
    Tool,
    ToolContext,
    TurnDetector,
)
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
from device.tools import builtin_tools

if TYPE_CHECKING:
    from device.adapters.audio_wav import WavDevice
    from device.adapters.models.store import ModelStore

log = logging.getLogger(__name__)

NO_TOOLS = ("none",)
"""The configuration's way to say that the model gets no tools."""

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


def model_store() -> "ModelStore":
    """The user's store of models."""
    from device.adapters.models.store import ModelStore

    return ModelStore.default()


def sound_card(config: Config) -> AudioDevice:
    """The microphone and loudspeaker of the configuration, not opened yet."""
    from device.adapters.audio_portaudio import PortAudioDevice

    return PortAudioDevice(config.audio.input, config.audio.output, block_ms=config.audio.block_ms)


def list_sound_devices() -> str:
    """The sound devices that there are, one a line. Raises AudioError."""
    from device.adapters.audio_portaudio import list_devices

    return list_devices()


def read_recording(path: Path) -> Samples:
    """A whole recording at 16 kHz, mono. Raises AudioError."""
    from device.adapters import recordings

    return recordings.read_recording(path, RECOGNITION_HZ)


def recording(
    source: Path | Samples | Iterator[Samples], out: Path | None, config: Config, *, paced: bool = True
) -> "WavDevice":
    """A recording as a sound device, whose replies go to `out`. Raises AudioError."""
    from device.adapters.audio_wav import WavDevice

    return WavDevice(source, out, paced=paced, block_ms=config.audio.block_ms)


class Agent:
    """A whole agent, loaded and connected; made by `open_agent`."""

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
async def open_agent(surroundings: Surroundings) -> AsyncIterator[Agent]:
    """Load and connect an agent; leaving the context ends it and keeps what was said.

    Raises ModelError, LedgerError, AudioError, each in one sentence. Leaving may raise LedgerError if something could
    not be kept.
    """
    from device.adapters.clock_system import SystemClock
    from device.adapters.store_sqlite import SqliteLedger

    clock = SystemClock()
    async with AsyncExitStack() as stack:
        ledger = SqliteLedger.open(surroundings.state_directory, clock, on_failure=_report)
        stack.push_async_callback(ledger.close)
        faculties = await _load(surroundings, clock, ledger)
        stack.push_async_callback(faculties.model.close)
        yield await stack.enter_async_context(assemble(surroundings, faculties))


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
    """Those given, or the configured ones; a model that has never seen a tool gets none unless they are named."""
    if faculties.tools:
        return faculties.tools
    names = config.conversation.tools
    if names == NO_TOOLS or (not names and not renderer.trained_on_tools):
        return {}
    return builtin_tools(names)


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


def _report(failure: LedgerError) -> None:
    log.error("%s", failure)


def _nowhere(text: str) -> None:
    del text


def _nothing() -> None:
    """There is nothing to discard."""


# --- loading and warming -----------------------------------------------------------------------------------------


async def _load(surroundings: Surroundings, clock: Clock, ledger: Ledger) -> Faculties:
    """Load what these surroundings need, each model in a thread of its own."""
    config, store = surroundings.config, model_store()
    faculties = Faculties(clock=clock, ledger=ledger, model=_UNLOADED)
    hears = surroundings.sound is not None
    speaks = hears and surroundings.show is None

    def load_model() -> None:
        faculties.model = _load_model(config, store)

    def load_ears() -> None:
        from device.adapters.vad_silero import SileroVad

        faculties.detector = SileroVad(store.path(config.models.vad))
        faculties.turn_detector = _load_turn_detector(config, store)
        faculties.recognizer = _load_recognizer(config, store)

    def load_voice() -> None:
        from device.adapters.tts_piper import PiperSynthesizer

        faculties.synthesizer = PiperSynthesizer(
            store.path(config.models.tts), threads=config.speaking.threads, speed=config.speaking.speed
        )

    loads = [load_model, *([load_ears] if hears else []), *([load_voice] if speaks else [])]
    outcomes = await asyncio.gather(*map(asyncio.to_thread, loads), return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if failures:
        if faculties.model is not _UNLOADED:
            await faculties.model.close()
        raise failures[0]
    return faculties


_UNLOADED: Any = object()


def _load_model(config: Config, store: ModelFiles) -> LanguageModel:
    from device.adapters.llm_llama import LlamaEngine
    from device.errors import ModelError

    directory = store.path(config.models.llm)
    files = sorted(directory.glob("*.gguf"))
    if len(files) != 1:
        raise ModelError(f"{config.models.llm} (key models.llm) is not a language model: choose one of the role llm.")
    threads, threads_busy = config.language_threads()
    return LlamaEngine.load(
        files[0], context_tokens=config.thinking.context_tokens, threads=threads, threads_busy=threads_busy
    )


def _load_turn_detector(config: Config, store: ModelFiles) -> TurnDetector:
    from device.adapters.turn_silence import SilenceRule
    from device.adapters.turn_smart import SmartTurn

    return SilenceRule() if config.models.turn == "silence" else SmartTurn(store.path(config.models.turn))


def _load_recognizer(config: Config, store: ModelFiles) -> Recognizer:
    from device.adapters.asr_moonshine import MoonshineRecognizer
    from device.adapters.asr_online import OnlineRecognizer

    directory = store.path(config.models.asr)
    if (directory / "decoder_model_merged.ort").is_file():
        return MoonshineRecognizer(directory, threads=config.hearing.threads)
    return OnlineRecognizer(directory, threads=config.hearing.threads)
