"""The scripts that set up and measure: one sentence for whatever is wrong with how they are called."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def script(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=120,
        check=False,
    )


@pytest.fixture
def clone(tmp_path) -> Path:
    """A place with the scripts, nothing set up."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_a_set_of_models_must_be_named(clone):
    found = script(clone / "scripts" / "setup", "--models")
    assert (found.returncode, found.stderr) == (1, "--models wants a SET (see --help).\n")
    assert not (clone / ".venv").exists()


def test_a_python_that_was_chosen_and_does_not_run_is_named(clone):
    found = script(clone / "scripts" / "setup", "--models", "none", PYTHON="python3.99")
    assert found.returncode == 1
    assert found.stderr == "PYTHON=python3.99 is no Python 3.11, 3.12 or 3.13 that runs: choose another.\n"


def test_the_memory_of_what_is_no_model_is_not_measured(tmp_path):
    found = script(sys.executable, ROOT / "scripts" / "bench" / "model-memory", "gpt-5", PYTHONPATH=str(ROOT))
    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert "gpt-5" in found.stderr


@pytest.mark.skipif(shutil.which("qemu-system-aarch64") is None, reason="qemu is not installed here")
def test_an_image_that_is_not_there_is_not_booted(tmp_path):
    found = script(sys.executable, ROOT / "scripts" / "boot-test", "--image", tmp_path / "none.img")
    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert "scripts/build-image" in found.stderr or "sudo apt install" in found.stderr
