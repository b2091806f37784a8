"""The archive for a bug report: what is in it, and what is not, searched byte by byte."""

import json
import stat
import tarfile
from pathlib import Path

import pytest

from device.adapters.clock_system import SystemClock
from device.adapters.doctor.bundle import TOOLS_LOGGER, Wanted, gather, write
from device.adapters.store_sqlite import SqliteLedger
from device.core.entries import CallEnded, CallMade, ReplyEnded, UserSaid, ValueWritten
from device.errors import ControlError, UsageError
from tests.adapters.doctor.conftest import configured

SPOKEN = "remember that my locker number is ninety seven"
SHORT = "Rosebud forever"
ANSWER = "I will remember the locker of yours gladly"
NOTE = "the spare key lies below the fern"
SECRET = "sk-live-0123456789abcdefghij"
INSTRUCTIONS = "The user is called Annabel and lives in Trondheim."
PLANTED = [
    "locker",
    "ninety",
    "Rosebud",
    "rosebud",
    "fern",
    "Annabel",
    "Trondheim",
    SECRET,
    "0123456789abcdef",
    "hunter2",
]

LOG = [
    {"LOGGER": "device.runtime.assembly", "MESSAGE": "Ready: spoken, qwen", "PRIORITY": "6"},
    {"LOGGER": "device.adapters.mcp", "MESSAGE": f"weather wrote what is no message: {SPOKEN!r}", "PRIORITY": "7"},
    {"LOGGER": "device.runtime.tools", "MESSAGE": f"The tool notes broke: KeyError({SHORT!r})", "PRIORITY": "3"},
    {"LOGGER": TOOLS_LOGGER, "MESSAGE": "notes: ninety-eight", "PRIORITY": "7"},
    {"LOGGER": "device.tools", "MESSAGE": f"password=hunter2 and {SECRET}", "PRIORITY": "4"},
    {"LOGGER": "device", "MESSAGE": [82, 111, 115], "PRIORITY": "4"},
]

STATUS = {
    "state": "IDLE",
    "version": "1.2",
    "contexts": [
        {"id": "main", "calls": [{"id": "c1", "tool": "note", "arguments": {"text": SPOKEN}, "progress": SHORT}]}
    ],
    "turns": [{"turn": 3, "said": SPOKEN, "answered": ANSWER, "voice_to_voice_ms": 351.5}],
    "last_error": {"text": SPOKEN},
}
TRACE = {"turn": 3, "said": SPOKEN, "moments": [{"name": "words recognized", "at_ms": 40.0, "note": SPOKEN}]}


def query(command, arguments):
    answers = {"status": STATUS, "metrics": [{"name": "device_turns_total", "samples": [{"value": 3}]}]}
    return {**answers, "turns": STATUS["turns"], "trace": TRACE}[command]


@pytest.fixture
async def patient(device, tmp_path):
    ledger = SqliteLedger.open(tmp_path / "state", SystemClock(), on_failure=print)
    ledger.append(
        UserSaid(text=SPOKEN),
        CallMade(call_id="c1", turn=3, name="note", arguments={"text": NOTE}),
        CallEnded(call_id="c1", status="done", text="noted"),
        ReplyEnded(turn=3, generated=ANSWER, heard=ANSWER, tokens=(1, 2)),
        ValueWritten(name="notes", version=1, value={"items": [NOTE, SHORT]}),
    )
    await ledger.close()
    config = configured(
        f"thinking.instructions={INSTRUCTIONS}",
        'tools.commands={ water = { command = ["/usr/bin/water", "--token", "'
        + SECRET
        + '"], description = "fern" } }',
    )
    return device({"proc/meminfo": "MemTotal: 4096 kB\n"}, config=config, origins={"speaking.speed": "default"})


def wanted(**more):
    return Wanted(verdicts={"exit_code": 0, "checks": []}, query=query, **more)


def log(lines):
    return "".join(json.dumps({**line, "__REALTIME_TIMESTAMP": "1764000000000000"}) + "\n" for line in LOG)


def test_no_secret_and_no_word_of_the_conversation_is_in_it(patient, tmp_path):
    path = tmp_path / "report.tar.gz"
    write(path, gather(patient, wanted(), read_log=log), wall_seconds=1.8e9)
    with tarfile.open(path) as tar:
        files = {member.name.partition("/")[2]: tar.extractfile(member).read().decode() for member in tar}
    whole = "\n".join(files.values())
    assert [word for word in PLANTED if word in whole] == []
    assert set(files) == {
        "README.txt",
        "doctor.json",
        "versions.json",
        "configuration.json",
        "system.txt",
        "log.txt",
        "status.json",
        "metrics.json",
        "traces.json",
    }
    assert "Ready: spoken, qwen" in files["log.txt"], "and what is needed is there"
    assert len(files["log.txt"].splitlines()) == len(LOG)
    assert json.loads(files["status.json"])["turns"][0]["voice_to_voice_ms"] == 351.5
    assert json.loads(files["traces.json"])[0]["moments"][0] == {
        "name": "words recognized",
        "at_ms": 40.0,
        "note": "(left out)",
    }
    options = json.loads(files["configuration.json"])
    assert options["speaking.speed"] == {"value": 1.0, "origin": "default"}
    assert options["tools.commands"]["value"]["water"]["command"] == ["water", "(left out)", "(left out)"]
    assert "MemTotal: 4096 kB" in files["system.txt"]
    assert "numpy" in json.loads(files["versions.json"])["packages"]
    assert "everything that was said" in files["README.txt"]


def test_it_is_its_owners_alone(patient, tmp_path):
    path = tmp_path / "report.tar.gz"
    write(path, gather(patient, wanted(), read_log=log), wall_seconds=1.8e9)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with tarfile.open(path) as tar:
        assert {member.mode for member in tar} == {0o600}
        assert {(member.uid, member.uname) for member in tar} == {(0, "")}


def test_the_conversation_is_in_it_when_it_is_wanted_but_no_secret_even_then(patient, tmp_path):
    entries = {entry.name: entry.text for entry in gather(patient, wanted(conversation=True), read_log=log)}
    assert SPOKEN in entries["conversation.jsonl"]
    assert SPOKEN in entries["status.json"]
    assert "WITH the conversation" in entries["README.txt"]
    assert SECRET not in "".join(entries.values())
    assert "hunter2" not in "".join(entries.values())


def test_what_cannot_be_had_says_why_and_the_rest_is_there(patient):
    def no_agent(command, arguments):
        raise ControlError("No agent is running here.")

    def no_log(lines):
        raise ControlError("There is no journal.")

    nothing = Wanted(verdicts={}, query=no_agent)
    entries = {entry.name: entry.text for entry in gather(patient, nothing, read_log=no_log)}
    assert entries["status.json"] == "Could not be had: No agent is running here.\n"
    assert entries["log.txt"] == "Could not be had: There is no journal.\n"
    assert "speaking.speed" in entries["configuration.json"]


def test_a_broken_configuration_is_told(device):
    broken = device(config=None, config_problem="speaking.speed = 99 is impossible.")
    entries = {entry.name: entry.text for entry in gather(broken, wanted(), read_log=log)}
    assert "speaking.speed = 99" in entries["configuration.json"]


def test_nothing_that_is_there_is_overwritten(patient, tmp_path):
    path = tmp_path / "report.tar.gz"
    path.write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        write(path, [], wall_seconds=0.0)
    assert path.read_text() == "mine"


def test_a_place_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="cannot be written"):
        write(tmp_path / "none" / "report.tar.gz", [], wall_seconds=0.0)

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "exists", refuse)
        patch.setattr(Path, "unlink", refuse)
        with pytest.raises(UsageError, match="Permission denied"):
            write(tmp_path / "report.tar.gz", [], wall_seconds=0.0)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        write(tmp_path / "report.tar.gz", [], wall_seconds=0.0)
    assert list(tmp_path.iterdir()) == []
