"""`device config set`, `edit` and `check`, as a person uses them."""

import json
import sys

import pytest

from device import config as configuration
from device.cli.main import main


@pytest.fixture(autouse=True)
def _nobodys_files(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(configuration, "SYSTEM_FILE", tmp_path / "etc" / "config.toml")
    monkeypatch.delenv("VISUAL", raising=False)


@pytest.fixture
def own(tmp_path):
    return tmp_path / "xdg" / "device" / "config.toml"


@pytest.fixture
def editor(tmp_path, monkeypatch):
    """An editor that writes one text after the other; the last one again and again."""
    texts = tmp_path / "texts.json"
    script = tmp_path / "editor.py"
    script.write_text(
        "import json, pathlib, sys\n"
        f"kept = pathlib.Path({str(texts)!r})\n"
        "texts = json.loads(kept.read_text())\n"
        "pathlib.Path(sys.argv[1]).write_text(texts[0])\n"
        "kept.write_text(json.dumps(texts[1:] or texts))\n"
    )
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
    return lambda *said: texts.write_text(json.dumps(said))


def answers(monkeypatch, *said: str) -> None:
    given = iter(said)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: next(given))


def test_a_value_is_set_and_told_with_its_file(own, capsys):
    assert main(["config", "set", "speaking.speed", "1.5"]) == 0
    assert own.read_text() == "[speaking]\nspeed = 1.5\n"
    said = capsys.readouterr().out
    assert said.startswith(f"speaking.speed = 1.5 in {own}\n")
    assert "device reload" in said


def test_what_needs_a_restart_says_so(own, capsys):
    assert main(["config", "set", "thinking.threads", "2"]) == 0
    assert "restart" in capsys.readouterr().out


def test_a_variable_that_wins_is_named(own, capsys, monkeypatch):
    monkeypatch.setenv("DEVICE_SPEAKING_SPEED", "2")
    assert main(["config", "set", "speaking.speed", "1.5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hidden_by"] == "$DEVICE_SPEAKING_SPEED"
    assert "1.5" in own.read_text()


def test_a_value_is_taken_out(own, capsys):
    main(["config", "set", "speaking.speed", "1.5"])
    assert main(["config", "set", "speaking.speed", "--unset"]) == 0
    assert own.read_text() == "[speaking]\n"
    assert main(["config", "set", "speaking.speed", "--unset"]) == 0
    assert "is as it was" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("speaking.speed", "99", 3),
        ("tools.enabled", "[no_such_tool]", 3),
        ("models.llm", "silero-vad", 4),
        ("models.turn", "nonsense", 4),
    ],
)
def test_what_no_agent_could_start_with_is_not_written(own, capsys, option, value, code):
    assert main(["config", "set", option, value]) == code
    assert capsys.readouterr().err.count("\n") == 1
    assert not own.exists()


def test_with_a_service_its_file_is_meant_and_its_units_environment_counts(own, capsys, monkeypatch):
    configuration.SYSTEM_FILE.parent.mkdir()
    configuration.SYSTEM_FILE.write_text("# the service's\n")
    monkeypatch.setattr("device.app.service_environment", lambda: {"DEVICE_LOGGING_LEVEL": "info"})
    monkeypatch.setenv("DEVICE_LOGGING_LEVEL", "error")
    assert main(["config", "set", "logging.level", "debug"]) == 0
    assert "$DEVICE_LOGGING_LEVEL says otherwise" in capsys.readouterr().out
    assert configuration.SYSTEM_FILE.read_text() == '# the service\'s\n\n[logging]\nlevel = "debug"\n'
    assert main(["config", "set", "logging.level", "debug", "--user"]) == 0
    assert own.exists()
    assert main(["config", "path"]) == 0
    assert capsys.readouterr().out.endswith(f"{configuration.SYSTEM_FILE}\n")


def test_an_edited_file_is_checked_and_put_in_its_place(own, editor, capsys):
    editor("[speaking]\nspeed = 1.5\n")
    assert main(["config", "edit"]) == 0
    assert own.read_text() == "[speaking]\nspeed = 1.5\n"
    assert [file.name for file in own.parent.iterdir()] == ["config.toml"]
    assert main(["config", "edit"]) == 0
    assert capsys.readouterr().out.endswith("Nothing was changed.\n")


def test_a_mistake_can_be_mended_at_once(own, editor, monkeypatch, capsys):
    editor("[speaking]\nspeed = 99\n", "[speaking]\nspeed = 1.5\n")
    answers(monkeypatch, "what?", "e")
    assert main(["config", "edit"]) == 0
    assert "speaking.speed = 99" in capsys.readouterr().err
    assert own.read_text() == "[speaking]\nspeed = 1.5\n"


def test_a_draft_with_a_mistake_is_kept_and_gone_on_with(own, editor, monkeypatch, capsys):
    editor("[speaking]\nspeed = 99\n")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main(["config", "edit"]) == 3
    draft = own.with_name("config.toml.draft")
    assert not own.exists()
    assert draft.read_text() == "[speaking]\nspeed = 99\n"
    answers(monkeypatch, "discard")
    assert main(["config", "edit"]) == 3
    assert "which was kept" in capsys.readouterr().err
    assert not draft.exists()


def test_without_an_editor_it_says_how_to_name_one(own, monkeypatch, capsys):
    monkeypatch.setenv("EDITOR", "no-such-editor")
    assert main(["config", "edit"]) == 2
    assert "EDITOR=" in capsys.readouterr().err


def test_a_file_is_checked_as_if_it_stood_alone(own, tmp_path, capsys):
    own.parent.mkdir(parents=True)
    own.write_text("[hearing]\npause_ms = 5000\n")
    assert main(["config", "check"]) == 3
    alone = tmp_path / "alone.toml"
    alone.write_text("[speaking]\nspeed = 1.5\n")
    assert main(["config", "check", str(alone), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["options"] == {"speaking.speed": str(alone)}
    alone.write_text('[models]\nllm = "nonsense"\n')
    assert main(["config", "check", str(alone)]) == 4
    assert main(["config", "check", str(tmp_path / "missing.toml")]) == 3
