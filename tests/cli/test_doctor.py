"""`device doctor` on the command line."""

import json
import tarfile
from pathlib import Path

import pytest

from device import app
from device.cli import doctor
from device.cli.main import main
from device.core.findings import Verdict, failed, not_here, not_known, warning, well
from device.errors import ControlError

FOUND = [
    Verdict(check="power", finding=not_here("This board does not measure its supply."), seconds=0.01),
    Verdict(check="memory", finding=well("900 of 4096 MB of memory are free.")),
    Verdict(check="swap", finding=warning("80 of 100 MB of swap space are used.", "End other programs.")),
    Verdict(check="clock", finding=not_known("could not be checked: ValueError.")),
]
BROKEN = [*FOUND, Verdict(check="sound card", finding=failed("There is no sound card.", "Plug one in. " * 9))]


@pytest.fixture
def found(monkeypatch):
    def say(verdicts):
        monkeypatch.setattr(doctor, "look", lambda args: verdicts)

    return say


def test_the_gravest_is_told_first_with_its_remedy(found, capsys):
    found(BROKEN)
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("✗ sound card")
    assert lines[1].strip().startswith("→ Plug one in.")
    assert [line[0] for line in lines if line and line[0] in "✗!?✓"] == ["✗", "!", "?", "✓"]
    assert "Not applicable here (--all says why): power." in lines
    assert lines[-1] == "5 checks: 1 failed, 1 warning, 1 not known, 1 ok, 1 not applicable."
    assert max(map(len, lines)) <= 80


def test_warnings_alone_have_a_code_of_their_own(found):
    found(FOUND)
    assert main(["doctor"]) == 12
    found([FOUND[1], FOUND[3]])
    assert main(["doctor"]) == 0


def test_all_tells_what_is_not_applicable_too(found, capsys):
    found(FOUND)
    main(["doctor", "--all"])
    assert "This board does not measure its supply." in capsys.readouterr().out


def test_a_script_gets_every_field(found, capsys):
    found(BROKEN)
    assert main(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["exit_code"] == 1
    assert told["checks"][0] == {
        "check": "sound card",
        "outcome": "failed",
        "says": "There is no sound card.",
        "remedy": "Plug one in. " * 9,
        "seconds": 0.0,
    }
    assert [one["check"] for one in told["checks"]] == ["sound card", "swap", "clock", "memory", "power"]


def test_colour_is_for_terminals_that_want_it(found, capsys, monkeypatch):
    found(BROKEN)
    monkeypatch.setattr("device.cli.output.colourful", lambda: True)
    main(["doctor"])
    assert "\033[31;1m✗\033[0m sound card" in capsys.readouterr().out


def test_the_real_computer_is_looked_at_even_if_the_configuration_is_broken(capsys, tmp_path, monkeypatch):
    broken = tmp_path / "broken.toml"
    broken.write_text("[speaking]\nspeed = 99\n")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert main(["--config", str(broken), "doctor", "--json"]) == 1
    checks = {one["check"]: one for one in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["configuration"]["outcome"] == "failed"
    assert "speaking.speed = 99" in checks["configuration"]["says"]
    assert checks["disk space"]["outcome"] in ("ok", "warning", "failed")


def test_a_socket_that_may_not_be_reached_says_how_to(monkeypatch, tmp_path):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    device = app.patient(None, socket=tmp_path / "control.sock", ask=lambda path: None)
    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(ControlError, match="sudo"):
        device.agent()


def test_a_latency_is_recorded_only_of_a_running_agent(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert main(["doctor", "--record-latency"]) == 11
    assert "No agent is running" in capsys.readouterr().err


def test_a_bundle_is_written_and_its_contents_are_told(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    file = tmp_path / "report.tar.gz"
    assert main(["doctor", "--bundle", str(file)]) == 0
    said = capsys.readouterr().out
    assert "Nothing that was said is in it." in said
    assert f"tar -xzf {file}" in said
    with tarfile.open(file) as tar:
        names = {member.name.partition("/")[2] for member in tar}
    assert names >= {"README.txt", "doctor.json", "versions.json", "configuration.json", "log.txt"}
    assert all(name in said for name in names)
    assert main(["doctor", "--bundle", str(file)]) == 2, "nothing is overwritten"
    assert main(["doctor", "--with-conversation"]) == 2


def test_a_bundle_with_the_conversation_says_so(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    file = tmp_path / "report.tar.gz"
    assert main(["doctor", "--bundle", str(file), "--with-conversation", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["conversation"] is True
    assert "conversation.jsonl" in {entry["name"] for entry in told["entries"]}
