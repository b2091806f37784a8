"""A command's way to the running agent: one request at a time over its control socket."""

import argparse
import contextlib
import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import msgspec

import device
from device.core.wire import (
    MOST_ANSWER_BYTES,
    Answer,
    Done,
    Failed,
    Lines,
    Part,
    Request,
    check_greeting,
    read_answer,
    request_line,
)
from device.errors import ControlError, DeviceError, StuckError

CONNECT_SECONDS = 5.0
"""An agent that does not even greet within this is stuck."""

SENDING_SECONDS = 30.0
"""An agent that does not take a request within this is stuck; it may let a busy client wait for its turn."""

RECEIVE_BYTES = 64 * 1024


class RequestError(DeviceError):
    """The agent refused or failed; it says why, and with which code the command ends."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.sentence)
        self.exit_code = failed.exit_code  # type: ignore[misc]


class Client:
    """A connection to an agent; leaving the context hangs up."""

    def __init__(self, path: Path, connection: socket.socket) -> None:
        self.path = path
        self._connection = connection
        self._lines = Lines(MOST_ANSWER_BYTES)
        self._number = 0

    @classmethod
    def connect(cls, path: Path, *, seconds: float = CONNECT_SECONDS) -> Self:
        """Connect, and check that both sides understand each other. Raises ControlError."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(seconds)
        client = cls(path, connection)
        try:
            try:
                connection.connect(os.fspath(path))
            except OSError as error:
                raise ControlError(_unreachable(path, error)) from error
            greeting = client._receive()
            if isinstance(greeting, Failed):
                raise RequestError(greeting)
            hello = check_greeting(greeting, device.__version__)
        except BaseException:
            connection.close()
            raise
        if hello.version != device.__version__:
            print(
                f"The running agent is version {hello.version}, this command {device.__version__}: restart the agent.",
                file=sys.stderr,
            )
        connection.settimeout(None)
        return client

    def ask(
        self,
        command: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        on_part: Callable[[Any], None] | None = None,
        seconds: float | None = None,
    ) -> Any:
        """The agent's answer; `on_part` gets what comes before it. Raises RequestError, ControlError.

        `seconds` bounds the wait for each line of it.
        """
        self.send(command, arguments)
        return self.receive(on_part=on_part, seconds=seconds)

    def send(self, command: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Ask, and do not wait for the answer: `receive` it before the next. Raises ControlError."""
        self._number += 1
        raw = msgspec.Raw(msgspec.json.encode(dict(arguments or {})))
        self._connection.settimeout(SENDING_SECONDS)
        with _told_as_control_errors():
            self._connection.sendall(request_line(Request(id=self._number, command=command, arguments=raw)))

    def receive(self, *, on_part: Callable[[Any], None] | None = None, seconds: float | None = None) -> Any:
        """The answer to what was sent, as `ask` has it."""
        self._connection.settimeout(seconds)
        while True:
            answer = self._receive()
            if isinstance(answer, Failed):
                raise RequestError(answer)
            if isinstance(answer, Done):
                return answer.value
            if isinstance(answer, Part) and on_part is not None:
                on_part(answer.value)

    def fileno(self) -> int:
        """The descriptor that becomes readable when an answer comes."""
        return self._connection.fileno()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _receive(self) -> Answer:
        with _told_as_control_errors():
            while (line := self._lines.next()) is None:
                received = self._connection.recv(RECEIVE_BYTES)
                if not received:
                    raise ControlError("The agent hung up: it may just have ended (device status tells).")
                self._lines.feed(received)
        return read_answer(line)


def connect(args: argparse.Namespace) -> Client:
    """A connection to the agent that the command line means: the service, or the user's own. Raises ControlError."""
    return Client.connect(socket_path(args))


def ask(args: argparse.Namespace, command: str, arguments: Mapping[str, Any] | None = None) -> Any:
    """One answer of the agent that the command line means. Raises ControlError, RequestError."""
    with connect(args) as client:
        return client.ask(command, arguments)


def follow(
    args: argparse.Namespace,
    command: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    on_part: Callable[[Any], None],
) -> int:
    """Follow a stream of the agent's until the user ends it, which is an end like any other; returns the exit code.

    Raises ControlError when the agent ends, RequestError.
    """
    with connect(args) as agent, contextlib.suppress(KeyboardInterrupt):
        agent.ask(command, arguments, on_part=on_part)
    return 0


def socket_path(args: argparse.Namespace) -> Path:
    """Where the agent is reached. Raises ControlError if none is running, ConfigError."""
    if args.socket is not None:
        return Path(args.socket)
    from device.config import load

    candidates = load(args.config, overrides=args.set).config.control_sockets()
    for path in candidates:
        with contextlib.suppress(PermissionError):
            if not path.exists():
                continue
        return path
    raise ControlError(
        f"No agent is running here (no socket {' or '.join(map(str, candidates))}): start one with `device run`, or "
        "the service with `sudo systemctl start device`."
    )


def _unreachable(path: Path, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return (
            f"You may not control the agent at {path}: use sudo, or join its group (sudo usermod -aG device $USER) and "
            "log in anew."
        )
    if isinstance(error, (ConnectionRefusedError, FileNotFoundError)):
        return f"No agent is running at {path}: start one with `device run`, or `sudo systemctl start device`."
    return f"The agent at {path} cannot be reached: {error.strerror or error}."


@contextlib.contextmanager
def _told_as_control_errors() -> Any:
    try:
        yield
    except TimeoutError as error:
        raise StuckError from error
    except OSError as error:
        raise ControlError(f"The connection to the agent broke: {error.strerror or error}.") from error
