"""`device reload`, and what SIGHUP does."""

import asyncio
import json
import os
import signal
from types import SimpleNamespace

import pytest

from device.cli import client
from device.cli.main import main
from device.cli.run import configuration
from device.cli.service import reload_on_hangup
from device.errors import ConfigError


@pytest.fixture
def told(monkeypatch):
    def say(answer):
        monkeypatch.setattr(client, "ask", lambda args, command: answer if command == "reload" else None)

    return say


def test_what_is_in_force_and_what_waits_is_told(told, capsys):
    told({"applied": ["speaking.speed"], "restart": {"audio.input": "it is read only at the start"}})
    assert main(["reload"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("In force now: speaking.speed.\n")
    assert "  audio.input: it is read only at the start" in said
    assert main(["reload", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["applied"] == ["speaking.speed"]


def test_nothing_to_take_on_is_told(told, capsys):
    told({"applied": [], "restart": {}})
    assert main(["reload"]) == 0
    assert capsys.readouterr().out == "Nothing has changed.\n"


async def test_a_hangup_of_the_service_reloads_and_a_mistake_is_only_logged(caplog):
    reloads, done = [], asyncio.Event()

    async def reload():
        reloads.append(1)
        done.set()
        if len(reloads) == 2:
            raise ConfigError("speaking.speed = 99 is impossible.")

    reload_on_hangup(SimpleNamespace(reloading=SimpleNamespace(reload=reload)))
    try:
        for _ in range(2):
            done.clear()
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.wait_for(done.wait(), 10)
        await asyncio.sleep(0)
        assert "stays as it is: speaking.speed = 99" in caplog.text
    finally:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)


@pytest.mark.parametrize(("service", "options", "level"), [
    (True, [], "info"), (True, ["logging.level=error"], "error"), (False, [], "warning"),
])  # fmt: skip
def test_a_service_tells_more_in_its_log_unless_it_is_told_otherwise(service, options, level, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    args = SimpleNamespace(config=None, set=options, service=service)
    assert configuration(args).logging.level == level
