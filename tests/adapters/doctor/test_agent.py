"""The running agent: its answer, its socket, its ledger, and others of its kind."""

import os
import socket
import sqlite3
from pathlib import Path

import pytest

from device.adapters.clock_system import SystemClock
from device.adapters.doctor.agent import _holder, instances, ledger, reached, socket_rights
from device.adapters.store_lock import DirectoryLock
from device.adapters.store_sqlite import FILE, SqliteLedger
from device.core.entries import UserSaid
from device.errors import ControlError
from tests.adapters.doctor.judging import has_failed, is_absent, is_well, warns


def test_an_agent_that_answers_is_well_and_a_mute_one_is_not(device):
    assert is_absent(reached(device()))
    assert is_well(reached(device(agent={"pid": 7, "state": "IDLE"})))
    assert has_failed(reached(device(agent=ControlError("The agent does not answer."))), "does not answer")


@pytest.fixture
def bound(tmp_path):
    path = tmp_path / "control.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    yield path
    listener.close()


def test_a_socket_is_open_to_its_group_alone(device, bound):
    bound.chmod(0o660)
    assert is_well(socket_rights(device(sockets=(bound,))))
    bound.chmod(0o666)
    assert has_failed(socket_rights(device(sockets=(bound,))), "666")


def test_what_is_no_socket_has_failed(device, tmp_path):
    (tmp_path / "file").write_text("")
    assert has_failed(socket_rights(device(sockets=(tmp_path / "file",))), "no socket")
    assert is_absent(socket_rights(device(sockets=(tmp_path / "none",))))


async def kept(directory) -> None:
    made = SqliteLedger.open(directory, SystemClock(), on_failure=print)
    made.append(*(UserSaid(text=f"word {number}" * 50) for number in range(200)))
    await made.close()


async def test_a_whole_ledger_is_well(device, tmp_path):
    assert is_absent(ledger(device()))
    await kept(tmp_path / "state")
    assert is_well(ledger(device()))
    assert "200 records" in ledger(device(thorough=True)).says


async def test_a_ledger_beside_a_running_agent_can_be_looked_at(device, tmp_path):
    made = SqliteLedger.open(tmp_path / "state", SystemClock(), on_failure=print)
    made.append(UserSaid(text="hello"))
    await made.durable()
    assert is_well(ledger(device()))
    await made.close()


async def test_a_damaged_ledger_has_failed(device, tmp_path):
    await kept(tmp_path / "state")
    path = tmp_path / "state" / FILE
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(os.urandom(4 * 4096))
    assert has_failed(ledger(device()), "damaged")
    path.write_bytes(b"no database at all" * 100)
    assert has_failed(ledger(device()), "damaged")


async def test_one_that_was_moved_aside_warns(device, tmp_path):
    await kept(tmp_path / "state")
    (tmp_path / "state" / f"{FILE}.damaged-20261125-080000").write_text("")
    assert warns(ledger(device()), "moved aside")


async def test_a_newer_ledger_has_failed(device, tmp_path):
    await kept(tmp_path / "state")
    database = sqlite3.connect(tmp_path / "state" / FILE)
    database.execute("PRAGMA user_version = 99")
    database.close()
    assert has_failed(ledger(device()), "newer")


SERVICE = "/opt/device/current/.venv/bin/python3\0/opt/device/current/.venv/bin/device\0run\0--service\0"
OWN = "python\0-m\0device\0run\0--text\0"


def test_two_agents_are_one_too_many(device):
    assert is_absent(instances(device()))
    assert is_well(instances(device({"proc/70/cmdline": SERVICE, "proc/71/cmdline": "bash\0"}, agent={"pid": 70})))
    assert warns(instances(device({"proc/80/cmdline": OWN})), "process 70")


def test_a_recording_that_is_answered_is_no_second_agent(device):
    answering = {"proc/70/cmdline": SERVICE, "proc/72/cmdline": "device\0run\0--wav\0question.wav\0"}
    assert is_well(instances(device(answering, agent={"pid": 70})))


def test_who_holds_the_conversation_and_who_answers_should_be_one(device, tmp_path):
    lock = tmp_path / "state" / "lock"
    patient = device({"proc/70/cmdline": SERVICE}, agent={"pid": 70})
    lock.write_text("70")
    about = lock.stat()
    place = f"{os.major(about.st_dev):02x}:{os.minor(about.st_dev):02x}:{about.st_ino}"
    locks = "1: FLOCK  ADVISORY  WRITE 1 00:01:12 0 EOF\n2: FLOCK  ADVISORY  WRITE {} " + place + " 0 EOF\n"
    assert is_well(instances(patient))
    assert is_well(instances(device({"proc/locks": locks.format(70)}, agent={"pid": 70})))
    assert warns(instances(device({"proc/locks": locks.format(90)}, agent={"pid": 70})), "Process 90")


def test_the_kernels_list_of_locks_names_a_real_holder(device, tmp_path):
    patient = device(root=Path("/"))
    held = DirectoryLock(tmp_path / "state")
    assert _holder(patient) == os.getpid()
    held.release()
    assert _holder(patient) is None
