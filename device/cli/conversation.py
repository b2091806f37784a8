"""Holding a conversation for `device run`: at the microphone, on a recording, or at the keyboard."""

import argparse
import asyncio
import io
import json
import signal
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device import app
from device.cli import keys
from device.cli.run import QUESTION, configuration
from device.config import CONTROL_SOCKET, Config
from device.core.events import ShutdownRequested, TextTyped
from device.core.presence import Presence
from device.errors import AudioError
from device.runtime.agent import Agent, Surroundings
from device.runtime.dispatcher import ReplyReport
from device.runtime.timeline import Timeline, timelines

if TYPE_CHECKING:
    from device.ports import AudioDevice

SETTLED_SECONDS = 0.3
"""A recording's conversation is over when nothing has happened for this long."""

INTERRUPTED = 130


async def hold(args: argparse.Namespace, config: Config) -> int:
    """Hold the conversation that the command line asks for; returns the exit code."""
    if args.text:
        return await _type(args, config)
    if args.wav is not None:
        return await _answer(args, config, args.wav)
    sound = app.sound_card(config)
    try:
        await asyncio.to_thread(_try, sound)
    except AudioError as error:
        print(
            f"{error}\nMeanwhile it answers the question that ships with the repository: {QUESTION.name}\n", flush=True
        )
        code = await _answer(args, config, QUESTION)
        print("To type to it: scripts/run --text        To ask it a recording: scripts/run --wav FILE --out reply.wav")
        return code
    return await _talk(args, config, sound)


# --- at the microphone -------------------------------------------------------------------------------------------


async def _talk(args: argparse.Namespace, config: Config, sound: "AudioDevice") -> int:
    surroundings = Surroundings(
        config=config,
        state_directory=state_directory(args, config),
        sound=sound,
        fresh=args.new,
        control=control_path(args, config),
        echoes=True,
        reread=lambda: configuration(args),
    )
    async with living(surroundings) as life:
        _Transcript().follow(life.agent)
        print(f"Ready: {_invitation(life.agent, config)} ({sound.name}). Ctrl-C ends it.", flush=True)
        _tell_mute(life.agent)
        with keys.pressed(life.agent) as heeded:
            if heeded:
                print(keys.HINT, flush=True)
            await life.agent.run()
    return 0


def _invitation(agent: Agent, config: Config) -> str:
    """What the user is to do."""
    if agent.muted:
        return "the microphone is closed (muted)"
    wake = agent.faculties.wake
    name = "" if wake is None else wake.phrase.title()
    ways = {"button": "press the button and talk to me", "wake-word": f'say "{name}" and what you want'}
    return ways.get(config.start.way, "talk to me")


def _tell_mute(agent: Agent) -> None:
    """Say whenever the microphone is closed or opened."""
    muted = agent.muted

    def tell(shown: Presence) -> None:
        nonlocal muted
        if shown.muted != muted:
            muted = shown.muted
            print("The microphone is closed (muted)." if muted else "The microphone is open again.", flush=True)

    agent.watch(tell)


def _try(sound: "AudioDevice") -> None:
    """Open and close the sound card, but for its microphone. Raises AudioError."""
    sound.open(_silence, lambda _: None, listening=False)  # it may be muted
    sound.close()


def _silence(captured: Any, out: Any) -> None:
    del captured
    out[:] = 0.0


# --- on a recording ----------------------------------------------------------------------------------------------


async def _answer(args: argparse.Namespace, config: Config, question: Path) -> int:
    transcript = _Transcript(quiet=args.json)
    with _place(args, config) as state_directory:
        sound = app.recording(question, args.out, config, paced=not args.fast)
        surroundings = Surroundings(
            config=config,
            state_directory=state_directory,
            sound=sound,
            fresh=args.new or not args.go_on,
            unpaced=args.fast,
            control=control_path(args, config) if args.state is not None or config.control.socket else None,
        )
        try:
            async with living(surroundings) as life:
                transcript.follow(life.agent)
                ending = asyncio.create_task(_end_when_settled(life.agent, sound, args.linger))
                await life.agent.run()
                ending.cancel()
                lines = timelines(life.agent.marks)
        finally:
            sound.close()
    if sound.failure is not None:
        raise sound.failure
    _report(args, transcript, lines)
    return INTERRUPTED if life.interrupted else 0


async def _end_when_settled(agent: Agent, sound: Any, linger_seconds: float) -> None:
    while not sound.input_ended:
        await asyncio.sleep(0.02)
    await asyncio.sleep(linger_seconds)
    quiet_seconds = 0.0
    while quiet_seconds < SETTLED_SECONDS:
        await asyncio.sleep(0.02)
        quiet_seconds = quiet_seconds + 0.02 if agent.settled else 0.0
    agent.loop.post(ShutdownRequested())


def _report(args: argparse.Namespace, transcript: "_Transcript", lines: list[Timeline]) -> None:
    if args.json:
        report = {"turns": transcript.turns, "timelines": [line.as_dict() for line in lines], "out": str(args.out)}
        print(json.dumps(report, ensure_ascii=False))
        return
    if not any("heard" in turn for turn in transcript.turns):
        print("heard: (nothing that sounds like words)")
    for line in lines:
        print(line.as_text())
    print(f"The reply is in {args.out}.")


# --- at the keyboard ---------------------------------------------------------------------------------------------


async def _type(args: argparse.Namespace, config: Config) -> int:
    def show(text: str) -> None:
        print(text, end="", flush=True)

    surroundings = Surroundings(
        config=config,
        state_directory=state_directory(args, config),
        sound=app.sound_card(config) if args.speak else None,
        show=None if args.speak else show,
        fresh=args.new,
        control=control_path(args, config),
        echoes=args.speak,
        reread=lambda: configuration(args),
    )
    async with living(surroundings) as life:
        if args.speak:
            _Transcript().follow(life.agent)
        if sys.stdin.isatty():
            print("Type a message; an empty line or Ctrl-D ends it.", flush=True)
        reading = asyncio.create_task(_read_lines(life.agent))
        await life.agent.run()
        reading.cancel()
        if life.interrupted and sys.stdin.isatty():
            print()  # what the terminal shows next begins a line
    return 0


async def _read_lines(agent: Agent) -> None:
    interactive = sys.stdin.isatty()
    lines = _stdin_lines()
    while True:
        if interactive:
            print("> ", end="", flush=True)
        line = await lines.get()
        if line is None or (interactive and not line.strip()):
            print("\n" if interactive and line is None else "", end="", flush=True)
            break
        if line.strip():
            agent.loop.post(TextTyped(text=line.strip()))
            await _until_settled(agent)
    agent.loop.post(ShutdownRequested())


def _stdin_lines() -> "asyncio.Queue[str | None]":
    """Standard input's lines as they come, None at its end; read on a daemon thread, since a terminal blocks.

    Unbuffered: Python aborts if a thread is in the midst of a buffered read when the program ends.
    """
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    keyboard = io.FileIO(sys.stdin.fileno(), closefd=False)
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            while line := keyboard.readline(MOST_LINE_BYTES):
                loop.call_soon_threadsafe(lines.put_nowait, line.decode("utf-8", "replace"))
            loop.call_soon_threadsafe(lines.put_nowait, None)
        except RuntimeError:
            return  # the loop has ended

    threading.Thread(target=read, name="keyboard", daemon=True).start()
    return lines


MOST_LINE_BYTES = 4096
"""A longer line is taken as several."""


async def _until_settled(agent: Agent) -> None:
    await asyncio.sleep(0.02)
    while not agent.settled:
        await asyncio.sleep(0.02)


# --- for all -----------------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class _Life:
    """An agent, and whether a signal ended it."""

    agent: Agent
    interrupted: bool = False


@asynccontextmanager
async def living(surroundings: Surroundings) -> AsyncIterator[_Life]:
    """An agent that Ctrl-C and SIGTERM end in an orderly way."""
    loop = asyncio.get_running_loop()
    if sys.stderr.isatty():
        print("Loading …", file=sys.stderr, flush=True)
    async with app.open_agent(surroundings) as agent:
        life = _Life(agent=agent)

        def end() -> None:
            life.interrupted = True
            agent.loop.post(ShutdownRequested())

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end)
        try:
            yield life
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


def state_directory(args: argparse.Namespace, config: Config) -> Path:
    """Where the conversation is kept."""
    return args.state if args.state is not None else config.state_directory()


def control_path(args: argparse.Namespace, config: Config) -> Path:
    """Where commands reach this agent: beside the conversation if that has a place of its own."""
    beside = args.state is not None and not config.control.socket
    return args.state / CONTROL_SOCKET if beside else config.control_socket()


@contextmanager
def _place(args: argparse.Namespace, config: Config) -> Iterator[Path]:
    """The state directory of a recording's conversation: a temporary one unless it is to be kept."""
    if args.go_on or args.state is not None:
        yield state_directory(args, config)
        return
    with tempfile.TemporaryDirectory(prefix="device-") as directory:
        yield Path(directory)


@dataclass(kw_only=True)
class _Transcript:
    """What was heard and said, printed as it happens and kept."""

    quiet: bool = False
    turns: list[dict[str, Any]] = field(default_factory=list)

    def follow(self, agent: Agent) -> None:
        """Note this agent's turns from now on."""
        agent.dispatcher.on_user_turn = self._heard
        agent.dispatcher.on_reply_ended = self._said

    def _heard(self, text: str) -> None:
        self.turns.append({"heard": text})
        self._print(f"heard: {text}")

    def _said(self, report: ReplyReport) -> None:
        if not report.heard.strip() and not report.failure:
            return
        self.turns.append({"said": report.heard, "interrupted": report.interrupted, "failure": report.failure})
        self._print(f"said: {' '.join(report.heard.split())}{' … (interrupted)' if report.interrupted else ''}")
        if report.failure:
            self._print(f"The reply broke off: {report.failure}")

    def _print(self, line: str) -> None:
        if not self.quiet:
            print(line, flush=True)
