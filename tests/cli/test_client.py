"""A command's side of the control socket, against agents that are too old, too new, strange, silent, or forbidden."""

import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from device import __version__
from device.cli import client
from device.cli.main import main
from device.core.wire import PROTOCOL, Hello, answer_line

ROOT = Path(__file__).parents[2]


@contextmanager
def agent_that_sends(*lines: bytes, path, hangs_up: bool = True):
    """An agent that sends this to whoever connects, whatever they ask."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.fspath(path))
    listener.listen()
    over = threading.Event()

    def serve() -> None:
        peer, _ = listener.accept()
        with peer:
            for number, line in enumerate(lines):
                if number:
                    peer.recv(1000)
                peer.sendall(line)
            if not hangs_up:
                over.wait(60)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        listener.close()


@pytest.fixture
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("s") / "c.sock"


def hello(*, protocol: int = PROTOCOL, version: str = __version__) -> bytes:
    return answer_line(Hello(program="device", version=version, protocol=protocol))


@pytest.mark.parametrize(
    ("greeting", "says"),
    [
        (hello(protocol=PROTOCOL + 1, version="9.9.9"), "version 9.9.9"),
        (hello(protocol=0, version="0.0.1"), "restart the agent"),
        (b'{"kind":"hello","program":"somebody","version":"1","protocol":1}\n', "no device agent"),
        (b'{"kind":"welcome"}\n', "cannot be read"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "cannot be read"),
        (b"x" * (client.MOST_ANSWER_BYTES + 10), "too long"),
        (b"", "hung up"),
    ],
)
@pytest.mark.parametrize("command", [["status"], ["interrupt"], ["ledger", "tail", "-f"], ["forget", "--yes"]])
def test_who_is_not_understood_is_told_of_in_one_sentence(place, capsys, greeting, says, command):
    with agent_that_sends(greeting, path=place):
        assert main(["--socket", str(place), *command]) == 11
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert says in shown.err


def test_an_agent_of_another_version_that_speaks_the_same_protocol_is_asked_all_the_same(place, capsys):
    with agent_that_sends(hello(version="9.9.9"), b'{"kind":"done","id":1,"value":null}\n', path=place):
        assert main(["--socket", str(place), "interrupt"]) == 0
    assert (
        capsys.readouterr().err
        == f"The running agent is version 9.9.9, this command {__version__}: restart the agent.\n"
    )


def test_a_silent_agent_is_not_waited_for_for_ever(place, capsys, monkeypatch):
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.05)
    with agent_that_sends(path=place, hangs_up=False):
        assert main(["--socket", str(place), "status"]) == 11
    assert "stuck" in capsys.readouterr().err


SOMEBODY = """
import os, sys
from pathlib import Path
from device.cli import client, ledger, memory, output, status, talk, work
from device.cli.main import main, parser
from device import app, config
from device.adapters import ledger_reading
import json
parser()
os.setgroups([int(group) for group in sys.argv[1].split(",") if group]); os.setgid(65534); os.setuid(65534)
sys.exit(main(sys.argv[2:]))
"""


def as_somebody(groups: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of another user's, who is in these groups alone."""
    return subprocess.run(
        [sys.executable, "-c", SOMEBODY, groups, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try as another user")
def test_who_is_not_in_the_group_is_told_how_to_get_in(tmp_path_factory):
    place = tmp_path_factory.mktemp("closed") / "c.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(place))
        place.chmod(0o660)
        listener.listen()
        for directory in list(place.parents)[:-2]:
            directory.chmod(0o755)
        found = as_somebody("", "--socket", str(place), "status")
    assert found.returncode == 11, found.stderr
    assert "usermod -aG device" in found.stderr
    assert found.stderr.count("\n") == 1
