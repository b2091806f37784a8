"""The control socket under clients of every kind: polite, rude, slow, mute, many, and not entitled."""

import asyncio
import functools
import inspect
import json
import os
import random
import socket
import stat
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest
import uvloop

from device.adapters import control_socket
from device.adapters.control_socket import MOST_CONNECTIONS, ControlSocket
from device.core.wire import MOST_REQUEST_BYTES, Done, Hello, Part, read_answer
from device.errors import ConfigError, ControlError

HELLO = Hello(program="device", version="0.1.0", protocol=1)


def on_both_loops(test):
    """Run an async test on asyncio's own loop and on the product's."""

    @functools.wraps(test)
    def runs(new_loop, **fixtures):
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(test(**fixtures))

    signature = inspect.signature(test)
    added = inspect.Parameter("new_loop", inspect.Parameter.KEYWORD_ONLY)
    runs.__signature__ = signature.replace(parameters=[*signature.parameters.values(), added])
    loops = [pytest.param(asyncio.new_event_loop, id="asyncio"), pytest.param(uvloop.new_event_loop, id="uvloop")]
    return pytest.mark.parametrize("new_loop", loops)(runs)


@pytest.fixture
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("c") / "control.sock"


class Sessions:
    """Answers "echo" at once, "stream" and "count" with parts for ever, "wait" never; counts who was given up on."""

    def __init__(self) -> None:
        self.counted = 0
        self.requests = []
        self.closed = 0
        self.given_up = asyncio.Event()

    def __call__(self):
        return self

    def close(self) -> None:
        self.closed += 1

    async def respond(self, request, send) -> None:
        self.requests.append(request)
        try:
            if request.command == "stream":
                while True:
                    await send(Part(id=request.id, value="x" * 10_000))
            if request.command == "count":
                while True:
                    await send(Part(id=request.id, value=[self.counted, "x" * 1000]), patience_seconds=60.0)
                    self.counted += 1
                    await asyncio.sleep(0)
            if request.command == "wait":
                await asyncio.Event().wait()
        except (ConnectionError, asyncio.CancelledError):
            self.given_up.set()
            raise
        if request.command == "break":
            raise RuntimeError("broken")
        await send(Done(id=request.id, value=request.command))


@asynccontextmanager
async def listening(path, *, group=""):
    answerer = Sessions()
    control = ControlSocket.open(path, group=group, hello=HELLO, answerer=answerer)
    try:
        yield answerer
    finally:
        await control.close()


async def greeted(path):
    reader, writer = await asyncio.open_unix_connection(path)
    assert read_answer(await reader.readline()) == HELLO
    return reader, writer


async def asked(reader, writer, command: str, number: int = 1):
    writer.write(json.dumps({"id": number, "command": command}).encode() + b"\n")
    return read_answer(await reader.readline())


@on_both_loops
async def test_requests_are_answered_one_after_another(place):
    async with listening(place) as answerer:
        reader, writer = await greeted(place)
        for number in range(3):
            assert await asked(reader, writer, "echo", number) == Done(id=number, value="echo")
        writer.write(b'{"id":7,"command":"echo"}\n{"id":8,"command":"ec')
        assert read_answer(await reader.readline()).id == 7
        writer.write(b'ho"}\n')
        assert read_answer(await reader.readline()).id == 8
        writer.close()
        assert len(answerer.requests) == 5


@on_both_loops
async def test_who_ends_their_side_still_gets_the_answer(place):
    async with listening(place):
        reader, writer = await greeted(place)
        writer.write(b'{"id":1,"command":"echo"}\n')
        writer.write_eof()
        assert read_answer(await reader.readline()) == Done(id=1, value="echo")
        assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize(
    "rubbish", [b"\n", b"hello\n", b"\xff\x00\n", b"{}\n", b"[" * 50_000 + b"\n", b"x" * (MOST_REQUEST_BYTES + 1)]
)
@on_both_loops
async def test_rubbish_is_told_and_ends_the_connection(place, rubbish):
    async with listening(place) as answerer:
        reader, writer = await greeted(place)
        writer.write(rubbish)
        answer = read_answer(await reader.readline())
        assert answer.exit_code == ControlError.exit_code
        assert await reader.read() == b""
        writer.close()
        reader, writer = await greeted(place)
        assert await asked(reader, writer, "echo") == Done(id=1, value="echo")
        writer.close()
        assert len(answerer.requests) == 1


@on_both_loops
async def test_a_client_that_goes_ends_what_it_asked_for(place):
    async with listening(place) as answerer:
        _, writer = await greeted(place)
        writer.write(b'{"id":1,"command":"wait"}\n')
        while not answerer.requests:
            await asyncio.sleep(0)
        writer.transport.abort()
        await asyncio.wait_for(answerer.given_up.wait(), 10)


def received_until_the_end(client: socket.socket) -> int:
    received = 0
    try:
        while chunk := client.recv(1 << 20):
            received += len(chunk)
    except ConnectionResetError:  # what was not read is gone
        pass
    return received


@on_both_loops
async def test_a_client_that_does_not_read_is_dropped_and_costs_bounded_memory(place, monkeypatch):
    monkeypatch.setattr(control_socket, "READING_SECONDS", 0.05)
    async with listening(place) as answerer:
        client = socket.socket(socket.AF_UNIX)
        client.connect(os.fspath(place))
        client.sendall(b'{"id":1,"command":"stream"}\n')
        await asyncio.wait_for(answerer.given_up.wait(), 10)
        client.settimeout(5)
        assert received_until_the_end(client) < 100_000
        client.close()


@on_both_loops
async def test_a_stalled_reader_of_a_stream_is_waited_for_and_then_told_nothing_old(place, monkeypatch):
    monkeypatch.setattr(control_socket, "READING_SECONDS", 0.01)
    async with listening(place) as answerer:
        reader, writer = await greeted(place)
        writer.transport.pause_reading()
        writer.write(b'{"id":1,"command":"count"}\n')
        while not answerer.counted:
            await asyncio.sleep(0.01)
        before = -1
        while answerer.counted > before:  # until the client's stalling is felt
            before = answerer.counted
            await asyncio.sleep(0.1)
        writer.transport.resume_reading()
        waiting = [read_answer(await reader.readline()).value[0] for _ in range(before + 1)]
        assert waiting == list(range(before + 1))
        assert before < 2 * control_socket.SEND_BUFFER_BYTES / 1000
        assert not answerer.given_up.is_set()
        writer.close()


@on_both_loops
async def test_a_silent_client_is_hung_up_on(place, monkeypatch):
    monkeypatch.setattr(control_socket, "REQUEST_SECONDS", 0.05)
    async with listening(place):
        reader, writer = await greeted(place)
        writer.write(b'{"id":1,"comm')
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()


@on_both_loops
async def test_who_sends_on_and_on_without_waiting_is_dropped(place):
    async with listening(place):
        client = socket.socket(socket.AF_UNIX)
        client.connect(os.fspath(place))
        client.settimeout(0)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, b'{"id":1,"command":"wait"}\n')
        with pytest.raises(OSError, match="Broken pipe|reset"):
            await loop.sock_sendall(client, b"x" * 10_000_000)
        client.close()


@on_both_loops
async def test_fifty_clients_at_once_are_all_answered_and_one_too_many_is_told(place):
    async with listening(place):
        clients = [await greeted(place) for _ in range(50)]
        answers = await asyncio.gather(
            *(asked(*client, "echo", number) for number, client in enumerate(clients)), return_exceptions=True
        )
        assert answers == [Done(id=number, value="echo") for number in range(50)]
        clients += [await greeted(place) for _ in range(MOST_CONNECTIONS - 50)]
        reader, writer = await asyncio.open_unix_connection(place)
        assert "connected already" in read_answer(await reader.readline()).sentence
        writer.close()
        for _, writer in clients:
            writer.close()


@on_both_loops
async def test_a_request_that_breaks_leaves_the_others_alone(place, caplog):
    async with listening(place):
        reader, writer = await greeted(place)
        writer.write(b'{"id":1,"command":"break"}\n')
        assert await reader.read() == b""
        writer.close()
        reader, writer = await greeted(place)
        assert await asked(reader, writer, "echo") == Done(id=1, value="echo")
        writer.close()
    assert "A request broke" in caplog.text


@on_both_loops
async def test_random_rubbish_in_random_pieces_never_stops_the_service(place):
    """Malformed, oversized, torn, abandoned and proper requests from several clients at once."""
    random.seed(4)
    proper = b'{"id":1,"command":"echo"}\n'

    def rubbish() -> bytes:
        kind = random.randrange(6)
        if kind == 0:
            return random.randbytes(random.randrange(1, 400))
        if kind == 1:
            return b"[" * random.randrange(1, 3000) + b"\n"
        if kind == 2:
            changed = bytearray(proper)
            changed[random.randrange(len(changed))] = random.randrange(256)
            return bytes(changed)
        if kind == 3:
            return proper[: random.randrange(len(proper))]
        if kind == 4:
            return b"x" * random.randrange(MOST_REQUEST_BYTES, MOST_REQUEST_BYTES + 5000)
        return proper * random.randrange(1, 4)

    async def one_client(reaches: int) -> int:
        done = 0
        while done < reaches:
            await asyncio.sleep(0)
            try:
                _, writer = await asyncio.open_unix_connection(place)
                whole = b"".join(rubbish() for _ in range(random.randrange(1, 4)))
                done += 1
                middle = random.randrange(len(whole) + 1)
                writer.write(whole[:middle])
                await asyncio.sleep(0)
                writer.write(whole[middle:])
                if random.random() < 0.5:
                    await writer.drain()
                writer.transport.abort()
            except OSError:
                continue
        return done

    # Here the pace would only take time.
    fast = control_socket.Pace(per_second=1e9, burst=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(control_socket, "Pace", lambda **_: fast)
        async with listening(place):
            done = await asyncio.gather(*(one_client(250) for _ in range(8)))
            assert sum(done) == 2000
            reader, writer = await greeted(place)
            assert await asked(reader, writer, "echo") == Done(id=1, value="echo")
            writer.close()


# --- who may, and where ------------------------------------------------------------------------------------------


@on_both_loops
async def test_the_socket_is_its_users_and_groups_alone(place):
    async with listening(place):
        found = place.stat()
        assert stat.S_IMODE(found.st_mode) == 0o660
        assert (found.st_uid, found.st_gid) == (os.geteuid(), os.getegid())
    assert not place.exists()


@on_both_loops
async def test_an_unknown_group_is_a_mistake_in_the_configuration(place):
    with pytest.raises(ConfigError, match=r"control\.group"):
        ControlSocket.open(place, group="no-such-group", hello=HELLO, answerer=Sessions())


@on_both_loops
async def test_a_stale_socket_is_replaced_but_a_living_one_is_not(place):
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(os.fspath(place))
    stale.close()
    async with listening(place):
        with pytest.raises(ControlError, match="Another running agent"):
            ControlSocket.open(place, group="", hello=HELLO, answerer=Sessions())
        reader, writer = await greeted(place)
        assert await asked(reader, writer, "echo") == Done(id=1, value="echo")
        writer.close()


@on_both_loops
async def test_a_path_that_no_socket_can_have_is_told(tmp_path):
    with pytest.raises(ControlError, match="too long"):
        ControlSocket.open(tmp_path / ("x" * 120), group="", hello=HELLO, answerer=Sessions())
    (tmp_path / "file").write_text("")
    with pytest.raises(ControlError, match="cannot be made"):
        ControlSocket.open(tmp_path / "file" / "control.sock", group="", hello=HELLO, answerer=Sessions())


SOMEBODY = """
import os, socket, sys
os.setgroups([int(group) for group in sys.argv[2].split(",") if group]); os.setgid(65534); os.setuid(65534)
client = socket.socket(socket.AF_UNIX)
try:
    client.connect(sys.argv[1])
    print(client.makefile().readline())
except PermissionError:
    print("PermissionError")
"""


MANY = ",".join(map(str, range(100_000, 100_600)))
"""More groups than are usually asked for."""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try as another user")
@pytest.mark.parametrize(
    ("mode", "groups", "outcome"),
    [(0o660, "", "PermissionError"), (0o660, "GROUP", '"kind":"hello"'), (0o666, "", "Only root"),
     (0o666, "GROUP", '"kind":"hello"'), (0o666, "MANY", "Only root")],
)  # fmt: skip
@on_both_loops
async def test_only_members_of_the_group_get_in_whatever_the_sockets_mode(mode, groups, outcome):
    import grp
    import tempfile

    group = grp.getgrnam("daemon")
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)  # noqa: PTH101
        place = control_socket.Path(directory) / "control.sock"
        async with listening(place, group=group.gr_name):
            assert place.stat().st_gid == group.gr_gid
            place.chmod(mode)
            arguments = [
                sys.executable,
                "-c",
                SOMEBODY,
                str(place),
                groups.replace("GROUP", str(group.gr_gid)).replace("MANY", MANY),
            ]
            somebody = await asyncio.to_thread(subprocess.run, arguments, capture_output=True, text=True, timeout=30)
            assert outcome in somebody.stdout, somebody.stderr
