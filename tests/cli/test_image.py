"""The card image: its owner's file on the boot partition, what it consists of, and what building it says without building."""

import contextlib
import gzip
import importlib.machinery
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
IMAGE = ROOT / "scripts" / "image"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2hJ0N7rQJ4T7xMZ0j4Yl6fZlqC2n1cQGrXyTiYbPnX anna@laptop"
WHOLE = f"""
hostname = "kitchen"
timezone = "Europe/Oslo"
[user]
name = "anna"
ssh_keys = ["{KEY}"]
[wifi]
country = "no"
ssid = "IEEE"
password = "password"
"""


def module(name: str):
    if str(IMAGE) not in sys.path:
        sys.path.insert(0, str(IMAGE))
    spec = importlib.util.spec_from_file_location(name, IMAGE / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


first_boot = module("first_boot")


@pytest.fixture
def zones(tmp_path):
    zone = tmp_path / "zones" / "Europe" / "Oslo"
    zone.parent.mkdir(parents=True)
    zone.touch()
    return tmp_path / "zones"


class Computer:
    """A root directory, and what was run in it."""

    def __init__(self, place: Path) -> None:
        self.root, self.boot = place / "root", place / "boot"
        self.boot.mkdir()
        zone = self.root / "usr/share/zoneinfo/Europe/Oslo"
        zone.parent.mkdir(parents=True)
        zone.touch()
        (self.root / "etc").mkdir()
        (self.root / "etc/passwd").write_text(
            "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/usr/sbin/nologin\n"
        )
        (self.root / "etc/group").write_text("root:x:0:\nvoice:x:22:\nusers:x:100:\n")
        self.ran: list[tuple[str, ...]] = []
        self.given: list[str] = []
        self.fails = ""

    def run(self, *command: str, given: str = "") -> None:
        if command[0] == self.fails:
            raise subprocess.CalledProcessError(1, list(command))
        self.ran.append(command)
        self.given.append(given)
        if command[0] == "useradd":
            (self.root / "home" / command[-1]).mkdir(parents=True)
            with (self.root / "etc/passwd").open("a") as users, (self.root / "etc/group").open("a") as groups:
                users.write(f"{command[-1]}:x:1000:1000::/home/{command[-1]}:/bin/bash\n")
                groups.write(f"{command[-1]}:x:1000:\n")

    def start(self, text: str | bytes) -> bool:
        (self.boot / "device-setup.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return first_boot.set_up(self.boot, self.root, self.run)

    @property
    def problems(self) -> str:
        return (self.boot / "device-setup-problems.txt").read_text()

    def text(self, path: str) -> str:
        return (self.root / path).read_text()


@pytest.fixture
def computer(tmp_path):
    return Computer(tmp_path)


def test_a_device_becomes_its_owners_and_the_file_with_the_secrets_goes(computer, capsys):
    assert computer.start(WHOLE)
    assert not (computer.boot / "device-setup.toml").exists()
    assert computer.text("etc/hostname") == "kitchen\n"
    assert (computer.root / "etc/localtime").readlink() == Path("/usr/share/zoneinfo/Europe/Oslo")
    keys = computer.root / "home/anna/.ssh/authorized_keys"
    assert (keys.read_text(), stat.S_IMODE(keys.stat().st_mode)) == (f"{KEY}\n", 0o600)
    assert stat.S_IMODE(keys.parent.stat().st_mode) == 0o700
    assert ("usermod", "--append", "--groups", "sudo,device,audio,gpio", "anna") in computer.ran
    assert "NOPASSWD" in computer.text("etc/sudoers.d/010-first-user"), "who has no password cannot give one"
    assert "PasswordAuthentication no" in computer.text("etc/ssh/sshd_config.d/10-first-boot.conf")
    said = capsys.readouterr().out
    assert "the user anna logs in by SSH key; it joins the Wi-Fi IEEE." in said
    assert "password" not in said


def test_the_wifis_key_is_kept_and_not_its_password(computer):
    """The standard's own example: password "password", network "IEEE"."""
    computer.start(WHOLE)
    path = computer.root / "etc/wpa_supplicant/wpa_supplicant-wlan0.conf"
    assert "psk=f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e" in path.read_text()
    assert "password" not in path.read_text()
    assert "ssid=49454545\n" in path.read_text(), "in hexadecimal, so that no name can say more than a name"
    assert "country=NO" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_password_reaches_the_system_by_a_pipe_and_no_command_line(computer):
    assert computer.start('[user]\nname = "anna"\npassword = "correct horse"\n')
    assert computer.given[computer.ran.index(("chpasswd",))] == "anna:correct horse\n"
    assert not any("correct horse" in word for command in computer.ran for word in command)
    assert not (computer.root / "etc/sudoers.d/010-first-user").exists()
    assert "PasswordAuthentication yes" in computer.text("etc/ssh/sshd_config.d/10-first-boot.conf")


def test_the_file_is_overwritten_before_it_is_removed(computer, monkeypatch):
    seen = []
    unlink = Path.unlink
    monkeypatch.setattr(Path, "unlink", lambda self, **_: (seen.append(self.read_bytes()) if self.name == "device-setup.toml" else None, unlink(self, missing_ok=True)))  # fmt: skip
    assert computer.start(WHOLE)
    assert seen == [b"#" * len(WHOLE.encode())]


def test_a_new_file_changes_what_it_names_and_leaves_the_rest(computer):
    computer.start(WHOLE)
    computer.ran.clear()
    assert computer.start('[wifi]\ncountry = "NO"\nssid = "Café"\n')
    unit = "wpa_supplicant@wlan0.service"
    assert computer.ran == [("systemctl", "enable", unit), ("systemctl", "restart", "--no-block", unit)]
    assert "key_mgmt=NONE" in computer.text("etc/wpa_supplicant/wpa_supplicant-wlan0.conf")
    assert computer.text("etc/hostname") == "kitchen\n"


def test_who_is_there_already_may_be_named_again(computer):
    computer.start(WHOLE)
    assert computer.start('[user]\nname = "anna"\npassword = "correct horse"\n')
    assert [command[0] for command in computer.ran].count("useradd") == 1


def test_without_a_file_nothing_is_done(computer):
    assert first_boot.set_up(computer.boot, computer.root, computer.run)
    assert computer.ran == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('hostname = "Kitchen Table"', 'hostname = "Kitchen Table" must be small letters'),
        ("hostname = 5", "hostname must be a text in quotation marks"),
        ('hostnam = "kitchen"', 'There is no key "hostnam": hostname is meant?'),
        ("hostname = kitchen", "The file is not TOML"),
        ('timezone = "Oslo"', 'timezone = "Oslo" is not known'),
        ('timezone = "../../../etc/passwd"', "is not known"),
        ('user = "anna"', "[user] must be a section of its own"),
        ('[user]\nname = "root"\npassword = "long enough"', "one of the system's own users"),
        ('[user]\nname = "nobody"\npassword = "long enough"', "one of the system's own users"),
        ('[user]\nname = "voice"\npassword = "long enough"', "one of the system's own users or groups"),
        ('[user]\nname = "users"\npassword = "long enough"', "one of the system's own users or groups"),
        ('[user]\nname = "a b; reboot"\npassword = "long enough"', "must begin with a small letter"),
        ('[user]\nname = "anna"', "nobody could log in otherwise"),
        ('[user]\nname = "anna"\npassword = "short"', "eight characters"),
        ('[user]\nname = "anna"\npassword = "two\\nlines:x"', "without control characters"),
        ('[user]\nname = "anna"\nssh_keys = "a key"', "must be a list of texts"),
        ('[user]\nname = "anna"\nssh_keys = ["ssh-ed25519 AAAA… anna@laptop"]', "number 1 is no public key"),
        (f'[user]\nname = "anna"\nssh_keys = ["command=\\"x\\" {KEY}"]', "number 1 is no public key"),
        ('[wifi]\nssid = "home"\npassword = "password"', "the two letters of your country"),
        ('[wifi]\ncountry = "NO"\nssid = ""\n', "1 to 32 bytes"),
        ('[wifi]\ncountry = "NO"\nssid = "home"\npassword = "short"', "8 to 63 characters"),
        ('[wifi]\ncountry = "NO"\nssid = "home"\npasswd = "password"', "wifi.passwd"),
        ('[wifi]\ncountry = "NO"\nssid = "home"\nhidden = "yes"', "wifi.hidden must be true or false"),
        (b"\xff\xfehostname", "not UTF-8"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_is_done(computer, text, words):
    assert not computer.start(text)
    assert words in computer.problems
    assert "Traceback" not in computer.problems
    assert computer.ran == []
    assert (computer.boot / "device-setup.toml").exists(), "it is there to be mended"
    assert computer.start(WHOLE)
    assert not (computer.boot / "device-setup-problems.txt").exists()


def test_all_problems_are_said_at_once(computer):
    computer.start('hostname = "-"\n[user]\nname = "Anna"\n[wifi]\nssid = "x"\n')
    assert len(computer.problems.split("\n\n")[0].splitlines()) == 4


def test_what_the_system_refuses_is_a_sentence_and_the_file_stays(computer):
    computer.fails = "useradd"
    assert not computer.start(WHOLE)
    assert "useradd failed (1)" in computer.problems
    assert (computer.boot / "device-setup.toml").exists()


@given(st.text(max_size=200))
def test_rubbish_is_refused_or_harmless(text):
    with contextlib.suppress(ValueError):
        assert first_boot.read(text, Path("/nowhere")).user is None


def test_the_sample_explains_every_key_and_is_no_valid_wish_as_it_stands(zones):
    sample = (IMAGE / "device-setup-sample.toml").read_text()
    for section, keys in first_boot.KEYS.items():
        for key in keys - {"user", "wifi"}:
            assert re.search(rf"^(# )?{key} = ", sample, re.MULTILINE), (section, key)
    with pytest.raises(ValueError, match="number 1 is no public key") as refused:
        first_boot.read(sample, zones)
    assert str(refused.value).count("\n") == 0
    assert first_boot.read(sample.replace("ssh-ed25519 AAAA… anna@laptop", KEY), zones).hostname == "device"


def test_the_sound_card_is_named_once_the_usb_one_before_all_others(tmp_path):
    config, cards = tmp_path / "config.toml", tmp_path / "cards"
    config.write_text("# mine\n")
    cards.write_text("--- no soundcards ---\n")
    with pytest.raises(FileNotFoundError, match="no microphone yet"):
        first_boot.name_sound_card(config, cards)
    cards.write_text(
        " 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0\n                      vc4-hdmi-0\n"
        " 1 [Headphones     ]: bcm2835 - bcm2835 Headphones\n"
        " 2 [Jabra          ]: USB-Audio - Jabra SPEAK 410 USB\n"
    )
    for pcm in ("card0/pcm0p", "card1/pcm0p", "card2/pcm0p", "card2/pcm0c"):
        (tmp_path / pcm).mkdir(parents=True)
    first_boot.name_sound_card(config, cards)
    assert config.read_text().startswith("# mine\n")
    assert 'input = "Jabra SPEAK 410 USB"\noutput = "Jabra SPEAK 410 USB"\n' in config.read_text()
    before = config.read_text()
    first_boot.name_sound_card(config, cards)
    assert config.read_text() == before


@pytest.mark.parametrize(
    ("ways", "named"),
    [
        (("1p", "2c"), {"input": 'USB - "PnP" Sound', "output": "bcm2835 Headphones"}),
        (("1p", "3c", "3p"), {"input": "seeed-2mic-voicecard", "output": "bcm2835 Headphones"}),
        (("0p", "2c"), {"input": 'USB - "PnP" Sound'}),
        (("0p", "1p"), None),
    ],
)
def test_each_direction_gets_a_card_that_has_it_as_soon_as_there_is_a_microphone(tmp_path, ways, named):
    config, cards = tmp_path / "config.toml", tmp_path / "cards"
    config.write_text("")
    cards.write_text(
        " 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0\n"
        " 1 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones\n"
        ' 2 [Device         ]: USB-Audio - USB - "PnP" Sound\n'
        " 3 [seeed2micvoicec]: seeed-2mic-voic - seeed-2mic-voicecard\n"
    )
    for way in ways:
        (tmp_path / f"card{way[0]}" / f"pcm0{way[1]}").mkdir(parents=True)
    if named is None:
        with pytest.raises(FileNotFoundError, match="no microphone yet"):
            first_boot.name_sound_card(config, cards)
    else:
        first_boot.name_sound_card(config, cards)
    assert tomllib.loads(config.read_text()).get("audio") == named


def test_what_was_done_once_is_not_done_again_and_what_failed_is_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr(first_boot, "STATE", tmp_path / "state")
    outcomes = [OSError("no room"), None, OSError("never reached")]
    done = []

    def work() -> None:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome
        done.append(1)

    assert [first_boot.once("grown", work) for _ in range(3)] == [False, True, True]
    assert done == [1]


# --- building --------------------------------------------------------------------------------------------------------


def test_what_a_stage_started_ends_with_it(tmp_path, monkeypatch):
    """As a compiler ends that pip started, though pip leaves it alone."""
    stages, pids = module("stages"), tmp_path / "pids"

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(stages.subprocess.Popen, "wait", _until(pids.exists, stop, stages.subprocess.Popen.wait))
    with pytest.raises(KeyboardInterrupt):
        stages.run(["sh", "-c", f"sleep 300 & echo $! > {pids}.part; mv {pids}.part {pids}; wait"], tmp_path / "log")
    compiler = Path("/proc") / pids.read_text().strip()
    deadline = time.monotonic() + 10
    while compiler.exists() and "zombie" not in (compiler / "status").read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not compiler.exists() or "zombie" in (compiler / "status").read_text()


def _until(there, stop, wait):
    """A wait for a process that is interrupted once, as soon as something is there."""
    interrupted = []

    def waiting(process, *args, **options):
        if not interrupted:
            interrupted.append(1)
            while not there():
                time.sleep(0.02)
            stop()
        return wait(process, *args, **options)

    return waiting


def test_the_lock_for_the_boards_python_has_its_own_versions_and_no_conditions():
    stages = module("stages")
    lock = (ROOT / "scripts/locks/run.lock").read_text()
    ours = stages.lock_for("3.13", lock)
    names = [line.split("==")[0] for line in ours.splitlines() if line[0] != " "]
    assert ";" not in ours
    assert "lgpio" not in names, "it has no wheel there"
    assert "lgpio" in stages.lock_for("3.11", lock)
    assert len(names) == len(set(names)) > 30
    assert all("--hash=" in part for part in re.split(r"^(?=\S)", ours, flags=re.MULTILINE) if part)


def test_the_agent_starts_as_soon_as_the_models_that_were_left_to_the_device_are_there():
    unit = (IMAGE / "device-models.service").read_text()
    (listed,) = re.findall(r"^ConditionPathExists=(.*)$", unit, re.MULTILINE)
    assert f"\nConditionPathExists=!{listed}\n" in module("inside").IMAGE_DROP_IN, "it would fail until they are"
    done = re.findall(r"^ExecStartPost=(.*)$", unit, re.MULTILINE)
    assert done == [f"/bin/rm -f {listed}", "/bin/systemctl --no-block start device.service"]


def test_models_that_only_the_builder_may_read_the_service_reads_too(tmp_path, monkeypatch):
    inside = module("inside")
    for name in ("wheels", "model"):
        (tmp_path / name).mkdir(mode=0o700)
    (tmp_path / "model/weights").touch(mode=0o600)
    copies = {str(tmp_path / "model"): "opt/device/models/model"}
    image = inside.Image({"work": tmp_path, "base": "", "source": "", "wheels": tmp_path / "wheels", "copies": copies})

    def run(*command: object) -> None:
        if command[0] == "tar":
            (image.root / "root").mkdir(exist_ok=True)
        if command[0] == "chmod":
            subprocess.run(list(map(str, command)), check=True)

    monkeypatch.setattr(inside, "run", run)
    monkeypatch.setattr(image, "_unpack_packages", lambda _: None)
    image.unpack()
    model = image.root / "opt/device/models/model"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (model, model / "weights")] == [0o755, 0o644]


def test_the_list_of_contents_has_every_package_with_its_licence(tmp_path):
    contents = module("contents")
    (tmp_path / "var/lib/dpkg").mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").write_text(
        "Package: zlib1g\nStatus: install ok installed\nVersion: 1:1.3\n\n"
        "Package: bash\nStatus: install ok installed\nVersion: 5.2\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n"
    )
    about = tmp_path / "usr/share/doc/bash/copyright"
    about.parent.mkdir(parents=True)
    about.write_text("Format: https://www.debian.org/doc/…\nLicense: GPL-3+\nLicense: BSD-4-clause and GFDL-1.3\n")
    metadata = tmp_path / "opt/device/1/.venv/lib/python3.13/site-packages/rich-15.0.0.dist-info/METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("Name: rich\nVersion: 15.0.0\nLicense: MIT\n\nText\n")
    text = contents.contents(tmp_path, {"silero-vad": "MIT", "llama": "Llama 3.1 Community"}, ("llama",))
    assert text.splitlines()[1:] == [
        "debian\tbash\t5.2\tBSD-4-clause, GFDL-1.3, GPL-3+\tin the image",
        "debian\tzlib1g\t1:1.3\tsee the package's source\tin the image",
        "python\trich\t15.0.0\tMIT\tin the image",
        "model\tllama\t\tLlama 3.1 Community\tfetched by the device when it first starts",
        "model\tsilero-vad\t\tMIT\tin the image",
    ]
    assert text == contents.contents(tmp_path, {"llama": "Llama 3.1 Community", "silero-vad": "MIT"}, ("llama",))


def test_models_that_may_not_be_handed_on_are_left_to_the_device():
    stages = module("stages")
    assert stages.split("tiny").fetched == ()
    llama = stages.split("llama")
    assert "meta-llama-3.1-8b-instruct-q4_k_m" in llama.fetched
    assert "silero-vad" in llama.inside


@pytest.mark.parametrize("board", ["pi4", "pi5", "generic-arm64"])
def test_every_board_has_its_processors_flags_and_only_the_pis_have_their_firmware(board):
    boards = module("boards")
    chosen = boards.BOARDS[board]
    assert chosen.mtune == {"pi4": "cortex-a72", "pi5": "cortex-a76", "generic-arm64": "generic"}[board]
    assert chosen.firmware == ("raspi-firmware" in chosen.packages)


def archive(*names: str, content: bytes = b"content") -> bytes:
    """A cpio archive of the newc format."""
    made = b""
    for name in (*names, "TRAILER!!!"):
        body = content if name != "TRAILER!!!" else b""
        fields = [0] * 13
        fields[6], fields[11] = len(body), len(name) + 1
        made += b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        made += bytes(-len(made) % 4) + body
        made += bytes(-len(made) % 4)
    return made


@given(st.lists(st.from_regex(r"[a-z/.]{1,40}", fullmatch=True), max_size=8), st.binary(max_size=9), st.booleans())
def test_the_files_of_an_initramfs_are_known_also_behind_an_archive_that_is_not_compressed(names, content, early):
    made = gzip.compress(archive(*names, content=content))
    made = archive("kernel/microcode") + bytes(512) + made if early else made
    found = list(module("boot_files").members(made))
    assert found == ["kernel/microcode"] * early + [name.removeprefix("./") for name in names]


FILES, DRIVERS = ("start4.elf", "bcm2711-rpi-4-b.dtb"), ("ext4", "sdhci_iproc")


@pytest.fixture
def system(tmp_path):
    """A system whose boot partition has what a board needs."""
    boot = tmp_path / "boot/firmware"
    boot.mkdir(parents=True)
    modules = "usr/lib/modules/7.1/kernel/drivers"
    files = {
        **dict.fromkeys(FILES, b"firmware"),
        "vmlinuz-7.1": b"kernel",
        "initrd.img-7.1": gzip.compress(archive(f"{modules}/mmc/sdhci-iproc.ko.xz")),
        "config.txt": b"arm_64bit=1\nkernel=vmlinuz-7.1\ninitramfs initrd.img-7.1\n",
        "cmdline.txt": b"console=tty0 root=LABEL=device-root rw",
    }
    for name, content in files.items():
        (boot / name).write_bytes(content)
    builtin = tmp_path / "usr/lib/modules/7.1/modules.builtin"
    builtin.parent.mkdir(parents=True)
    builtin.write_text("kernel/fs/ext4/ext4.ko\n")
    return tmp_path


def test_a_card_that_would_start_is_left_alone(system):
    assert module("boot_files").problems(system, FILES, DRIVERS) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("start4.elf", ["start4.elf is missing."]),
        ("vmlinuz-7.1", ["vmlinuz-7.1, which is to be started, is missing."]),
        ("config.txt", ["No kernel and initramfs are named to start."]),
        ("cmdline.txt", ["The kernel is not told where the system is."]),
    ],
)
def test_what_a_card_would_not_start_without_is_named(system, name, said):
    (system / "boot/firmware" / name).unlink()
    assert module("boot_files").problems(system, FILES, DRIVERS) == said


def test_a_driver_without_which_the_kernel_finds_no_card_is_named(system):
    said = module("boot_files").problems(system, FILES, (*DRIVERS, "mmc_block"))
    assert said == ["The driver mmc_block is neither in the kernel nor in the initramfs."]


def test_a_board_that_there_is_not_is_named():
    found = subprocess.run(
        [sys.executable, ROOT / "scripts/build-image", "--board", "pi3"], capture_output=True, text=True, check=False
    )
    assert (found.returncode, "invalid choice: 'pi3'" in found.stderr) == (2, True)


@pytest.fixture
def building(monkeypatch):
    """scripts/build-image as a module, called for a Pi 4 without building, in a clone of which git tells `status`."""
    place = str(ROOT / "scripts/build-image")
    loader = importlib.machinery.SourceFileLoader("build_image", place)
    building = importlib.util.module_from_spec(importlib.util.spec_from_loader("build_image", loader))
    loader.exec_module(building)
    building.status = ""
    monkeypatch.setattr(building, "_git", lambda command, *_: building.status if command == "status" else str(ROOT))
    monkeypatch.setattr(building, "_missing", lambda _: "")
    monkeypatch.setattr(sys, "prefix", str(ROOT / ".venv"))
    monkeypatch.setattr(sys, "argv", [place, "--board", "pi4", "--dry-run"])
    return building


def test_what_is_not_committed_is_not_in_the_image_and_that_is_said(building, capsys):
    assert building.main() == 0
    assert capsys.readouterr().err == ""
    building.status = " M device/default.toml"
    assert building.main() == 0
    assert capsys.readouterr().err == "What is not committed here will not be in the image.\n"


def test_an_image_that_is_interrupted_ends_without_a_word(building, monkeypatch, capsys):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(building, "_missing", interrupt)
    assert building.main() == 130
    assert capsys.readouterr() == ("", "")


def test_without_a_commit_a_sentence_comes_before_anything_is_built(tmp_path):
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / "scripts/setup").write_text('#!/bin/sh\ntouch "$(dirname "$0")/set-up"\nexit 1\n')
    found = subprocess.run(
        [sys.executable, tmp_path / "scripts/build-image", "--board", "pi4"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"LC_ALL": "C"},
    )
    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert "not a git repository" in found.stderr
    assert "get it with git clone." in found.stderr
    assert not (tmp_path / "scripts/set-up").exists()


@pytest.mark.parametrize(
    ("machine", "files", "said"),
    [
        ("aarch64", (), ""),
        ("x86_64", ("register", "qemu-aarch64"), ""),
        ("x86_64", ("register",), "as root, update-binfmts --import qemu-aarch64"),
        ("x86_64", (), "as root, mount -t binfmt_misc binfmt_misc"),
    ],
)
def test_a_kernel_that_does_not_run_arm64_programs_is_told_how(tmp_path, monkeypatch, machine, files, said):
    stages = module("stages")
    monkeypatch.setattr(stages.platform, "machine", lambda: machine)
    for name in files:
        (tmp_path / name).touch()
    sentence = stages.unknown_programs(tmp_path)
    assert said in sentence
    assert bool(sentence) == bool(said)


@pytest.mark.parametrize("unit", ["device-first-boot.service", "device-models.service"])
def test_the_first_starts_units_are_valid(unit):
    verify = ["systemd-analyze", "verify", "--recursive-errors=no", str(IMAGE / unit)]
    try:
        found = subprocess.run(verify, capture_output=True, text=True, check=False, timeout=60)
    except FileNotFoundError:
        pytest.skip("systemd is not installed here")
    assert not [line for line in found.stderr.splitlines() if unit in line and "not executable" not in line]
