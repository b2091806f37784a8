"""A whole terminal for one command: its other screen, keys as they are pressed, and everything as it was afterwards.

Only the lines that changed are sent, so that it works over a slow link.
"""

import contextlib
import os
import signal
import sys
import termios
from collections.abc import Sequence
from types import FrameType, TracebackType
from typing import Any, Self

ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J"
LEAVE = "\x1b[?25h\x1b[?1049l"
"""The other screen without a cursor, and back (xterm's control sequences, which every terminal of today knows)."""

ENDING = (signal.SIGTERM, signal.SIGHUP)


class Ended(Exception):  # noqa: N818 - it is no error
    """The command was told to end."""


class FullScreen:
    """The terminal of standard output; leaving the context gives it back, however that comes about."""

    def __init__(self) -> None:
        self._keyboard = sys.stdin.fileno() if sys.stdin.isatty() else None
        self._settings: list[Any] | None = None
        self._handlers: dict[signal.Signals, Any] = {}
        self._shown: list[str] = []
        self._size = (0, 0)

    def __enter__(self) -> Self:
        """Take the terminal."""
        for number in ENDING:
            self._handlers[number] = signal.signal(number, _end)
        self._handlers[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, self._stop)
        self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        self._give_back()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @property
    def keyboard(self) -> int | None:
        """The descriptor to read keys from; None without a keyboard."""
        return self._keyboard

    def size(self) -> tuple[int, int]:
        """Columns and rows, at least one each."""
        found = os.get_terminal_size(sys.stdout.fileno())
        return max(found.columns, 1), max(found.lines, 1)

    def key(self) -> str:
        """What was pressed; "" if the terminal has gone."""
        assert self._keyboard is not None
        try:
            return os.read(self._keyboard, 64).decode("utf-8", "replace")
        except OSError:
            return ""

    def draw(self, lines: Sequence[str]) -> None:
        """Show these lines, each fitted to the width, as many as there are rows."""
        size = self.size()
        if size != self._size:
            self._size, self._shown = size, []
            out = ["\x1b[2J"]
        else:
            out = []
        lines = lines[: size[1]]
        for row, text in enumerate(lines):
            if row >= len(self._shown) or self._shown[row] != text:
                out.append(f"\x1b[{row + 1};1H{text}\x1b[0m\x1b[K")
        if len(lines) < len(self._shown):
            out.append(f"\x1b[{len(lines) + 1};1H\x1b[J")
        self._shown = list(lines)
        if out:
            sys.stdout.write("".join(out))
            sys.stdout.flush()

    # --- taking and giving back ----------------------------------------------------------------------------------

    def _take(self) -> None:
        if self._keyboard is not None:
            self._settings = termios.tcgetattr(self._keyboard)
            raw = termios.tcgetattr(self._keyboard)
            raw[3] &= ~(termios.ICANON | termios.ECHO)  # Ctrl-C and Ctrl-Z stay signals
            termios.tcsetattr(self._keyboard, termios.TCSADRAIN, raw)
        self._shown, self._size = [], (0, 0)
        sys.stdout.write(ENTER)
        sys.stdout.flush()

    def _give_back(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.write(LEAVE)
            sys.stdout.flush()
        if self._keyboard is not None and self._settings is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._keyboard, termios.TCSADRAIN, self._settings)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Ctrl-Z: the shell gets its terminal, and we ours when we go on."""
        del number, frame
        self._give_back()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._take()


def _end(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise Ended
