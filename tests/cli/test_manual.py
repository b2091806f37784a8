"""The page for man(1), clean for both of its readers, and the manual with its sessions."""

import asyncio
import json
import re
import shlex
import shutil
import subprocess

import pytest

from device import app
from device.cli.main import main, parser
from device.cli.manual import PLACE, sessions
from device.cli.tree import tree
from device.config import load
from device.core.events import ShutdownRequested
from device.runtime.agent import Surroundings

WHOLE = tree(parser())


@pytest.fixture
def page(tmp_path, capsys):
    assert main(["manual", "--man"]) == 0
    file = tmp_path / "device.1"
    file.write_text(capsys.readouterr().out)
    return file


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed (scripts/setup --dev)")
def test_mandoc_finds_nothing_to_warn_of(page):
    found = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True, check=False)
    assert (found.stdout, found.returncode) == ("", 0)


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_groff_finds_nothing_to_warn_of(page):
    found = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], capture_output=True, text=True, check=False)
    assert (found.stderr, found.returncode) == ("", 0)


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed (scripts/setup --dev)")
def test_every_command_and_option_is_on_the_page_as_it_is_typed(page):
    shown = subprocess.run(["mandoc", "-T", "ascii", page], capture_output=True, text=True, check=True).stdout
    plain = " ".join(re.sub(".\b", "", shown).split())
    for command in WHOLE.leaves():
        assert " ".join(command.usage.split()) in plain, command.name
        for example in command.examples:
            assert " ".join(example.split()) in plain


# --- the manual and its sessions ---------------------------------------------------------------------------------


made = pytest.mark.skipif(
    not (PLACE / "README.md").is_file(),
    reason="the manual has not been made yet: .venv/bin/python scripts/manual --all",
)


@made
def test_the_manual_has_a_session_of_every_command_and_is_up_to_date(capsys):
    code = main(["manual", "--check"])
    assert (capsys.readouterr().out, code) == ("", 0)


def test_a_command_without_a_session_and_one_that_is_gone_are_mistakes():
    taken = {
        command.name: [{"line": example, "shown": "", "exit_code": 0} for example in command.examples]
        for command in WHOLE.leaves()
    }
    assert sessions.mistakes(WHOLE, taken) == []
    del taken["device eval ledger"]  # experiments may take hours
    assert sessions.mistakes(WHOLE, taken) == []
    taken["device fly"] = taken.pop("device ask")
    first, second = sessions.mistakes(WHOLE, taken)
    assert first.startswith("device fly has a session but is no command")
    assert second == "device ask has no session of its examples: run .venv/bin/python scripts/manual."


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ({"a": 1}, {"a": 2}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, {"a": "x"}, False),
        ({"a": None}, {"a": "x"}, True),
        ({"a": []}, {"a": [{"b": 1}]}, True),
        ({"a": {}}, {"a": {"b": 1}}, True),
        ({"a": [{"b": 1}]}, {"a": [{"c": 1}]}, False),
        ({"speaking.speed": 1}, {"hearing.threads": 1, "x.y": 2}, True),
        ({"entry": {"kind": "A", "x": 1}}, {"entry": {"kind": "B", "y": []}}, True),
    ],
)
def test_json_agrees_by_its_keys_and_kinds_not_by_what_it_says(one, other, agree):
    assert sessions.agrees(sessions.shape(one), sessions.shape(other)) is agree


ELSEWHERE = {
    "audio": "it needs a sound card",
    "bench": "it needs models",
    "eval": "it needs models, or takes long",
    "doctor": "it looks at this computer, and has tests of its own",
    "hear": "it needs a sound device",
    "logs": "it needs systemd",
    "models": "it needs models",
    "run": "it needs models",
    "updating": "it goes on until it is ended",
}
"""Commands whose JSON is not compared here."""

BY_FACULTIES = frozenset({"models", "sound"})
"""What an agent tells of itself by what it has: this one neither hears nor speaks."""


@made
async def test_what_commands_tell_in_json_now_has_the_keys_that_the_manual_says(tmp_path, monkeypatch, capsys):
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)  # some write files
    config = load(overrides=["board.kind=mock", "board.button=27"], environment={}).config
    path = tmp_path / "device" / "control.sock"
    surroundings = Surroundings(
        config=config, state_directory=config.state_directory(), show=lambda _: None, control=path
    )
    taken, compared = sessions.read(PLACE / "sessions"), set()
    async with app.open_agent(surroundings, script=lambda _: "Good morning.") as agent:
        living = asyncio.create_task(agent.run())
        await asyncio.to_thread(main, ["ask", "What is the capital of France?"])
        capsys.readouterr()
        for command in WHOLE.leaves():
            for one in taken.get(command.name, []):
                if command.path[0] in ELSEWHERE or "json" not in one:
                    continue
                line = [*shlex.split(one["line"])[1:], "--json"]
                code = await asyncio.to_thread(main, line)
                if code == 0 and (told := capsys.readouterr().out):
                    now = json.loads(told.partition("\n")[0] if one.get("json_lines") else told)
                    shape = sessions.shape(now)
                    if isinstance(shape, dict):
                        shape |= dict.fromkeys(BY_FACULTIES & shape.keys(), "null")
                    assert sessions.agrees(shape, one["json"]), f"{one['line']}: {shape}"
                    compared.add(command.name)
                capsys.readouterr()
        agent.loop.post(ShutdownRequested())
        await living
    assert {"device status", "device ask", "device mute", "device ledger tail", "device config show"} <= compared
