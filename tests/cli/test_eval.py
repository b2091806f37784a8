"""`device eval` as it is typed."""

import json

import pytest

from device.cli.eval import EXPERIMENTS
from device.cli.main import main
from device.eval import experiment


def test_an_experiment_prints_its_tables_and_the_report_shows_them(tmp_path, capsys):
    assert main(["eval", "ledger", "--repeats", "1", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    for title in ("Many writers on three values", "The checker itself", "The write-ahead log cut"):
        assert title in out
    assert "Not measured:" in out
    assert main(["eval", "report", "--out", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["experiments"] == ["ledger"]
    assert "Killed at random points" in (tmp_path / "report.html").read_text()
    assert "| 16 writers |" in (tmp_path / "report.md").read_text()


def test_ctrl_c_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment, "conduct", interrupted)
    assert main(["eval", "ledger", "--out", str(tmp_path)]) == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_a_report_of_nothing_is_a_sentence(tmp_path, capsys):
    assert main(["eval", "report", "--out", str(tmp_path)]) == 2
    assert "run an experiment first" in capsys.readouterr().err


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_tells_what_it_does(name, capsys):
    with pytest.raises(SystemExit):
        main(["eval", name, "--help"])
    shown = capsys.readouterr().out
    assert "--full" in shown
    assert "Ctrl-C keeps the steps" in shown
