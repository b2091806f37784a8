"""The composition root: tools from outside join the built-in ones."""

from pathlib import Path

import pytest

from device import app
from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.ledger import MemoryLedger
from device.adapters.fakes.llm import ScriptedModel
from device.app import configuration
from device.config import load
from device.errors import ConfigError
from device.runtime.agent import Surroundings
from device.runtime.faculties import Faculties


@pytest.fixture
def surroundings(tmp_path, monkeypatch):
    """An agent whose model is a fake and whose configuration names a program as a tool."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "config.toml"
    path.write_text('[tools.commands.water]\ncommand = ["true"]\ndescription = "Water a plant"\n')

    async def loaded(surroundings, clock, ledger, outputs, script) -> Faculties:
        return Faculties(clock=FakeClock(), ledger=MemoryLedger(clock), model=ScriptedModel(lambda _: ""))

    monkeypatch.setattr(app.agent, "_load", loaded)

    def made(*overrides: str) -> Surroundings:
        config = load(path, overrides=overrides, environment={}).config
        return Surroundings(config=config, state_directory=Path(tmp_path / "state"), show=lambda _: None)

    return made


async def test_a_program_of_the_configuration_is_offered_beside_the_built_in_tools(surroundings):
    async with app.open_agent(surroundings()) as agent:
        assert {"water", "get_time", "calculate"} <= set(agent.home.runner._tools)
    async with app.open_agent(surroundings("tools.enabled=get_time")) as agent:
        assert set(agent.home.runner._tools) == {"get_time", "water"}


async def test_none_means_none(surroundings):
    async with app.open_agent(surroundings("tools.enabled=none")) as agent:
        assert not agent.home.runner._tools


def test_what_tool_servers_need_is_missed_when_the_configuration_is_checked(surroundings, monkeypatch):
    server = 'tools.mcp={ files = { command = ["files"] } }'
    monkeypatch.setattr("device.adapters.tools_mcp.importlib.util.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"^The key tools\.mcp needs .* sudo scripts/install --mcp \.$"):
        app.check_configuration(surroundings(server).config)
    app.check_configuration(surroundings(server, "tools.enabled=none").config)
    app.check_configuration(surroundings().config)
    monkeypatch.setattr("device.adapters.tools_mcp.importlib.util.find_spec", lambda _: True)
    app.check_configuration(surroundings(server).config)


def test_commands_read_the_services_conversation_where_one_is_installed(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "mine"))
    monkeypatch.setattr(configuration, "SERVICE_UNIT", tmp_path / "device.service")
    monkeypatch.setattr(configuration, "service_environment", lambda: {"XDG_STATE_HOME": "/var/lib"})
    assert app.conversation_directory(None) == tmp_path / "mine" / "device"
    (tmp_path / "device.service").touch()
    assert app.conversation_directory(None) == Path("/var/lib/device")
    elsewhere = app.conversation_directory(None, overrides=["conversation.state=/elsewhere"])
    assert elsewhere == Path("/elsewhere")
    (tmp_path / "own.toml").touch()
    assert app.conversation_directory(tmp_path / "own.toml") == tmp_path / "mine" / "device"
