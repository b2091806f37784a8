"""The keyboard as a button: on a terminal that is ours, in the background, and without one."""

import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

HEEDING = """
import asyncio
from device.cli import keys

class Agent:
    muted = False
    ended = asyncio.Event()
    def talk_tapped(self): print("talk", flush=True)
    def interrupt(self): print("silence", flush=True)
    def mute(self): self.muted = True; print("mute", flush=True)
    def unmute(self): self.muted = False; print("unmute", flush=True); self.ended.set()

async def main():
    agent = Agent()
    with keys.pressed(agent) as heeded:
        print("heeded" if heeded else "not heeded", flush=True)
        if heeded:
            await agent.ended.wait()

asyncio.run(main())
"""


class Terminal:
    """A terminal, and a program that heeds its keys; in the background another program has it."""

    def __init__(self, *, background: bool = False) -> None:
        self.ours, self.theirs = pty.openpty()
        self.settings = termios.tcgetattr(self.theirs)

        command = [sys.executable, "-c", HEEDING]
        if background:  # a shell that makes a group of its own for what it starts behind itself
            command = ["bash", "-c", 'set -m; "$@" & wait', "bash", *command]
        self.program = subprocess.Popen(
            ["setsid", "--ctty", *command], stdin=self.theirs, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def line(self) -> str:
        return self.program.stdout.readline().strip()

    def ended(self) -> int:
        code = self.program.wait(timeout=60)
        self.program.stdout.close()
        return code


@pytest.fixture
def terminal(request):
    made = Terminal(background=getattr(request, "param", False))
    yield made
    made.program.kill()
    made.program.wait()
    os.close(made.ours)
    os.close(made.theirs)


def test_a_key_does_what_a_button_would_and_the_terminal_is_as_it_was(terminal):
    assert terminal.line() == "heeded"
    told = []
    for key in (" ", "s", "x", "m", "m"):
        os.write(terminal.ours, key.encode())
        if key != "x":  # which means nothing
            told.append(terminal.line())
    assert told == ["talk", "silence", "mute", "unmute"]
    assert terminal.ended() == 0
    assert termios.tcgetattr(terminal.theirs) == terminal.settings


@pytest.mark.parametrize("terminal", [True], indirect=True)
def test_in_the_background_the_keys_are_left_to_whoever_has_the_terminal(terminal):
    assert terminal.line() == "not heeded"
    assert terminal.ended() == 0
    assert termios.tcgetattr(terminal.theirs) == terminal.settings


def test_without_a_terminal_there_are_no_keys():
    command = [sys.executable, "-c", HEEDING]
    found = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=ROOT, check=False)
    assert found.stdout.strip() == "not heeded"
    assert found.returncode == 0
