"""scripts/install in a directory that stands for a whole computer: what it says, makes, leaves alone and takes back.

What needs root and a running systemd is scripts/boot-test's.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from device.cli import run

ROOT = Path(__file__).parents[2]
QUESTION = run.QUESTION.relative_to(ROOT)

SETUP = """#!/bin/sh
echo "setup $*" >> "$FAKE_LOG"
mkdir -p "$(dirname "$0")/../.venv/bin"
for name in device python pip; do cp "$FAKE_DEVICE" "$(dirname "$0")/../.venv/bin/$name"; done
"""

DEVICE = """#!/bin/sh
echo "$(basename "$0") $*" >> "$FAKE_LOG"
case "$(basename "$0") $*" in
  "python -"*) [ -z "${REAL_PYTHON:-}" ] || exec "$REAL_PYTHON" "$@" ;;
  "pip install"*) exit "${FAKE_PIP:-0}" ;;
esac
case "$*" in
  "models suggest --json") echo '  "suggested": "small",' ;;
  "models section"*) echo "[models]"; echo 'llm = "some model"' ;;
  -*) echo "silero-vad some-model" ;;
  updating) exec sleep 60 ;;
  manual* | completions*) echo "what it prints"; exit "${FAKE_PRINTS:-0}" ;;
esac
"""


@pytest.fixture
def computer(tmp_path):
    """A computer with a USB sound card, and a clone whose set-up takes no time."""
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("device", "models", "systemd", "scripts"):
        subprocess.run(["cp", "-r", ROOT / name, clone / name], check=True)
    for name in ("README.md", "CHANGELOG.md", "LICENSE", "hardware.md", "pyproject.toml"):
        (clone / name).write_bytes((ROOT / name).read_bytes())
    (clone / QUESTION).parent.mkdir(parents=True)
    (clone / QUESTION).write_bytes((ROOT / QUESTION).read_bytes())
    (clone / "scripts" / "setup").write_text(SETUP)
    (tmp_path / "fake-device").write_text(DEVICE)
    (tmp_path / "fake-device").chmod(0o755)
    (tmp_path / "cards").write_text(
        " 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0\n"
        "                      vc4-hdmi-0\n"
        " 2 [Jabra          ]: USB-Audio - Jabra SPEAK 410 USB\n"
        "                      a speakerphone\n"
    )
    for pcm in ("card0/pcm0p", "card2/pcm0p", "card2/pcm0c"):
        (tmp_path / pcm).mkdir(parents=True)
    (tmp_path / "meminfo").write_text("MemTotal:        3884096 kB\n")
    return Computer(tmp_path, clone)


class Computer:
    def __init__(self, place: Path, clone: Path) -> None:
        self.place, self.clone, self.root = place, clone, place / "root"
        self.opt, self.etc = self.root / "opt/device", self.root / "etc/device"

    def install(self, *arguments: str, umask: int = -1, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.clone / "scripts" / "install", *arguments],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
            umask=umask,
            env=os.environ
            | {
                "DEVICE_INSTALL_ROOT": str(self.root),
                "DEVICE_CARDS": str(self.place / "cards"),
                "DEVICE_MEMINFO": str(self.place / "meminfo"),
                "FAKE_DEVICE": str(self.place / "fake-device"),
                "FAKE_LOG": str(self.place / "log"),
            }
            | environment,
        )

    def configure(self, text: str, packages: str = "") -> None:
        """What the user has written for the service."""
        self.etc.mkdir(parents=True, exist_ok=True)
        (self.etc / "config.toml").write_text(text)
        if packages:
            (self.etc / "packages.txt").write_text(packages)

    @property
    def log(self) -> str:
        """What was called."""
        return (self.place / "log").read_text()

    @property
    def current(self) -> str:
        return (self.opt / "current").readlink().name

    def change(self) -> None:
        """Another version of the program."""
        with (self.clone / "CHANGELOG.md").open("a") as file:
            file.write("\nmore\n")
        init = self.clone / "device" / "__init__.py"
        init.write_text(init.read_text() + "# more\n")

    def files(self) -> set[str]:
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*")}


def test_a_dry_run_says_what_would_be_done_and_does_nothing(computer):
    found = computer.install("--dry-run")
    assert found.returncode == 0, found.stderr
    for words in ("memory   3793 MB", "Jabra (Jabra SPEAK 410 USB)", "copy this version", "Nothing was done"):
        assert words in found.stdout
    assert not computer.root.exists()


def test_an_installation_has_all_its_parts(computer):
    found = computer.install("--yes")
    assert found.returncode == 0, found.stderr
    assert "the set small" in found.stdout
    for path in (
        "etc/systemd/system/device.service",
        "etc/systemd/system/device-power-off.path",
        "etc/sysusers.d/device.conf",
        "etc/tmpfiles.d/device.conf",
        "etc/udev/rules.d/70-device.rules",
        "usr/local/bin/device",
        "usr/local/share/man/man1/device.1",
        "usr/local/share/bash-completion/completions/device",
        "usr/local/share/zsh/site-functions/_device",
        "usr/local/share/fish/vendor_completions.d/device.fish",
        "opt/device/current/device/app/agent.py",
        f"opt/device/current/{QUESTION}",
    ):
        assert (computer.root / path).exists(), path
    assert "models fetch tiny" in computer.log, "what is measured with"
    assert "models fetch small" in computer.log
    config = (computer.etc / "config.toml").read_text()
    assert 'llm = "some model"' in config
    assert sound_in(config) == {"input": "Jabra SPEAK 410 USB", "output": "Jabra SPEAK 410 USB"}, "not the monitor's"


def sound_in(config: str) -> dict[str, str]:
    return tomllib.loads(config).get("audio", {})


@pytest.mark.parametrize(
    ("ways", "named"),
    [
        (("1p", "2c"), {"input": 'USB - "PnP" Sound', "output": "bcm2835 Headphones"}),
        (("1p", "2c", "2p", "3c", "3p"), {"input": 'USB - "PnP" Sound', "output": 'USB - "PnP" Sound'}),
        (("1p", "3c", "3p"), {"input": "seeed-2mic-voicecard", "output": "bcm2835 Headphones"}),
        (("0p", "1p"), {"output": "bcm2835 Headphones"}),
        (("0p", "0c"), {}),
    ],
)
def test_each_direction_gets_a_card_that_has_it_by_portaudios_name(computer, ways, named):
    for number in (0, 2):
        shutil.rmtree(computer.place / f"card{number}")
    (computer.place / "cards").write_text(
        " 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0\n                      vc4-hdmi-0\n"
        " 1 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones\n                      bcm2835 Headphones\n"
        ' 2 [Device         ]: USB-Audio - USB - "PnP" Sound\n                      C-Media\n'
        " 3 [seeed2micvoicec]: seeed-2mic-voic - seeed-2mic-voicecard\n                      seeed-2mic-voicecard\n"
    )
    for way in ways:
        (computer.place / f"card{way[0]}" / f"pcm0{way[1]}").mkdir(parents=True)
    computer.install("--yes")
    assert sound_in((computer.etc / "config.toml").read_text()) == named


def test_a_version_that_prints_no_manual_yet_leaves_none_behind(computer):
    computer.install("--yes")
    computer.change()
    assert computer.install("--yes", FAKE_PRINTS="2").returncode == 0
    assert not [name for name in computer.files() if name.endswith(("device.1", "_device", ".part"))]


def test_it_can_be_run_again_and_changes_nothing(computer):
    computer.install("--yes")
    before = computer.files()
    found = computer.install("--yes")
    assert found.returncode == 0, found.stderr
    assert "is in its place already" in found.stdout
    assert computer.files() == before


def test_a_tool_of_ones_own_that_git_does_not_know_is_another_version(computer):
    for command in ("init --quiet", "add .", "-c user.name=a -c user.email=a commit -qm all"):
        subprocess.run(["git", "-C", computer.clone, *command.split()], check=True)
    versions = []
    for tool in ("", "# a valve\n", "# two valves\n"):
        if tool:
            (computer.clone / "device/tools/plants.py").write_text(tool)
        assert computer.install("--yes").returncode == 0
        versions.append(computer.current)
    assert len(set(versions)) == 3
    assert (computer.opt / "current/device/tools/plants.py").read_text() == "# two valves\n"


def test_llama_that_is_to_be_compiled_in_another_way_is_another_version(computer):
    computer.install("--yes")
    plain = computer.current
    found = computer.install("--yes", CMAKE_ARGS="-DGGML_CUDA=ON")
    assert found.returncode == 0, found.stderr
    assert "copy this version" in found.stdout
    assert computer.current != plain
    assert (computer.opt / "previous").readlink().name == plain, "which can be gone back to"


def test_what_the_owner_of_the_clone_alone_may_read_the_service_reads_too(computer):
    subprocess.run(["chmod", "-R", "go=", computer.clone], check=True)
    found = computer.install("--yes", umask=0o077)
    assert found.returncode == 0, found.stderr
    for path in computer.root.rglob("*"):
        wanted = 0o005 if path.is_dir() else 0o004
        assert path.is_symlink() or path.stat().st_mode & wanted == wanted, path


def test_the_set_can_be_chosen(computer):
    found = computer.install("--yes", "--models", "tiny")
    assert "the set tiny" in found.stdout
    assert "suggest" not in computer.log


def test_a_users_configuration_is_never_touched(computer):
    computer.configure("# mine\n")
    found = computer.install("--yes")
    assert found.returncode == 0, found.stderr
    assert "leave /etc/device/config.toml as it is" in found.stdout
    assert (computer.etc / "config.toml").read_text() == "# mine\n"
    assert "models fetch silero-vad some-model" in computer.log, "those that it names"
    computer.change()
    computer.install("--yes")
    assert (computer.etc / "config.toml").read_text() == "# mine\n"


def needed(computer: Computer, **environment: str) -> list[str]:
    """The models that an installation with the configuration that is there fetches."""
    found = computer.install("--yes", REAL_PYTHON=sys.executable, PYTHONPATH=str(computer.clone), **environment)
    assert found.returncode == 0, found.stderr
    return next(line for line in computer.log.splitlines() if "models fetch" in line).split()[3:]


def test_all_models_that_a_configuration_needs_are_fetched(computer):
    computer.configure('[start]\nway = "wake-word"\n[models]\nturn = "silence"\nnoise = "gtcrn"\n')
    assert {"hey-jarvis", "gtcrn", "silero-vad"} <= set(needed(computer))
    assert "silence" not in computer.log


def test_what_a_configuration_does_not_need_is_not_fetched(computer):
    computer.configure("")
    assert not {"hey-jarvis", "none"} & set(needed(computer))


def test_what_an_image_left_to_be_fetched_is_not_waited_for_once_all_is_there(computer):
    computer.configure("# mine\n")
    (computer.etc / "models-to-fetch").write_text("some-model\n")
    assert computer.install("--yes").returncode == 0
    assert not (computer.etc / "models-to-fetch").exists()


def test_another_set_for_a_configuration_that_is_there_is_refused_with_the_commands_for_it(computer):
    computer.configure("# mine\n")
    found = computer.install("--yes", "--models", "small")
    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert "sudo device models fetch small && sudo device config set models.llm llama-3.2-1b-instruct" in found.stderr
    assert "models.vad" not in found.stderr, "it is the same"
    assert not computer.opt.exists()


def test_the_set_that_a_configuration_has_chosen_may_be_named_again(computer):
    computer.configure('[models]\nllm = "llama-3.2-1b-instruct-q4_k_m"\n')
    assert computer.install("--yes", "--models", "small").returncode == 0


def test_packages_of_ones_own_are_installed_beside_the_locked_ones_in_every_version(computer):
    computer.configure("# mine\n", packages="my-plants==1.0\n")
    for _ in range(2):
        found = computer.install("--yes")
        assert found.returncode == 0, found.stderr
        computer.change()
    assert "install the packages of /etc/device/packages.txt" in found.stdout
    installed = [line for line in computer.log.splitlines() if line.startswith("pip install")]
    assert len(installed) == 2
    assert all(line.endswith("/.venv/locked.txt --requirement packages.txt") for line in installed)
    locked = (computer.opt / "current/.venv/locked.txt").read_text()
    assert re.search(r"^numpy==[0-9.]+ *(;.*)?$", locked, re.MULTILINE)
    assert re.search(r"^llama-cpp-python==", locked, re.MULTILINE)
    assert "--hash" not in locked


def test_a_version_without_the_users_packages_is_not_started(computer):
    computer.install("--yes")
    first = computer.current
    computer.configure("# mine\n", packages="no-such-package\n")
    computer.change()
    found = computer.install("--yes", FAKE_PIP="1")
    assert (found.returncode, computer.current) == (1, first)
    assert "packages.txt cannot be installed" in found.stderr


@pytest.mark.parametrize(
    ("configuration", "arguments", "wants"),
    [
        ("# mine\n", (), False),
        ("# mine\n", ("--mcp",), True),
        ('[tools.mcp.files]\ncommand = ["files"]\n', (), True),
        ('[tools]\nmcp = { files = { command = ["files"] } }\n', (), True),
        ("[tools]\nmcp = {}\n", (), False),
        ("no TOML", (), False),
    ],
)
def test_who_names_an_mcp_server_gets_what_that_needs(computer, configuration, arguments, wants):
    computer.configure(configuration)
    computer.install("--yes", *arguments)
    assert ("setup --mcp --models none" in computer.log, "setup --models none" in computer.log) == (wants, not wants)


def test_while_an_upgrade_is_prepared_the_running_version_shows_it(computer):
    computer.install("--yes")
    assert "updating" not in computer.log, "there was nothing to show it"
    computer.change()
    computer.install("--yes")
    assert "device updating" in computer.log


def test_an_upgrade_keeps_the_version_before_and_can_be_rolled_back(computer):
    computer.install("--yes")
    first = computer.current
    computer.change()
    assert computer.install("--yes").returncode == 0
    second = computer.current
    assert second != first
    found = computer.install("--roll-back", "--yes")
    assert found.returncode == 0, found.stderr
    assert computer.current == first
    computer.install("--roll-back", "--yes")
    assert computer.current == second
    computer.change()
    computer.install("--yes")
    assert not (computer.opt / first).exists(), "versions older than the one before are removed"
    assert (computer.opt / second).exists()


def test_a_roll_back_to_what_does_not_become_ready_leads_back(computer):
    computer.install("--yes")
    computer.change()
    computer.install("--yes")
    second = computer.current
    found = computer.install("--roll-back", "--yes", DEVICE_INSTALL_READY=f'[ "$1" = "{second}" ]')
    assert found.returncode == 1
    assert f"so {second} runs again" in found.stderr
    assert computer.current == second


def test_a_version_that_does_not_become_ready_is_taken_back(computer):
    computer.install("--yes")
    first = computer.current
    computer.change()
    found = computer.install("--yes", DEVICE_INSTALL_READY=f'[ "$1" = "{first}" ]')
    assert found.returncode == 1
    assert f"did not become ready, so {first} runs again" in found.stderr
    assert computer.current == first


def test_a_version_that_was_taken_back_is_not_what_is_gone_back_to(computer):
    computer.install("--yes")
    first = computer.current
    computer.change()
    computer.install("--yes")
    second = computer.current
    computer.change()
    computer.install("--yes", DEVICE_INSTALL_READY=f'[ "$1" = "{second}" ]')
    assert computer.current == second
    assert computer.install("--roll-back", "--yes").returncode == 0
    assert computer.current == first


def test_a_first_version_that_replaces_nothing_leaves_nothing_to_go_back_to(computer):
    computer.install("--yes")
    first = computer.current
    computer.change()
    computer.install("--yes", DEVICE_INSTALL_READY=f'[ "$1" = "{first}" ]')
    assert computer.install("--roll-back", "--yes").returncode == 1
    assert computer.current == first


def test_a_version_that_does_not_run_at_all_changes_nothing_and_says_why(computer):
    computer.install("--yes")
    first = computer.current
    computer.change()
    broken = computer.place / "broken-device"
    broken.write_text("#!/bin/sh\necho 'Traceback:' >&2\necho 'ImportError: no such thing' >&2\nexit 1\n")
    broken.chmod(0o755)
    found = computer.install("--yes", FAKE_DEVICE=str(broken))
    assert found.returncode == 1
    assert "does not run at all, so nothing was changed: ImportError: no such thing" in found.stderr
    assert computer.current == first


def test_an_interrupted_installation_goes_on_where_it_stopped(computer):
    found = computer.install("--yes", FAKE_DEVICE="/nowhere")
    assert found.returncode != 0
    assert not (computer.opt / "current").exists()
    assert computer.install("--yes").returncode == 0
    assert computer.current


def test_uninstalling_leaves_what_is_the_users_unless_that_is_to_go_too(computer):
    computer.install("--yes")
    (computer.root / "var/lib/device").mkdir(parents=True)
    found = computer.install("--uninstall", "--yes")
    assert found.returncode == 0, found.stderr
    assert not computer.opt.exists()
    assert not (computer.root / "etc/systemd/system/device.service").exists()
    assert (computer.etc / "config.toml").exists()
    assert (computer.root / "var/lib/device").exists()
    assert computer.install("--uninstall", "--purge", "--yes").returncode == 0
    assert not computer.etc.exists()
    assert not (computer.root / "var/lib/device").exists()


@pytest.mark.parametrize(
    ("arguments", "memory", "words"),
    [
        (("--yes",), "MemTotal: 512000 kB", "500 MB of memory are too few"),
        (("--models",), "", "--models wants a SET"),
        (("--models", "smal"), "", 'no set of models "smal": choose one of default, tiny, small, llama.'),
        (("--models", "tests", "--dry-run"), "", 'no set of models "tests"'),
        (("--purge",), "", "--purge goes with --uninstall"),
        (("--roll-back", "--yes"), "", "no version before this one"),
    ],
)
def test_what_cannot_be_is_a_sentence(computer, arguments, memory, words):
    if memory:
        (computer.place / "meminfo").write_text(memory)
    found = computer.install(*arguments)
    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert words in found.stderr
    assert not (computer.opt / "current").exists()


def pretend(place: Path, offered: str) -> str:
    """A PATH on which Python is 3.10 and the archive has the packages that are `offered`."""
    fakes = place / "fakes"
    fakes.mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        (fakes / name).write_text('#!/bin/sh\ncase "$2" in *print*) echo 3.10 ;; *) exit 1 ;; esac\n')
    policy = f'case " {offered} " in *" $2 "*) echo "$2:"; echo "  Candidate: 3.11.0" ;; esac\n'
    (fakes / "apt-cache").write_text("#!/bin/sh\n" + policy)
    for fake in fakes.iterdir():
        fake.chmod(0o755)
    return f"{fakes}:{os.environ['PATH']}"


def test_where_the_systems_python_is_too_old_one_of_its_packages_is_taken(computer):
    setup = computer.clone / "scripts" / "setup"
    setup.write_text(SETUP + 'echo "by $PYTHON" >> "$FAKE_LOG"\n')
    found = computer.install("--yes", PATH=pretend(computer.place, "python3.12 python3.13"))
    assert found.returncode == 0, found.stderr
    assert "by python3.12\n" in computer.log


def test_where_no_python_suits_a_sentence_says_what_to_do(computer):
    found = computer.install("--yes", PATH=pretend(computer.place, ""))
    assert found.returncode == 1
    assert "Python is 3.10" in found.stderr
    assert "universe" in found.stderr
    assert "What will be done" not in found.stdout
    assert not computer.opt.exists()


def test_a_jetson_gets_what_its_graphics_processor_needs(computer):
    tree = computer.place / "tree"
    tree.mkdir()
    (tree / "model").write_bytes(b"NVIDIA Jetson Orin Nano Developer Kit\0")
    assert computer.install("--yes", DEVICE_TREE=str(tree)).returncode == 0
    assert (computer.root / "etc/systemd/system/device.service.d/jetson.conf").exists()
