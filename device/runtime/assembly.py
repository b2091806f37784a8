"""Connects the faculties that the composition root loaded to one another, warms them up and lets the agent live.

The way of what is said through the parts:

    ears ─▶ Capture ─▶ Loop (inbox, machine) ─▶ Dispatcher ─▶ Reply ─▶ Voice ─▶ Playback
                        ▲                          │
                        └── alarms, results ── calls, contexts
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np

from device.core.attention import Attention
from device.core.calls import number_of
from device.core.contexts import ROOT, Limits
from device.core.endpointing import Endpointer
from device.core.entries import ContextOpened, Record
from device.core.events import AlarmsRang, AudioLost, Event, PlaybackFinished, PlaybackStarted
from device.core.fsm import Machine, State
from device.core.orphans import endings
from device.errors import AudioError, DeviceError, LedgerError
from device.ports import AudioDevice, Samples, Synthesizer, Urgency
from device.runtime.agent import Agent, Surroundings
from device.runtime.alarms import AlarmService
from device.runtime.capture import Capture
from device.runtime.child import Budget, Home
from device.runtime.chimes import Chimes
from device.runtime.contexts import ContextOptions, Contexts
from device.runtime.cores import Cores
from device.runtime.dialogue import Dialogue
from device.runtime.dispatcher import DIALOGUE_SEQUENCE, Dispatcher, Parts
from device.runtime.ears import Ears
from device.runtime.echo import EchoRemover
from device.runtime.echo_model import EchoModel
from device.runtime.faculties import Faculties, Workers, warm
from device.runtime.glance import Glance
from device.runtime.ground import Ground, lay_ground
from device.runtime.insight import Insight, Vitals
from device.runtime.listening import Listening
from device.runtime.manners import Manners
from device.runtime.marks import Stage
from device.runtime.mishaps import Mishaps, kept_mishaps
from device.runtime.owners import Owners, capture_options, ring_options, threshold_of
from device.runtime.playback import Playback
from device.runtime.recorded_input import RecordedInput
from device.runtime.reloading import Reloading
from device.runtime.retention import Retention
from device.runtime.ringing import Ringing
from device.runtime.sound import SoundSupervisor
from device.runtime.spotting import Spotter
from device.runtime.threads import prefer_this_thread
from device.runtime.tools import Turnstile
from device.runtime.turns import Turns
from device.runtime.voice import Voice
from device.runtime.voice_controls import VoiceSettings
from device.runtime.voice_printed import PrintedVoice
from device.runtime.voice_spoken import SpokenVoice
from device.runtime.watchdog import Pulse
from device.toolkit import ToolContext

log = logging.getLogger(__name__)

NO_SOUND = "no sound card"
"""The trouble of an agent that waits for one."""

NO_ROOM = "the conversation cannot be kept"
"""The trouble of an agent whose disk is full or refuses for another reason."""

FIRST_CHILD_SEQUENCE = 2
"""The sequences of the language model's cache: the dialogue's, one for a speculation, and from here on the tasks'."""


@asynccontextmanager
async def assemble(surroundings: Surroundings, faculties: Faculties) -> AsyncIterator[Agent]:
    """Connect an agent of the given faculties, warm it up and let it listen; leaving ends it."""
    async with AsyncExitStack() as stack:
        workers = stack.enter_context(Workers())
        mishaps = stack.enter_context(kept_mishaps())
        ground = lay_ground(surroundings, faculties, workers)
        playback, voice = _speaking(ground, surroundings)
        controls = _voice_controls(ground, playback)
        ringing = _ringing(ground, playback)
        alarms, contexts, home = _doing(ground, controls, ringing)
        capture = _hearing(ground)
        listening = Listening(capture, ground.values)
        tasks = await stack.enter_async_context(_task_group())
        background = _Background(tasks)
        stack.push_async_callback(background.cancel)
        stack.push_async_callback(home.runner.close)
        dispatcher = _dispatcher(ground, home, voice, listening, tasks)
        ground.dispatcher.append(dispatcher)
        stack.callback(dispatcher.speculator.drop)
        if playback is not None and isinstance(voice, SpokenVoice):
            _tell_heard_pieces(playback, voice, dispatcher)
        ground.loop.connect(dispatcher.perform, dispatcher.is_moot)
        if not surroundings.config.conversation.synchronous:  # there a reply waits for the tasks
            ground.loop.observe(lambda before, _, after: _let_tasks_think(ground.cores, before, after))
        if capture is not None:
            ground.loop.observe(lambda _, __, after: capture.reply(under_way=after.state.replying))
        if ringing is not None:
            ground.loop.observe(ringing.follow)
            stack.callback(ringing.end)
        chimes = _chimes(ground, playback)
        reloading = Reloading(surroundings.config, surroundings.reread)
        retention = Retention(faculties.ledger, faculties.clock, keep_days=surroundings.config.conversation.keep_days)
        Owners(
            dispatcher=dispatcher,
            contexts=contexts,
            retention=retention,
            voice=voice,
            synthesizer=faculties.synthesizer,
            capture=capture,
            spotter=None if capture is None else capture.spotter,
            chimes=chimes,
            ringing=ringing,
        ).register(reloading)
        agent = Agent(
            surroundings=surroundings,
            faculties=faculties,
            loop=ground.loop,
            dispatcher=dispatcher,
            dialogue=ground.dialogue,
            marks=ground.marks,
            home=home,
            contexts=contexts,
            alarms=alarms,
            values=ground.values,
            recorded=RecordedInput(),
            listening=listening,
            insight=_insight(ground, mishaps),
            voice_controls=controls,
            capture=capture,
            playback=playback,
            board=faculties.board,
            pulses=dict(_pulses(ground)),
            reloading=reloading,
        )
        _watch_the_disk(agent)
        _look_into(agent)
        _settle_orphans(ground.dialogue)
        samplings = (ground.sampling, ground.telling)
        await warm(faculties, workers, ground.dialogue, DIALOGUE_SEQUENCE, samplings=samplings, prefixes=_prefixes())
        dispatcher.announce_pending()
        background.start(alarms.run())
        background.start(retention.run())
        background.start(listening.run())
        if controls is not None:
            background.start(controls.run())
        if surroundings.sound is not None and capture is not None:
            background.start(_open_sound(surroundings, surroundings.sound, agent, stack).run())
        log.info("Ready: %s, %s", "shown" if playback is None else "spoken", ground.renderer.name)
        yield agent


# --- the parts ---------------------------------------------------------------------------------------------------


def _doing(
    ground: Ground, controls: VoiceSettings | None, ringing: Ringing | None
) -> tuple[AlarmService, Contexts, Home]:
    """Alarms, tool calls and tasks."""
    clock, dialogue, loop = ground.faculties.clock, ground.dialogue, ground.loop

    def rang(alarm_ids: tuple[str, ...]) -> None:
        loop.post(AlarmsRang(alarm_ids=alarm_ids))
        if ringing is not None:
            ringing.due(alarm_ids)

    alarms = AlarmService(
        dialogue,
        clock,
        on_rang=rang,
        pending=dialogue.conversation.pending_alarms(),
        last_wall_seconds=ground.last_wall_seconds,
    )
    contexts = Contexts(
        _context_options(ground),
        model=ground.faculties.model,
        clock=clock,
        marks=ground.marks,
        turnstile=Turnstile(ground.tools),
        base=_tool_context(ground, alarms, controls),
        next_number=_next_context(dialogue.ledger.records()),
    )
    return alarms, contexts, contexts.home(ROOT, DIALOGUE_SEQUENCE, dialogue, on_news=ground.news)


def _next_context(records: Iterable[Record]) -> int:
    """A number above that of every context that there was, as far as the ledger still knows."""
    opened = (record.context for record in records if isinstance(record.entry, ContextOpened))
    return 1 + max((number_of(context) for context in opened), default=0)


def _tool_context(ground: Ground, alarms: AlarmService, controls: VoiceSettings | None) -> ToolContext:
    """What every call may use; what this device does not have says so itself."""
    faculties = ground.faculties
    perhaps = {"voice": controls, "outputs": faculties.outputs, "health": faculties.health}
    there: dict[str, Any] = {name: part for name, part in perhaps.items() if part is not None}
    return ToolContext(clock=faculties.clock, alarms=alarms, values=ground.values, **there)


def _context_options(ground: Ground) -> ContextOptions:
    options = ground.config.tasks
    return ContextOptions(
        limits=Limits(children=options.children, depth=options.depth),
        budget=Budget(
            max_tokens=options.max_tokens,
            seconds=options.seconds,
            steps_with_calls=1 + ground.config.thinking.chained_calls,
        ),
        sequences=tuple(range(FIRST_CHILD_SEQUENCE, FIRST_CHILD_SEQUENCE + options.children)),
        tool_use=ground.tool_use,
        first=ground.sampling,
        telling=ground.telling,
        synchronous=ground.config.conversation.synchronous,
    )


def _speaking(ground: Ground, surroundings: Surroundings) -> tuple[Playback | None, Voice]:
    if ground.faculties.synthesizer is None:
        return None, PrintedVoice(surroundings.show or _nowhere, ground.loop.post)
    return _spoken_voice(ground, ground.faculties.synthesizer)


def _voice_controls(ground: Ground, playback: Playback | None) -> VoiceSettings | None:
    """The volume and the speed, if there is a voice."""
    synthesizer = ground.faculties.synthesizer
    return VoiceSettings(ground.values, playback, synthesizer) if playback is not None and synthesizer else None


def _spoken_voice(ground: Ground, synthesizer: Synthesizer) -> tuple[Playback, SpokenVoice]:
    def told(stage: Stage, event: Callable[..., Event]) -> Callable[[int], None]:
        def tell(turn: int) -> None:
            ground.marks.add(stage, str(turn))
            ground.loop.post_threadsafe(event(turn=turn))

        return tell

    playback = Playback(
        on_started=told(Stage.PLAYBACK_STARTED, PlaybackStarted),
        on_finished=told(Stage.PLAYBACK_FINISHED, PlaybackFinished),
    )
    in_parts = ground.config.speaking.in_parts
    return playback, SpokenVoice(synthesizer, playback, ground.workers.speaking, ground.cores, in_parts=in_parts)


def _tell_heard_pieces(playback: Playback, voice: SpokenVoice, dispatcher: Dispatcher) -> None:
    asyncio_loop = asyncio.get_running_loop()

    def heard(turn: int, number: int) -> None:
        try:
            asyncio_loop.call_soon_threadsafe(lambda: dispatcher.piece_heard(turn, voice.source(number)))
        except RuntimeError:
            log.debug("a piece was heard after the end")

    playback.tell_pieces(heard)


def _chimes(ground: Ground, playback: Playback | None) -> Chimes | None:
    """The earcons, if they can be heard."""
    if playback is None:
        return None
    sounds = ground.config.sounds
    chimes = Chimes(playback, on=sounds.earcons, volume=sounds.volume)
    ground.loop.observe(chimes.heed)
    return chimes


def _ringing(ground: Ground, playback: Playback | None) -> Ringing | None:
    """What rings, if it can be heard."""
    if playback is None:
        return None
    loop = ground.loop
    return Ringing(
        ring_options(ground.config),
        playback=playback,
        conversation=ground.dialogue.conversation,
        post=loop.post,
        calm=lambda: loop.machine.state is State.IDLE and not len(loop.inbox),
    )


def _spotter(ground: Ground) -> Spotter | None:
    if (wake := ground.faculties.wake) is None:
        return None
    return Spotter(wake, ground.workers.judging, threshold=threshold_of(ground.config))


def _hearing(ground: Ground) -> Capture | None:
    faculties = ground.faculties
    if faculties.detector is None or faculties.recognizer is None or faculties.turn_detector is None:
        return None
    ears = Ears(
        detector=faculties.detector,
        recognizer=faculties.recognizer,
        turn_detector=faculties.turn_detector,
        judge=faculties.judge,
        hearing=ground.workers.hearing,
        judging=ground.workers.judging,
        spotter=_spotter(ground),
        echo=EchoRemover(faculties.canceller, EchoModel() if ground.config.hearing.hold_early else None),
    )
    return Capture(
        ears,
        Endpointer(ground.config.endpointing()),
        attention=Attention(ground.config.attention()),
        options=capture_options(ground.config),
        post=ground.loop.post,
        marks=ground.marks,
        cores=ground.cores,
    )


def _dispatcher(ground: Ground, home: Home, voice: Voice, listening: Listening, tasks: asyncio.TaskGroup) -> Dispatcher:
    parts = Parts(
        home=home,
        model=ground.faculties.model,
        voice=voice,
        manners=Manners(
            home=home,
            tool_use=ground.tool_use,
            sampling=ground.sampling,
            telling=ground.telling,
            chained_calls=ground.config.thinking.chained_calls,
        ),
        marks=ground.marks,
        listening=listening,
        synchronous=ground.config.conversation.synchronous,
    )
    return Dispatcher(parts, ground.loop.inbox, ground.loop.post, tasks)


def _insight(ground: Ground, mishaps: Mishaps) -> Insight:
    clock = ground.faculties.clock
    return Insight(
        turns=Turns(ground.marks, clock),
        glance=Glance(clock),
        mishaps=mishaps,
        vitals=Vitals(ground.faculties.health, clock),
    )


def _look_into(agent: Agent) -> None:
    """Let people see what it does; the last to be told, so that nothing waits for it."""
    agent.loop.observe(agent.insight.turns.step)
    agent.loop.observe(agent.insight.glance.step)
    agent.dispatcher.followers.add(agent.insight.turns.follow)


def _let_tasks_think(cores: Cores, before: Machine, after: Machine) -> None:
    """Tasks think while a reply is heard and while nobody speaks; a step of theirs would delay an answer."""
    if before.state.yields_to_tasks != after.state.yields_to_tasks:
        cores.hold("the floor", None if after.state.yields_to_tasks else Urgency.BACKGROUND)


def _open_sound(surroundings: Surroundings, sound: AudioDevice, agent: Agent, stack: AsyncExitStack) -> SoundSupervisor:
    """Let the agent hear and be heard. Raises AudioError unless it waits for a sound device."""
    closing = threading.Event()
    supervisor = SoundSupervisor(
        sound,
        _exchange(sound, agent, closing, unpaced=surroundings.unpaced),
        on_open=lambda device: _use_device(device, agent),
        post=agent.loop.post,
        calm=lambda: agent.loop.machine.state is State.IDLE,
    )
    stack.push_async_callback(asyncio.to_thread, supervisor.close)
    stack.callback(closing.set)
    agent.listening.use_input(supervisor)
    agent.pulses["exchange sound"] = supervisor.pulse
    agent.loop.observe(lambda _, event, __: agent.troubles.begin(NO_SOUND) if isinstance(event, AudioLost) else None)
    try:
        supervisor.open()
    except AudioError as error:
        if not agent.surroundings.as_service:
            raise
        supervisor.miss(str(error))
    return supervisor


def _watch_the_disk(agent: Agent) -> None:
    """Tell of a disk that refuses as a trouble, until it no longer does."""
    loop, troubles = asyncio.get_running_loop(), agent.troubles

    def tell(failure: LedgerError | None) -> None:
        change = troubles.end if failure is None else troubles.begin
        try:
            loop.call_soon_threadsafe(change, NO_ROOM)
        except RuntimeError:
            log.debug("the disk was heard of after the end")

    agent.faculties.ledger.watch(tell)


def _exchange(
    sound: AudioDevice, agent: Agent, closing: threading.Event, *, unpaced: bool
) -> Callable[[Samples, Samples], None]:
    """What happens to every block, on the device's thread."""
    capture, playback, recorded = agent.capture, agent.playback, agent.recorded
    assert capture is not None
    xruns, as_service = sound.xruns, agent.surroundings.as_service
    this_thread = threading.local()

    def exchange(captured: Samples, out: Samples) -> None:
        nonlocal xruns
        if as_service and not hasattr(this_thread, "preferred"):  # a device that was reopened has another
            this_thread.preferred = prefer_this_thread()
        if playback is not None:
            playback.render(out)
        if sound.xruns != xruns:
            xruns = sound.xruns
            capture.skip()
        if recorded.active and len(captured):  # no loudspeaker is in a recording
            capture.hear(recorded.instead_of(captured), np.zeros_like(out))
        elif len(captured):
            capture.hear(captured, out)
        while unpaced and agent.wants_time() and not closing.is_set():
            time.sleep(0.0005)

    return exchange


def _use_device(device: AudioDevice, agent: Agent) -> None:
    assert agent.capture is not None
    agent.capture.use_device(device.input_hz, device.output_hz, device.delay_seconds)
    agent.recorded.use_device(device.input_hz)
    if agent.playback is not None:
        agent.playback.use_device(device.output_hz)
    agent.troubles.end(NO_SOUND)
    agent.dispatcher.announce_pending()  # its loss may have cut a reply off


def _nothing() -> None:
    """Only come round."""


def _pulses(ground: Ground) -> Mapping[str, Pulse]:
    """How each thread that works for the agent is asked whether it gets on."""
    workers = ground.workers
    return {
        "hear": lambda: workers.hearing.submit(_nothing),
        "judge": lambda: workers.judging.submit(_nothing),
        "speak": lambda: workers.speaking.submit(_nothing),
        "think": ground.faculties.model.pulse,
        "keep the conversation": ground.faculties.ledger.pulse,
    }


@asynccontextmanager
async def _task_group() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group out of which a failure that is meant for a person comes as itself, not wrapped in a group."""
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
    except BaseExceptionGroup as group:
        for error in group.exceptions:
            if isinstance(error, DeviceError):
                raise error from error.__cause__
        raise


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


# --- the beginning -----------------------------------------------------------------------------------------------


def _prefixes() -> Path:
    """Where computed beginnings of prompts are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "device" / "prefixes"


def _settle_orphans(dialogue: Dialogue) -> None:
    """End the reply, the contexts and the calls that the last run left open: whatever they did, it is lost."""
    if (reply := dialogue.conversation.cut_off()) is not None:
        dialogue.append(reply)
    for context_id, entry in endings(dialogue.ledger.records(), "the device was restarted meanwhile"):
        dialogue.append(entry, context=context_id)


def _nowhere(text: str) -> None:
    del text
