"""Plays workloads to one whole agent, asynchronous or strict, in a process of its own.

The agent is all there: real models, and a sound device that keeps real time, because talking takes time and an
asynchronous agent works meanwhile. Only the user types, so that the recognition's faults do not blur the comparison.
Each mode has its own process, so that its memory and processor time are its own.
"""

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import numpy as np

from device import app, logs
from device.bench import machine
from device.bench.overlap.director import Director, directed
from device.bench.overlap.figures import Outcome, outcome, pace_samples, spoken_seconds
from device.bench.overlap.props import Props
from device.bench.overlap.voice import Voice
from device.bench.overlap.workloads import Sentence, Workload
from device.config import Config
from device.core.entries import ConversationStarted
from device.core.events import Event, PlaybackStarted, ShutdownRequested, StopPressed, TextTyped
from device.core.fsm import Machine
from device.core.prompt.messages import ToolSpec
from device.errors import DeviceError
from device.ports import RECOGNITION_HZ, Clock, Samples
from device.runtime.agent import Agent, Surroundings
from device.runtime.faculties import Faculties

SETTLED_SECONDS = 0.3
"""A workload is over when nothing has happened for this long after its last sentence."""
PATIENCE_SECONDS = 60.0
"""An agent that has recorded nothing for so long, and is not done, has failed at what is missing."""
CHAINED_CALLS = 20
"""How many replies in a row may answer results with calls; what follows from a result is called from there."""
POLL_SECONDS = 0.01
HEARD_SECONDS = 3.0
"""Nothing that was said is taken up later than this."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """A workload's run, and what it says of the agent's pace."""

    outcome: Outcome
    pace: dict[str, list[float]]
    """Samples of each part of `device.bench.overlap.bound.Pace`, in seconds."""
    spoken: dict[str, float]
    """How long it took to say each sentence, in seconds."""


@dataclass(kw_only=True, eq=False)
class Player:
    """An agent and what the workloads need around it."""

    agent: Agent
    clock: Clock
    props: Props
    director: Director | None
    strict: bool
    voice: Voice | None = None
    """How the user speaks; None for one who types."""
    started: dict[int, float] = field(default_factory=dict)
    """When each reply was first heard, on the boot-time clock."""

    async def play(self, workload: Workload) -> Played:
        """Have the user say the workload's sentences; returns when the agent has nothing left to do."""
        ledger = self.agent.dialogue.ledger
        self.agent.dialogue.append(ConversationStarted())
        after_id = ledger.records()[-1].id
        self.props.lay_out(workload)
        if self.director is not None:
            self.director.begin(workload)
        self.started.clear()
        if self.voice is not None:
            await self.voice.prepare([sentence.text for sentence in workload.sentences])
        begin_monotonic, cpu_seconds = self.clock.monotonic_seconds(), machine.cpu_seconds()
        begin = await self._say(workload.sentences[0])
        try:
            end = await self._talk(workload.sentences[1:], begin)
        except TimeoutError:
            end = self.clock.boot_seconds()
            await self._clear()
        records = ledger.records(after_id)
        return Played(
            outcome=outcome(
                workload,
                records,
                self.started,
                begin_seconds=begin,
                end_seconds=end,
                cpu_seconds=machine.cpu_seconds() - cpu_seconds,
                peak_rss_bytes=machine.peak_rss_bytes(),
            ),
            pace=pace_samples(records, self.agent.marks.since(begin_monotonic)),
            spoken=spoken_seconds(records, self.started, workload.facts()),
        )

    async def _say(self, sentence: Sentence) -> float:
        """Say or type it; returns when that was done (boot-time clock)."""
        if self.voice is not None:
            return await self.voice.say(sentence.text)
        seconds = self.clock.boot_seconds()
        self.agent.loop.post(TextTyped(text=sentence.text))
        return seconds

    async def _talk(self, sentences: Sequence[Sentence], begin: float) -> float:
        """Say the others, each at its time; returns when the agent was done (boot-time clock).

        Raises TimeoutError if it never is.
        """
        for sentence in sentences:
            if self.strict and not sentence.interrupts:
                await self._until_settled(seconds=0.0)
            await asyncio.sleep(max(begin + sentence.at_seconds - self.clock.boot_seconds(), 0.0))
            if sentence.interrupts:
                await self._until_replying()
            await self._say(sentence)
        if self.voice is not None:
            await self._until_heard()
        return await self._until_settled(seconds=SETTLED_SECONDS)

    async def _until_settled(self, *, seconds: float) -> float:
        """Wait until nothing has happened for so long; returns since when (boot-time clock)."""
        ledger, since = self.agent.dialogue.ledger, None
        last_id, last_seconds = 0, self.clock.boot_seconds()
        while since is None or self.clock.boot_seconds() - since < seconds:
            await asyncio.sleep(POLL_SECONDS)
            now = self.clock.boot_seconds()
            since = (now if since is None else since) if self.agent.settled else None
            if news := ledger.records(last_id):
                last_id, last_seconds = news[-1].id, now
            elif now - last_seconds > PATIENCE_SECONDS:
                raise TimeoutError
        return since

    async def _until_replying(self) -> None:
        """Wait for a reply; none comes to an agent that is at rest."""
        while not self.agent.loop.machine.state.replying and not self.agent.settled:
            await asyncio.sleep(POLL_SECONDS)

    async def _until_heard(self) -> None:
        """Wait until the agent has taken up what was said last, or has heard nothing in it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARD_SECONDS):
                while self.agent.settled:
                    await asyncio.sleep(POLL_SECONDS)

    async def _clear(self) -> None:
        """Leave nothing of a workload that was given up."""
        await self.agent.home.runner.close()
        self.agent.loop.post(StopPressed())
        await asyncio.sleep(SETTLED_SECONDS)

    def watch(self, before: Machine, event: Event, after: Machine) -> None:
        """Note when replies are first heard; an observer of the loop."""
        del before, after
        if isinstance(event, PlaybackStarted):
            self.started.setdefault(event.turn, self.clock.boot_seconds())


@dataclass(frozen=True, kw_only=True)
class Staging:
    """How the workloads are played: in `strict` turns or not; by a `scripted` director, or as the model decides.

    Where nothing is `spoken`, replies are read as soon as they are written; where the user is `heard`, they speak, and
    times count from the end of their first sentence's sound. A `script` stands for the language model
    where nobody needs to think. `specs` are the tools; those of the suite if none are named.
    """

    strict: bool
    scripted: bool = True
    spoken: bool = True
    heard: bool = False
    script: Callable[[str], str] | None = None
    specs: tuple[ToolSpec, ...] = ()


@asynccontextmanager
async def playing(config: Config, staging: Staging) -> AsyncIterator[Player]:
    """A living agent with the workloads' tools, on a silent sound device if it speaks. Raises DeviceError."""
    props, loaded, directors = Props(staging.specs), [], []

    def equip(faculties: Faculties) -> None:
        loaded.append(faculties)
        faculties.tools = props.tools()
        if staging.scripted:
            directors.append(Director(heard=staging.heard))
            faculties.model = directed(faculties.model, directors[0])

    with tempfile.TemporaryDirectory(prefix="device-bench-") as state:
        mode = _in_mode(config, strict=staging.strict)
        voice = Voice(config) if staging.heard else None
        surroundings = _surroundings(mode, Path(state), spoken=staging.spoken, voice=voice)
        async with app.open_agent(surroundings, equip, script=staging.script) as agent:
            player = Player(
                agent=agent,
                clock=loaded[0].clock,
                props=props,
                director=directors[0] if directors else None,
                strict=staging.strict,
                voice=voice,
            )
            if voice is not None:
                voice.clock = player.clock
            agent.loop.observe(player.watch)
            living = asyncio.create_task(agent.run())
            try:
                yield player
            finally:
                agent.loop.post(ShutdownRequested())
                await living


def says_nothing(prompt: str) -> str:
    """The script of a model that a director speaks for."""
    del prompt
    return ""


def _surroundings(config: Config, directory: Path, *, spoken: bool, voice: Voice | None) -> Surroundings:
    if not spoken:
        return Surroundings(config=config, state_directory=directory, fresh=True, show=_read)
    sound = app.recording(voice.sounds() if voice is not None else _silence(), directory / "replies.wav", config)
    return Surroundings(config=config, state_directory=directory, sound=sound, fresh=True)


def _read(text: str) -> None:
    """The user reads it, and the ledger keeps what they read."""
    del text


def _in_mode(config: Config, *, strict: bool) -> Config:
    return msgspec.structs.replace(
        config,
        conversation=msgspec.structs.replace(config.conversation, synchronous=strict),
        thinking=msgspec.structs.replace(config.thinking, chained_calls=CHAINED_CALLS),
    )


def _silence() -> Iterator[Samples]:
    while True:
        yield np.zeros(RECOGNITION_HZ // 10, np.float32)


# --- in a process of its own -------------------------------------------------------------------------------------


def serve(config: Config, connection: Connection, staging: Staging) -> None:
    """Play the workloads that come over `connection`, one after another, until None comes or the other end closes.

    The first thing sent back is the language model's name; then a Played for each, or a DeviceError at last.
    """
    import uvloop

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other end decides
    logs.start(config.logging.level)
    try:
        uvloop.run(_serve(config, connection, staging))
    except DeviceError as error:
        connection.send(error)
    except (EOFError, BrokenPipeError):
        return


async def _serve(config: Config, connection: Connection, staging: Staging) -> None:
    async with playing(config, staging) as player:
        connection.send(player.agent.dialogue.model_name)
        while (workload := await asyncio.to_thread(connection.recv)) is not None:
            connection.send(await player.play(workload))
