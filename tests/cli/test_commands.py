"""The command line: helpful, quick, one sentence and an exit code for whatever goes wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from device.adapters.models.manifest import read_manifest
from device.cli.main import main
from device.cli.models import COLUMNS

ROOT = Path(__file__).parents[2]


def device(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "device", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | environment,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["run", "--wav"],
        ["run", "--wav", "a", "--text"],
        ["run", "--wav", "a", "--linger", "nan"],
        ["run", "--wav", "a", "--linger", "-1"],
        ["run", "--wav", "a", "--linger", "soon"],
        ["models", "remove"],
        ["bench", "latency", "--rounds", "0"],
        ["bench", "latency", "--rounds", "many"],
    ],
)
def test_a_wrong_command_line_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_what_an_error_quotes_draws_nothing_on_the_terminal(tmp_path, capsys):
    file = tmp_path / "config.toml"
    file.write_text('[speaking]\nspeed = "\\u001b[31m\\u001b]0;title\\u0007"\n')
    assert main(["config", "check", str(file)]) == 3
    error = capsys.readouterr().err
    assert "speaking.speed" in error
    assert not {"\x1b", "\x07"} & set(error)


def test_the_end_of_the_input_at_a_question_is_no_answer(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: (_ for _ in ()).throw(EOFError))
    assert main(["--set", f"conversation.state={tmp_path}", "--socket", str(tmp_path / "none"), "forget"]) == 130
    assert capsys.readouterr().err == "Interrupted.\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_an_output_that_nothing_fits_into_is_a_sentence():
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "device", "config", "show", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            timeout=120,
            check=False,
        )
    assert ended.returncode == 2
    assert ended.stderr == "There is no room left where the output goes: free some, and run the command again.\n"


def test_the_configuration_is_shown_with_its_origins(capsys):
    assert main(["--set", "speaking.speed=1.5", "config", "show"]) == 0
    shown = capsys.readouterr().out
    assert any(line.startswith("speed = 1.5") and line.endswith("# --set") for line in shown.splitlines())
    assert main(["config", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hearing.threads"] == {"value": 1, "origin": "default"}


TABLES = """
[board]
outputs = { lamp = 17, "reading lamp" = 27 }
[tools.commands.water]
command = ["water-plant", "--now"]
description = "Water a \\"plant\\""
parameters = { plant = { type = "string", enum = ["ivy", "fern"] } }
confirm = true
"""


@pytest.mark.parametrize("text", ["", TABLES])
def test_what_is_shown_is_a_configuration(capsys, tmp_path, text):
    given, shown = tmp_path / "given.toml", tmp_path / "shown.toml"
    given.write_text(text)
    assert main(["--config", str(given), "config", "show"]) == 0
    shown.write_text(capsys.readouterr().out)
    assert main(["--config", str(shown), "config", "show", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert main(["--config", str(given), "config", "show", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert {key: one["value"] for key, one in again.items()} == {key: one["value"] for key, one in first.items()}
    main(["config", "default"])
    assert "[hearing]" in capsys.readouterr().out


def test_a_mistake_in_the_configuration_ends_with_3():
    found = device("--set", "speaking.speed=99", "run", "--text")
    assert found.returncode == 3
    assert found.stderr.startswith("speaking.speed = 99")
    assert found.stderr.count("\n") == 1


def test_an_empty_model_directory_ends_with_4_and_the_command_to_run(tmp_path):
    found = device("run", "--text", "--state", str(tmp_path / "s"), DEVICE_MODELS=str(tmp_path / "none"))
    assert found.returncode == 4
    assert "device models fetch" in found.stderr
    assert found.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["silero-vad", "gpt-5"])
def test_a_model_of_another_role_ends_with_4_and_where_to_find_one(tmp_path, name):
    found = device("--set", f"models.llm={name}", "run", "--text", "--state", str(tmp_path))
    assert (found.returncode, found.stderr.count("\n")) == (4, 1)
    assert f'models.llm = "{name}"' in found.stderr
    assert "device models list" in found.stderr


def test_models_are_listed_for_people_and_for_scripts(tmp_path):
    listing = json.loads(device("models", "list", "--json", DEVICE_MODELS=str(tmp_path)).stdout)
    names = {model["name"] for model in listing["models"]}
    assert "meta-llama-3.1-8b-instruct-q4_k_m" in names
    assert not any(model["here"] for model in listing["models"])
    assert "moonshine-tiny-en" in device("models", "list", DEVICE_MODELS=str(tmp_path)).stdout


def test_the_list_of_models_fits_a_terminal_of_80_columns_without_cutting_a_word():
    manifest = read_manifest()
    assert sum(COLUMNS.values()) + len(COLUMNS) - 1 <= 80
    for name, artifact in manifest.artifacts.items():
        assert len(name) <= COLUMNS["model"]
        for column, text in (("boards", artifact.boards), ("licence", artifact.licence)):
            assert all(len(word) <= COLUMNS[column] for word in text.split())
    assert all(len(name) <= COLUMNS["sets"] for name in manifest.sets)


def test_unknown_models_end_with_4(tmp_path):
    for action in ("fetch", "verify", "remove"):
        found = device("models", action, "nonsense", DEVICE_MODELS=str(tmp_path))
        assert (found.returncode, found.stderr.count("\n")) == (4, 1)


def test_a_model_directory_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    found = device("models", "fetch", "silero-vad", DEVICE_MODELS=str(tmp_path / "file" / "models"))
    assert found.returncode == 4
    assert "DEVICE_MODELS" in found.stderr


def test_the_readmes_diagram_is_drawn_from_the_table(tmp_path, capsys):
    assert main(["fsm", "--check", str(ROOT / "README.md")]) == 0
    stale = tmp_path / "stale.md"
    stale.write_text("<!-- fsm:begin -->\nold\n<!-- fsm:end -->\n")
    assert main(["fsm", "--check", str(stale)]) == 1
    assert main(["fsm", "--write", str(stale)]) == 0
    assert main(["fsm", "--check", str(stale)]) == 0
    assert main(["fsm", "--table"]) == 0
    assert "| IDLE | SpeechStarted |" in capsys.readouterr().out
    (tmp_path / "none.md").write_text("")
    assert main(["fsm", "--check", str(tmp_path / "none.md")]) == 2
    assert main(["fsm", "--check", str(tmp_path)]) == 2
    assert main(["fsm", "--write", str(tmp_path / "missing.md")]) == 2


def test_output_into_a_pipe_that_closes_is_no_error():
    found = subprocess.run(
        f"{sys.executable} -m device config default | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert found.stderr == ""
