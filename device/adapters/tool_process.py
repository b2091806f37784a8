"""Runs a program that is a tool: a process for one call, or one that lives on and is talked to.

Each stands behind a guard (`tool_guard.py`), which ends it and all that descends from it when the agent asks for it or
is gone. The rule it owns: whoever starts a program ends it, whatever happens in between; and to have it ended takes no
waiting, so that no cancellation can prevent it.
"""

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from device.adapters.pipes import Descriptor, filled_pipe, pipe
from device.adapters.tool_stderr import ErrorOutput
from device.errors import ToolError

log = logging.getLogger(__name__)

GUARD = Path(__file__).with_name("tool_guard.py")
GRACE_SECONDS = 1.0
"""How long a program may clean up once it has been asked to end; less than a cancelled call may take."""
GUARD_SECONDS = 6.0
"""How long the guard itself may take beyond the grace before it is killed, too."""
INHERITED = ("PATH", "HOME", "LANG")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program and its arguments, never a shell's line.

    It is called `name` in the log. Of the agent's environment it sees PATH, HOME and LANG, and then `environment`.
    `memory_bytes` bounds its data; 0 does not.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    memory_bytes: int = 0
    grace_seconds: float = GRACE_SECONDS


class Open(Protocol):
    """One end of a pipe, or a socket."""

    def fileno(self) -> int:
        """Its descriptor."""
        ...

    def close(self) -> None:
        """Close it; again is harmless."""
        ...


class Child:
    """A program that was started; made by `running`."""

    def __init__(self, guard: "subprocess.Popen[bytes]", lifeline: Descriptor, program: Program) -> None:
        self._guard = guard
        self._lifeline = lifeline
        self._program = program
        self._ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._exit = Descriptor(os.pidfd_open(guard.pid))
        self._loop.add_reader(self._exit.fileno(), self._on_exit)

    @property
    def pid(self) -> int:
        """The guard's process, which leads the program's session."""
        return self._guard.pid

    async def exit_code(self) -> int:
        """Wait until it and all that descends from it have ended; 128 and the signal's number if one ended it."""
        await self._ended.wait()
        return self._guard.wait()

    def end(self) -> None:
        """Have it ended. It may not have ended yet when this returns, but nothing more needs to be done."""
        self._lifeline.close()

    async def close(self) -> None:
        """End it and wait until it has ended."""
        self.end()
        try:
            async with asyncio.timeout(self._program.grace_seconds + GUARD_SECONDS):
                await self._ended.wait()
        except TimeoutError:
            log.error("%s does not end (process %d); it is left behind", self._program.name, self.pid)  # noqa: TRY400 - where is known
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def _on_exit(self) -> None:
        self._loop.remove_reader(self._exit.fileno())
        self._exit.close()
        self._guard.wait()
        self._ended.set()


@asynccontextmanager
async def running(program: Program, *, stdin: Open, stdout: Open) -> AsyncIterator[tuple[Child, ErrorOutput]]:
    """Start a program, which gets `stdin` and `stdout`: here they are closed. Leaving ends it and all its descendants.

    Raises ToolError if no process can be started.
    """
    reading, stderr = pipe()
    errors = ErrorOutput(reading, program.name)
    try:
        child = _start(program, stdin, stdout, stderr)
    except BaseException:
        errors.close()
        raise
    finally:
        # Only the program may hold these open, or the end of its output would never come.
        for end in (stdin, stdout, stderr):
            end.close()
    try:
        yield child, errors
    finally:
        try:
            await child.close()
        finally:
            errors.close()


def _start(program: Program, stdin: Open, stdout: Open, stderr: Open) -> Child:
    # Not through the event loop: uvloop forks, which takes long in a process with gigabytes of weights; this does not.
    waiting, lifeline = pipe()
    guarded = (str(waiting.fileno()), str(program.grace_seconds), str(program.memory_bytes), *program.command)
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    try:
        guard = subprocess.Popen(  # noqa: S603 - no shell, and the command is the user's own
            [sys.executable, "-I", "-S", str(GUARD), *guarded],
            stdin=stdin.fileno(),
            stdout=stdout.fileno(),
            stderr=stderr.fileno(),
            cwd="/",
            env=inherited | dict(program.environment),
            pass_fds=(waiting.fileno(),),
            start_new_session=True,
        )
        return Child(guard, lifeline, program)
    except OSError as error:
        lifeline.close()
        raise ToolError(f"No process can be started: {error.strerror}.") from error
    finally:
        waiting.close()


async def call_program(
    program: Program, given: bytes, take_line: Callable[[bytes], None], *, most_bytes: int
) -> tuple[int, str]:
    """Run a program once: `given` is its standard input, each line of its output goes to `take_line`.

    Returns its exit code and the last line of its standard error. Raises ToolError if a line is longer than
    `most_bytes`; `take_line` may raise one, too. However it ends, no process is left.
    """
    try:
        stdin = filled_pipe(given)
    except (OSError, ValueError) as error:
        raise ToolError("The arguments are too long.") from error
    output, stdout = pipe()
    with output:
        async with running(program, stdin=stdin, stdout=stdout) as (child, errors):
            await _each_line(output, take_line, most_bytes)
            return await child.exit_code(), await errors.last_line()


async def _each_line(output: Descriptor, take_line: Callable[[bytes], None], most_bytes: int) -> None:
    rest = b""
    while chunk := await output.read():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            take_line(line)
        if len(rest) > most_bytes:
            raise ToolError("It wrote too much.")
    if rest:
        take_line(rest)
