"""The keyboard as a button, while `device run` is talked to: a key does what a press of the board's button does.

A terminal tells of a key that is pressed and never of one that is let go, so nothing is held: the space bar is a tap.
Keys are read only while the terminal is ours; in the background another program has it, and reading would stop us.
"""

import asyncio
import contextlib
import os
import signal
import sys
import termios
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from device.runtime.agent import Agent

HINT = "Space: listen to me, s: be silent, m: close or open the microphone."

MOST_BYTES = 64


@contextmanager
def pressed(agent: Agent) -> Iterator[bool]:
    """Heed the keys of standard input's terminal meanwhile, and give it back as it was; whether there is one."""
    if not sys.stdin.isatty():
        yield False
        return
    keys = _Keys(sys.stdin.fileno(), actions(agent))
    try:
        yield keys.take()
    finally:
        keys.close()


def actions(agent: Agent) -> Mapping[str, Callable[[], None]]:
    """What each key does."""

    def switch() -> None:
        (agent.unmute if agent.muted else agent.mute)()

    return {" ": agent.talk_tapped, "s": agent.interrupt, "m": switch}


class _Keys:
    """Reads a terminal's keys on the running loop."""

    def __init__(self, keyboard: int, does: Mapping[str, Callable[[], None]]) -> None:
        self._keyboard = keyboard
        self._does = does
        self._loop = asyncio.get_running_loop()
        self._settings: list[Any] | None = None
        self._reading = False
        self._loop.add_signal_handler(signal.SIGCONT, self._go_on)

    def take(self) -> bool:
        """Have keys told as they are pressed, without a line's end; False where the terminal is not ours."""
        with contextlib.suppress(OSError, termios.error):
            if os.tcgetpgrp(self._keyboard) != os.getpgrp():
                return False
            if self._settings is None:
                self._settings = termios.tcgetattr(self._keyboard)
            told = termios.tcgetattr(self._keyboard)
            told[3] &= ~(termios.ICANON | termios.ECHO)  # Ctrl-C and Ctrl-Z stay signals
            termios.tcsetattr(self._keyboard, termios.TCSADRAIN, told)
            self._loop.add_reader(self._keyboard, self._read)
            self._reading = True
        return self._reading

    def close(self) -> None:
        """Give the terminal back."""
        self._loop.remove_signal_handler(signal.SIGCONT)
        self._rest()
        with contextlib.suppress(OSError, termios.error):
            if self._settings is not None and os.tcgetpgrp(self._keyboard) == os.getpgrp():
                termios.tcsetattr(self._keyboard, termios.TCSADRAIN, self._settings)

    def _go_on(self) -> None:
        """After Ctrl-Z: in the foreground the shell has set the terminal anew, in the background it has it itself."""
        self._rest()
        self.take()

    def _rest(self) -> None:
        if self._reading:
            self._loop.remove_reader(self._keyboard)
            self._reading = False

    def _read(self) -> None:
        try:
            keys = os.read(self._keyboard, MOST_BYTES)
        except OSError:
            keys = b""
        if not keys:
            self._rest()  # the terminal has gone
            return
        for key in keys.decode("utf-8", "replace"):
            if (does := self._does.get(key)) is not None:
                does()
