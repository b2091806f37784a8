"""The control socket: requests of people and scripts on this computer, answered beside the conversation.

Whatever a client does (nothing, rubbish, a flood, a reply that it never reads, going away in the middle), it costs the
agent's loop no more than a bounded number of wake-ups a second and a bounded number of bytes:

* connections are bounded in number, and accepted at an even pace;
* everything that is received, be it a byte or a request, costs one place of a pace that all clients share;
* a request must be whole within `REQUEST_SECONDS`, and is bounded in size; a client sends one at a time;
* who does not read what it asked for is dropped after `READING_SECONDS` (a stream's client later), and until then
  no more than one answer and `SEND_BUFFER_BYTES` of the kernel's wait for it, so what a stream tells late is never old.

Who may connect is checked twice: by the socket's mode (0660) and group, and by the kernel's word on who is calling and
in which groups. There is one tier: root, the agent's user and the group may do everything, everybody else nothing,
since even the status tells what was said.
"""

import asyncio
import contextlib
import fcntl
import grp
import logging
import os
import pwd
import select
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self, cast

from device.core.pace import Pace
from device.core.wire import (
    MOST_ANSWER_BYTES,
    MOST_REQUEST_BYTES,
    Answer,
    Failed,
    Hello,
    Lines,
    WireError,
    answer_line,
    read_request,
)
from device.errors import ConfigError, ControlError
from device.ports import Answerer

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 64
PACE_PER_SECOND, BURST = 400, 100
REQUEST_SECONDS = 10.0
READING_SECONDS = 5.0
SEND_BUFFER_BYTES = 16 * 1024
MODE = 0o660
LONGEST_PATH_BYTES = 107
"""Of a unix socket's name, see unix(7)."""

_SO_PEERGROUPS = 59
"""From asm-generic/socket.h; Python does not name it."""
MOST_GROUPS_BYTES = 1024
"""The most that `socket.getsockopt` takes: 256 groups."""


@dataclass(kw_only=True)
class _Place:
    """A listening socket, and the lock that keeps other agents from its path."""

    path: Path
    listener: socket.socket
    lock: int
    group_id: int

    @classmethod
    def take(cls, path: Path, group_id: int) -> Self:
        """Listen at `path`. Raises ControlError."""
        if len(os.fsencode(path)) > LONGEST_PATH_BYTES:
            raise ControlError(f"The control socket's path {path} is too long: choose a shorter one (control.socket).")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = _lock(path)
            try:
                return cls(path=path, listener=_listen(path, group_id), lock=lock, group_id=group_id)
            except BaseException:
                os.close(lock)
                raise
        except OSError as error:
            raise ControlError(f"The control socket {path} cannot be made: {error.strerror}.") from error

    def leave(self) -> None:
        """Leave nothing behind but the lock's file, which the next agent may be waiting at."""
        self.listener.close()
        self.path.unlink(missing_ok=True)
        os.close(self.lock)


class ControlSocket:
    """Listens at a path until it is closed."""

    def __init__(self, place: "_Place", hello: Hello, answerer: Callable[[], Answerer]) -> None:
        self._place = place
        self._greeting = answer_line(hello)
        self._answerer = answerer
        self._pace = Pace(per_second=PACE_PER_SECOND, burst=BURST)
        self._connections: set[_Connection] = set()
        self._accepting = asyncio.get_running_loop().create_task(self._accept(), name="control socket")

    @classmethod
    def open(cls, path: Path, *, group: str, hello: Hello, answerer: Callable[[], Answerer]) -> Self:
        """Listen at `path`, for root, this process's user and the members of `group` ("" for the process's own).

        Every client gets an `answerer` of its own.

        What an ended process left there is replaced. Raises ControlError, also if a running agent has it, or
        ConfigError for a group that there is not.
        """
        return cls(_Place.take(path, _group_id(group)), hello, answerer)

    async def close(self) -> None:
        """Hang up on everyone and leave nothing behind."""
        self._accepting.cancel()
        await asyncio.gather(self._accepting, return_exceptions=True)
        for connection in list(self._connections):
            connection.drop()
        self._place.leave()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if (seconds := self._pace.wait_seconds(loop.time())) > 0:
                await asyncio.sleep(seconds)
            try:
                client, _ = await loop.sock_accept(self._place.listener)
            except OSError as error:  # too many open files, say
                log.error("The control socket cannot accept: %s", error)  # noqa: TRY400
                await asyncio.sleep(1.0)
                continue
            try:
                await self._receive(client)
            except OSError as error:  # it has gone already
                log.debug("a client went away at once: %s", error)
                client.close()

    async def _receive(self, client: socket.socket) -> None:
        client.settimeout(0)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        if refusal := self._refusal(client):
            with client:
                client.send(answer_line(Failed(id=0, sentence=refusal, exit_code=ControlError.exit_code)))
            return
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: _Connection(self._connections, self._pace, self._greeting, self._answerer()), client
        )

    def _refusal(self, client: socket.socket) -> str:
        if len(self._connections) >= MOST_CONNECTIONS:
            return f"{MOST_CONNECTIONS} clients are connected already: try again later."
        if not may_control(client, self._place.group_id):
            return (
                f"Only root, the agent's user and the group {_group_name(self._place.group_id)} may control the agent."
            )
        return ""


class _Connection(asyncio.Protocol):
    """One client: one request at a time."""

    def __init__(self, connections: "set[_Connection]", pace: Pace, greeting: bytes, answerer: Answerer) -> None:
        self._connections = connections
        self._pace = pace
        self._greeting = greeting
        self._answerer = answerer
        self._lines = Lines(MOST_REQUEST_BYTES)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._answering: asyncio.Task[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._drained: asyncio.Future[None] | None = None
        self._asks_no_more = False
        self._closing = False

    # --- asyncio.Protocol ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)
        self._transport.set_write_buffer_limits(high=0)
        self._transport.write(self._greeting)
        self._await_request()

    def data_received(self, data: bytes) -> None:
        """Take it, and nothing more before it is this client's turn again."""
        if self._closing:
            return
        self._lines.feed(data)
        if self._answering is None:
            self._next()
        elif len(self._lines) > MOST_REQUEST_BYTES:
            self.drop()
        if not self._closing and (seconds := self._pace.wait_seconds(self._loop.time())) > 0:
            self._transport.pause_reading()
            self._reading = self._loop.call_later(seconds, self._read_on)

    def eof_received(self) -> bool:
        """A client that has gone, or has no more to ask; what it asked for is told as long as it can be."""
        self._asks_no_more = True
        return self._answering is not None and not self._closing and not _gone(self._transport)

    def pause_writing(self) -> None:
        """It does not read as fast as it is told."""
        self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        """It has read."""
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None

    def connection_lost(self, error: Exception | None) -> None:
        """It has gone: end what it asked for."""
        del error
        self._closing = True
        self._connections.discard(self)
        for timer in (self._deadline, self._reading):
            if timer is not None:
                timer.cancel()
        if self._answering is not None:
            self._answering.cancel()
        self._answerer.close()

    # --- a request -----------------------------------------------------------------------------------------------

    def _read_on(self) -> None:
        if not self._closing:
            self._transport.resume_reading()

    def _await_request(self) -> None:
        if self._deadline is None:
            self._deadline = self._loop.call_later(REQUEST_SECONDS, self._hang_up)

    def _next(self) -> None:
        try:
            line = self._lines.next()
        except WireError as error:
            self._reject(error)
            return
        if line is None:
            self._hang_up() if self._asks_no_more else self._await_request()
            return
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._answering = self._loop.create_task(self._answer(line), name="control request")

    async def _answer(self, line: bytes) -> None:
        try:
            if (seconds := self._pace.wait_seconds(self._loop.time())) > 0:
                await asyncio.sleep(seconds)
            await self._answerer.respond(read_request(line), self._send)
        except WireError as error:
            self._reject(error)
        except ConnectionError:
            self.drop()
        except Exception:
            log.exception("A request broke")
            self.drop()
        finally:
            self._answering = None
        if not self._closing:
            self._next()

    async def _send(self, answer: Answer, *, patience_seconds: float | None = None) -> None:
        """Tell the client. Raises ConnectionError if it has gone, or does not read."""
        line = answer_line(answer)
        if len(line) > MOST_ANSWER_BYTES:
            raise ConnectionError("the answer is too long")
        if self._closing:
            raise ConnectionError("the client has gone")
        self._transport.write(line)
        if self._drained is not None:
            done, _ = await asyncio.wait({self._drained}, timeout=patience_seconds or READING_SECONDS)
            if not done:
                raise ConnectionError("the client does not read")

    def _reject(self, error: WireError) -> None:
        """After what cannot be read, nothing can be trusted."""
        if not self._closing:
            self._transport.write(answer_line(Failed(id=0, sentence=str(error), exit_code=error.exit_code)))
            self._hang_up()

    def _hang_up(self) -> None:
        """End the connection once the client has read what it was told, or soon in any case."""
        if not self._closing:
            self._closing = True
            self._deadline = self._loop.call_later(READING_SECONDS, self._transport.abort)
            self._transport.close()

    def drop(self) -> None:
        """End the connection now."""
        self._closing = True
        self._transport.abort()


def _gone(transport: asyncio.Transport) -> bool:
    """Whether the other side has closed both directions: the kernel tells that apart from having no more to say."""
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), 0)
    return any(events & select.POLLHUP for _, events in poll.poll(0))


def may_control(client: socket.socket, group_id: int) -> bool:
    """Whether the process at the other end is root's, this user's, or in the group."""
    _, user, own_group = struct.unpack("iII", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    if user in (0, os.geteuid()) or own_group == group_id:
        return True
    try:
        groups = client.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, MOST_GROUPS_BYTES)
    except OSError:  # it is in more groups than Python can ask for: what the user's are has to do
        return group_id in _groups_of(user, own_group)
    return group_id in struct.unpack(f"{len(groups) // 4}I", groups)


def _groups_of(user: int, own_group: int) -> list[int]:
    """The groups that the system's database gives a user."""
    try:
        return os.getgrouplist(pwd.getpwuid(user).pw_name, own_group)
    except KeyError:
        return []


def _group_id(group: str) -> int:
    if not group:
        return os.getegid()
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise ConfigError(
            f'control.group = "{group}" is impossible: there is no such group on this computer.'
        ) from None


def _group_name(group_id: int) -> str:
    try:
        return grp.getgrgid(group_id).gr_name
    except KeyError:
        return str(group_id)


def _lock(path: Path) -> int:
    """Hold the right to the socket; it ends with the process, however that ends. Raises ControlError, OSError."""
    lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise ControlError(f"Another running agent has the control socket {path}.") from error
    return lock


def _listen(path: Path, group_id: int) -> socket.socket:
    """A socket with its mode and group, which nobody can connect to before it has them. Raises OSError."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.settimeout(0)
        path.unlink(missing_ok=True)
        listener.bind(os.fspath(path))
        if group_id != os.getegid():
            with contextlib.suppress(PermissionError):  # then only root and this user get in
                os.chown(path, -1, group_id)
        path.chmod(MODE)
        listener.listen(MOST_CONNECTIONS)
    except BaseException:
        listener.close()
        raise
    return listener
