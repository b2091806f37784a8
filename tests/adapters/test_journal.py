"""The service's log lines: how journalctl is asked, and what is said where it cannot be."""

import grp
import shutil

import pytest

from device.adapters import journal
from device.adapters.programs import Finished
from device.errors import ControlError, UsageError
from device.ports import LogLines


@pytest.fixture(autouse=True)
def _a_journal(monkeypatch, tmp_path):
    (tmp_path / "journal" / "0123").mkdir(parents=True)
    monkeypatch.setattr(journal, "PLACES", (tmp_path / "journal", tmp_path / "none"))
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("os.geteuid", lambda: 0)


def test_journalctl_is_asked_for_the_service_alone():
    wanted = LogLines(count=5, since="1 hour ago", priority="warning", json=True)
    assert journal.command(wanted, follow=True) == [
        "journalctl",
        "--unit=device.service",
        "--no-pager",
        "--quiet",
        "--lines=5",
        "--since=1 hour ago",
        "--priority=warning",
        "--follow",
        "--output=json",
    ]
    assert journal.command(LogLines())[-1] == "--output=short-iso"


def test_without_a_journal_it_says_where_an_agents_words_are(monkeypatch):
    monkeypatch.setattr(journal, "PLACES", ())
    with pytest.raises(ControlError, match="device run"):
        journal.command(LogLines())
    monkeypatch.undo()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ControlError, match="device run"):
        journal.command(LogLines())


def test_who_may_not_read_it_is_told_how_to(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("os.getgroups", lambda: [1000])
    with pytest.raises(ControlError, match="sudo"):
        journal.command(LogLines())


def test_members_of_its_groups_may_read_it():
    assert journal.may_read(0, [])
    assert not journal.may_read(1000, [1000])
    adm = grp.getgrnam("adm").gr_gid
    assert journal.may_read(1000, [1000, adm])


def test_the_lines_come_as_they_are_and_a_refusal_as_a_sentence():
    def ask(answer):
        return lambda command, *, seconds=0.0: answer

    assert journal.read(LogLines(), ask=ask(Finished(code=0, out="a line\n"))) == "a line\n"
    with pytest.raises(UsageError, match="Failed to parse timestamp: soon"):
        journal.read(LogLines(), ask=ask(Finished(code=1, err="Failed to parse timestamp: soon\n")))
    with pytest.raises(ControlError):
        journal.read(LogLines(), ask=ask(None))
