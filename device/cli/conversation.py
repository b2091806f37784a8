"""Holding a conversation for `device run`: at the microphone, on a recording, or at the keyboard."""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from device.adapters.audio_portaudio import PortAudioDevice
from device.adapters.audio_wav import WavDevice
from device.app import Agent, Surroundings, open_agent
from device.cli.run import QUESTION
from device.cli.timeline import Timeline, timelines
from device.config import Config
from device.core.events import ShutdownRequested, TextTyped
from device.errors import AudioError
from device.runtime.dispatcher import ReplyReport

SETTLED_SECONDS = 0.3
"""A recording's conversation is over when nothing has happened for this long."""


async def hold(args: argparse.Namespace, config: Config) -> int:
    """Hold the conversation that the command line asks for; returns the exit code."""
    if args.text:
        return await _type(args, config)
    if args.wav is not None:
        return await _answer(args, config, args.wav, args.out or Path("reply.wav"))
    sound = PortAudioDevice(config.audio.input, config.audio.output, block_ms=config.audio.block_ms)
    try:
        sound.open(_silence, lambda _: None)
    except AudioError as error:
        print(f"{error}\nAnswering the question that ships with the repository instead: {QUESTION}\n")
        code = await _answer(args, config, QUESTION, args.out or Path("reply.wav"))
        print("\nTo type to it: scripts/run --text     To ask it a recording: scripts/run --wav FILE --out reply.wav")
        return code
    sound.close()
    return await _talk(args, config, sound)


# --- at the microphone -------------------------------------------------------------------------------------------


async def _talk(args: argparse.Namespace, config: Config, sound: PortAudioDevice) -> int:
    surroundings = Surroundings(
        config=config, state_directory=_state(args, config), sound=sound, fresh=args.new
    )
    print("Loading …", flush=True)
    async with open_agent(surroundings) as agent, _ended_by_signals(agent):
        _print_turns(agent)
        print(f"Ready: talk to me ({sound.name}). Ctrl-C ends it.", flush=True)
        await agent.run()
    return 0


# --- on a recording ----------------------------------------------------------------------------------------------


async def _answer(args: argparse.Namespace, config: Config, question: Path, out: Path) -> int:
    with _place(args, config) as state_directory:
        sound = WavDevice(question, out, paced=not args.fast, block_ms=config.audio.block_ms)
        surroundings = Surroundings(
            config=config,
            state_directory=state_directory,
            sound=sound,
            fresh=not args.go_on,
            unpaced=args.fast,
        )
        turns: list[dict[str, Any]] = []
        async with open_agent(surroundings) as agent, _ended_by_signals(agent):
            _collect_turns(agent, turns, quiet=args.json)
            ending = asyncio.create_task(_end_when_settled(agent, sound, args.linger))
            await agent.run()
            ending.cancel()
            lines = timelines(agent.marks)
    _report(args, turns, lines, out)
    return 0


async def _end_when_settled(agent: Agent, sound: WavDevice, linger_seconds: float) -> None:
    await asyncio.to_thread(sound.wait_input_ended)
    await asyncio.sleep(linger_seconds)
    quiet_seconds = 0.0
    while quiet_seconds < SETTLED_SECONDS:
        await asyncio.sleep(0.05)
        quiet_seconds = quiet_seconds + 0.05 if agent.settled else 0.0
    agent.loop.post(ShutdownRequested())


def _report(args: argparse.Namespace, turns: list[dict[str, Any]], lines: list[Timeline], out: Path) -> None:
    if args.json:
        print(json.dumps({"turns": turns, "timelines": [line.as_dict() for line in lines], "out": str(out)}))
        return
    if not any("heard" in turn for turn in turns):
        print("heard: (nothing that sounds like words)")
    for line in lines:
        print(line.as_text())
    print(f"The reply is in {out}.")


# --- at the keyboard ---------------------------------------------------------------------------------------------


async def _type(args: argparse.Namespace, config: Config) -> int:
    def show(text: str) -> None:
        print(text, end="", flush=True)

    sound = PortAudioDevice(config.audio.input, config.audio.output, block_ms=config.audio.block_ms) if args.speak else None
    surroundings = Surroundings(
        config=config,
        state_directory=_state(args, config),
        sound=sound,
        show=None if args.speak else show,
        fresh=args.new,
    )
    async with open_agent(surroundings) as agent, _ended_by_signals(agent):
        if args.speak:
            _print_turns(agent)
        if sys.stdin.isatty():
            print("Type a message; an empty line or Ctrl-D ends it.")
        reading = asyncio.create_task(_read_lines(agent))
        await agent.run()
        reading.cancel()
    return 0


async def _read_lines(agent: Agent) -> None:
    interactive = sys.stdin.isatty()
    lines = _stdin_lines()
    while True:
        if interactive:
            print("> ", end="", flush=True)
        line = await lines.get()
        if line is None or (interactive and not line.strip()):
            break
        if line.strip():
            agent.loop.post(TextTyped(text=line.strip()))
            await asyncio.sleep(0)
            await _until_settled(agent)
    agent.loop.post(ShutdownRequested())


def _stdin_lines() -> "asyncio.Queue[str | None]":
    """Standard input's lines as they come, None at its end; read on a daemon thread, since a terminal blocks."""
    import threading

    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, name="keyboard", daemon=True).start()
    return lines


async def _until_settled(agent: Agent) -> None:
    await asyncio.sleep(0.05)
    while not agent.settled:
        await asyncio.sleep(0.05)


# --- for all -----------------------------------------------------------------------------------------------------


def _state(args: argparse.Namespace, config: Config) -> Path:
    return Path(args.state) if args.state is not None else config.state_directory()


@contextmanager
def _place(args: argparse.Namespace, config: Config) -> Iterator[Path]:
    """The state directory of a recording's conversation: a temporary one unless it is to be kept."""
    if args.go_on or args.state is not None:
        yield _state(args, config)
        return
    with tempfile.TemporaryDirectory(prefix="device-") as directory:
        yield Path(directory)


@contextmanager
def _ended_by_signals(agent: Agent) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the agent in an orderly way."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, agent.loop.post, ShutdownRequested())
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _print_turns(agent: Agent) -> None:
    _collect_turns(agent, [], quiet=False)


def _collect_turns(agent: Agent, turns: list[dict[str, Any]], *, quiet: bool) -> None:
    def heard(text: str) -> None:
        turns.append({"heard": text})
        if not quiet:
            print(f"heard: {text}", flush=True)

    def said(report: ReplyReport) -> None:
        if not report.heard and not report.failure:
            return
        turns.append({"said": report.heard, "interrupted": report.interrupted, "failure": report.failure})
        if not quiet:
            cut = " … (interrupted)" if report.interrupted else ""
            print(f"said: {report.heard.strip()}{cut}", flush=True)
            if report.failure:
                print(f"The reply broke off: {report.failure}", flush=True)

    agent.dispatcher.on_user_turn = heard
    agent.dispatcher.on_reply_ended = said


def _silence(captured: Any, out: Any) -> None:
    del captured
    out[:] = 0.0
