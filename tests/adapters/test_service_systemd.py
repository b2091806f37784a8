"""What systemd is told, received on a real datagram socket."""

import os
import socket

import pytest

from device.adapters.service_systemd import SystemdService


@pytest.fixture
def manager(tmp_path):
    """systemd's end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        end.settimeout(10)
        yield end


def test_every_message_is_a_datagram_of_its_own(manager):
    service = SystemdService(manager.getsockname())
    service.ready()
    service.status("ready:\nlistening")
    service.extend(1.5)
    service.alive()
    service.stopping()
    assert [manager.recv(1000) for _ in range(5)] == [
        b"READY=1",
        b"STATUS=ready: listening",
        b"EXTEND_TIMEOUT_USEC=1500000",
        b"WATCHDOG=1",
        b"STOPPING=1",
    ]
    service.close()
    service.ready()


def test_a_name_without_a_path_is_reached_too():
    name = f"device-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind("\0" + name)
        end.settimeout(10)
        service = SystemdService("@" + name)
        service.ready()
        assert end.recv(1000) == b"READY=1"
        service.close()


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdogs_time_is_systemds(environment, seconds):
    assert SystemdService.from_environment(environment).watchdog_seconds == seconds


def test_without_systemd_nothing_happens():
    service = SystemdService.from_environment({})
    assert not service.managed
    service.ready()
    service.alive()
    service.close()


def test_a_manager_that_is_gone_or_does_not_read_harms_nobody(tmp_path, caplog):
    service = SystemdService(str(tmp_path / "nothing"))
    service.ready()
    assert "systemd cannot be told READY" in caplog.text
    service.close()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "full"))
        service = SystemdService(str(tmp_path / "full"))
        for _ in range(2000):
            service.alive()
        assert "systemd cannot be told WATCHDOG" in caplog.text
        service.close()
