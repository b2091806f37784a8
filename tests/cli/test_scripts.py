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


FAKE_PYTHON = f"""#!/bin/sh
case "$*" in
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp "$FAKE_PIP" "$3/bin/pip" ;;
  *sys.executable*) echo "$0" ;;
  *find_library*) ;;
  *) exec {sys.executable} "$@" ;;
esac
"""

FAKE_PIP = """#!/bin/sh
case "$*" in
  "wheel "*) mkdir -p .venv/build/wheel && touch .venv/build/wheel/llama_cpp_python-1.whl && echo "compiled $CMAKE_ARGS" ;;
  *.whl) echo "installed ${*##* }" ;;
esac >> "$FAKE_LOG"
"""


@pytest.fixture
def set_up(clone):
    """Sets the clone up, without packages; returns what was compiled and which wheel was installed."""
    fakes = {"python": FAKE_PYTHON, "pip": FAKE_PIP, "g++": "#!/bin/sh\n", "uname": '#!/bin/sh\necho "$MACHINE"\n'}
    place = clone / "fakes"
    place.mkdir()
    for name, text in fakes.items():
        (place / name).write_text(text)
        (place / name).chmod(0o755)

    def run(*arguments: str, **environment: str) -> list[str]:
        (clone / "log").write_text("")
        paths = {"PATH": f"{place}:{os.environ['PATH']}", "XDG_CACHE_HOME": clone / "cache", "FAKE_LOG": clone / "log"}
        choices = {"PYTHON": place / "python", "FAKE_PIP": place / "pip", "MACHINE": "aarch64", "CMAKE_ARGS": ""}
        whole = {name: str(value) for name, value in (paths | choices | environment).items()}
        found = script(clone / "scripts" / "setup", *arguments, "--models", "none", **whole)
        assert found.returncode == 0, found.stderr
        return (clone / "log").read_text().splitlines()

    return run


def test_what_is_set_up_is_left_alone(set_up):
    compiled, installed = set_up()
    assert compiled.startswith("compiled ")
    assert installed.startswith("installed ")
    assert set_up() == []


@pytest.mark.parametrize("other", [{"CMAKE_ARGS": "-DGGML_CUDA=ON"}, {"MACHINE": "armv9"}])
def test_other_options_and_another_processor_get_another_llama(set_up, other):
    first = set_up()[1]
    compiled, installed = set_up(**other)
    assert other.get("CMAKE_ARGS", "") in compiled
    assert installed != first
    assert set_up(**other) == []
    assert set_up() == [first], "which was kept"


def test_an_environment_with_more_has_all_that_running_needs(set_up):
    set_up("--mcp")
    assert set_up() == []
    assert set_up(CMAKE_ARGS="-DGGML_CUDA=ON") != []


def test_the_memory_of_what_is_no_model_is_not_measured(tmp_path):
    found = script(sys.executable, ROOT / "scripts" / "bench" / "model-memory", "gpt-5", PYTHONPATH=str(ROOT))
    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert "gpt-5" in found.stderr


@pytest.mark.skipif(shutil.which("qemu-system-aarch64") is None, reason="qemu is not installed here")
def test_an_image_that_is_not_there_is_not_booted(tmp_path):
    found = script(sys.executable, ROOT / "scripts" / "boot-test", "--image", tmp_path / "none.img")
    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert "scripts/build-image" in found.stderr or "sudo apt install" in found.stderr
