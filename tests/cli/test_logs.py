"""`device logs`."""

import pytest

from device.cli.main import main


@pytest.fixture
def wanted(monkeypatch):
    asked = []
    monkeypatch.setattr("device.app.read_journal", lambda lines: asked.append(lines) or "08:00 it began\n")
    monkeypatch.setattr("device.app.follow_journal", lambda lines: asked.append(lines) or 0)
    return asked


def test_the_last_lines_are_printed(wanted, capsys):
    assert main(["logs"]) == 0
    assert capsys.readouterr().out == "08:00 it began\n"
    assert (wanted[0].count, wanted[0].json) == (50, False)


def test_a_time_is_not_cut_short_unless_a_number_is_given(wanted):
    assert main(["logs", "--since", "today", "-p", "warning", "--json"]) == 0
    assert main(["logs", "--since", "today", "-n", "3", "-f"]) == 0
    assert [lines.count for lines in wanted] == [None, 3]
    assert (wanted[0].priority, wanted[0].json) == ("warning", True)


def test_no_line_is_told(monkeypatch, capsys):
    monkeypatch.setattr("device.app.read_journal", lambda _: "")
    assert main(["logs"]) == 0
    assert "nothing" in capsys.readouterr().err


def test_ctrl_c_is_how_following_ends(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("device.app.follow_journal", interrupted)
    assert main(["logs", "-f"]) == 0


def test_an_unknown_priority_ends_with_2():
    with pytest.raises(SystemExit) as ended:
        main(["logs", "-p", "loud"])
    assert ended.value.code == 2
