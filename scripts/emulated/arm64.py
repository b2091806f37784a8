"""Boots a card image in an emulated arm64 computer, as its owner would: a file on the boot partition, power, wait, SSH.

Everything is emulated, the processor included, which makes it some fifty times slower than the computer it runs on. Its
clock goes by the instructions that were executed (one a nanosecond), so that a busy computer makes nothing late there.
Of a Raspberry Pi's card only what comes after the firmware is tried so: its boot chain and devices are not emulated.
The language model gets no tools in the copy that is booted (what it reads at the start is a tenth then), and start and
watchdog get more time; all else is the image as it was made.
"""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

MIB = 1 << 20
BOOT_AT_MIB, BOOT_MIB = 4, 512
GROWN_MIB = 6144
"""The emulated card's size; the image's own is smaller."""
MEMORY_MB = 3072
CHECKS_SECONDS = 600.0
FIRMWARE = (Path("/usr/share/qemu-efi-aarch64/QEMU_EFI.fd"), Path("/usr/share/AAVMF/AAVMF_CODE.fd"))
TOOLS = {
    "qemu-system-aarch64": "qemu-system-arm", "mcopy": "mtools", "debugfs": "e2fsprogs", "zstd": "zstd",
    "ssh": "openssh-client",
}  # fmt: skip

SETUP = """hostname = "emulated"
timezone = "Europe/Oslo"

[user]
name = "maker"
ssh_keys = ["{key}"]
"""
SLOW_CONFIG = '\n[tools]\nenabled = ["none"]\n\n[thinking]\ncontext_tokens = 1024\nthreads = 1\n'
SLOW_UNIT = "[Service]\nWatchdogSec=1200\nTimeoutStartSec=infinity\n"

MILESTONES = {
    "the kernel starts": r"Linux version (\S+)",
    "the first start's work is done": r"Finished .*device-first-boot",
    "SSH is up": r"Started .*ssh\.service",
    "the agent is loading": r"Starting .*device\.service",
}
TROUBLE = r"Failed to start .*device|Kernel panic|emergency mode|dracut-emergency|\(initramfs\)"


def missing() -> list[str]:
    """Debian's packages to install first."""
    packages = [
        package for tool, package in TOOLS.items() if shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin") is None
    ]
    return packages + ([] if any(path.exists() for path in FIRMWARE) else ["qemu-efi-aarch64"])


class Emulated:
    """The computer; leaving the context pulls its power."""

    def __init__(self, image: Path, place: Path, *, minutes: float, check: Callable[..., None]) -> None:
        self._place, self._minutes, self._check = place, minutes, check
        self._name = image.name
        self.card, self.console = place / "card.img", place / "console.txt"
        self._key = place / "key"
        self._port = _free_port()
        self._qemu: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._prepare(image)

    def _prepare(self, image: Path) -> None:
        """A copy on a card with room, and the file that makes it its owner's."""
        shutil.rmtree(self._place, ignore_errors=True)
        self._place.mkdir(parents=True)
        if image.suffix == ".zst":
            subprocess.run(["zstd", "-q", "-d", image, "-o", self.card], check=True)
        else:
            shutil.copy(image, self.card)
        with self.card.open("r+b") as file:
            file.truncate(GROWN_MIB * MIB)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self._key], check=True)
        setup = self._place / "device-setup.toml"
        setup.write_text(SETUP.format(key=self._key.with_suffix(".pub").read_text().strip()))
        subprocess.run(["mcopy", "-i", f"{self.card}@@{BOOT_AT_MIB}M", setup, "::/"], check=True)
        config = self.read_file("/etc/device/config.toml")
        self._write_file("/etc/device/config.toml", config + SLOW_CONFIG)
        self._write_file("/etc/systemd/system/device.service.d/slow.conf", SLOW_UNIT)

    # --- its card, while it is off -----------------------------------------------------------------------------------

    @property
    def _root(self) -> str:
        return f"{self.card}?offset={(BOOT_AT_MIB + BOOT_MIB) * MIB}"

    def read_file(self, path: str) -> str:
        """A file of its system."""
        found = subprocess.run(["debugfs", "-R", f"cat {path}", self._root], capture_output=True, text=True, check=True)
        return found.stdout

    def _write_file(self, path: str, text: str) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(text)
            file.flush()
            requests = f"rm {path}\nwrite {file.name} {path}\nset_inode_field {path} mode 0100644\n"
            subprocess.run(
                ["debugfs", "-w", "-f", "/dev/stdin", self._root],
                input=requests,
                text=True,
                check=True,
                capture_output=True,
            )

    def _how_it_starts(self) -> list[str]:
        """The emulator's options for it: by UEFI, or as a Raspberry Pi, whose firmware nothing emulates.

        That firmware's work is done for it then: what config.txt and cmdline.txt name is handed to the emulator.
        """
        partition = f"{self.card}@@{BOOT_AT_MIB}M"
        names = subprocess.run(
            ["mdir", "-b", "-i", partition, "::/"], capture_output=True, text=True, check=True
        ).stdout
        if "config.txt" not in names:
            firmware = next(path for path in FIRMWARE if path.exists())
            return ["-cpu", "cortex-a72", "-bios", str(firmware)]
        for name in ("config.txt", "cmdline.txt"):
            subprocess.run(["mcopy", "-o", "-i", partition, f"::/{name}", self._place], check=True)
        config = (self._place / "config.txt").read_text()
        options = ["-cpu", "cortex-a76" if "-pi5-" in self._name else "cortex-a72"]
        for option, pattern in (("-kernel", r"^kernel=(\S+)"), ("-initrd", r"^initramfs (\S+)")):
            found = re.search(pattern, config, re.MULTILINE)
            self._check(f"config.txt names the {option[1:]}", holds=found is not None)
            name = found[1] if found else ""
            subprocess.run(["mcopy", "-o", "-i", partition, f"::/{name}", self._place], check=True)
            options += [option, str(self._place / name)]
        line = (self._place / "cmdline.txt").read_text().strip()
        return [*options, "-append", f"{line} console=ttyAMA0,115200"]

    # --- power -------------------------------------------------------------------------------------------------------

    def boot(self) -> None:
        """Switch it on, and tell what it comes to, until the service is ready."""
        start = self._how_it_starts()
        self.console.unlink(missing_ok=True)
        self._began = time.monotonic()
        self._qemu = subprocess.Popen(
            ["qemu-system-aarch64", "-M", "virt", *start, "-icount", "shift=0", "-m", str(MEMORY_MB),
             "-accel", "tcg", "-display", "none", "-monitor", "none",
             "-serial", f"file:{self.console}", "-drive", f"if=none,id=card,format=raw,file={self.card}",
             "-device", "virtio-blk-pci,drive=card", "-device", "virtio-rng-pci",
             "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self._port}-:22",
             "-device", "virtio-net-pci,netdev=net,romfile=",
             "-audiodev", "none,id=sound", "-device", "intel-hda", "-device", "hda-duplex,audiodev=sound"],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        awaited = dict(MILESTONES)
        while awaited:
            time.sleep(1.0)
            said = _plain(self.console)
            for name in [name for name in awaited if re.search(awaited[name], said)]:
                del awaited[name]
                self._check(name, holds=True, detail=f"{self.seconds:.0f} s")
            trouble = re.search(TROUBLE, said)
            late = self.seconds > self._minutes * 60
            if trouble or late or self._qemu.poll() is not None:
                why = trouble[0] if trouble else "time is over" if late else "the emulator ended"
                self._check("it boots", holds=False, detail=f"{why}; {self.console} has its console")

        while self.ssh("systemctl is-active device") != "active":  # the console is the login's by now
            time.sleep(5.0)
            if self.seconds > self._minutes * 60:
                self._check("the service becomes ready", holds=False, detail=self.ssh("systemctl status device"))
        clock = self.ssh("systemctl show -P ActiveEnterTimestampMonotonic device")
        self._check(
            "the service is ready", holds=True, detail=f"{self.seconds:.0f} s; {int(clock) / 1e6:.0f} s by its clock"
        )

    @property
    def seconds(self) -> float:
        """Since it was switched on."""
        return time.monotonic() - self._began

    def pull_the_power(self) -> None:
        """At once, whatever it does."""
        if self._qemu is not None:
            self._qemu.kill()
            self._qemu.wait()
            self._qemu = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.pull_the_power()

    # --- its owner ---------------------------------------------------------------------------------------------------

    def ssh(self, command: str, *, seconds: float = CHECKS_SECONDS) -> str:
        """What a command says there; the user's keys are all that is needed."""
        options = ["-i", self._key, "-p", str(self._port), "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR",
                   "-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=120"]  # fmt: skip
        found = subprocess.run(
            ["ssh", *options, "maker@127.0.0.1", command], capture_output=True, text=True, timeout=seconds, check=False
        )
        return (found.stdout + found.stderr).strip()


def _plain(console: Path) -> str:
    """What it has said so far, without colours."""
    text = console.read_text(errors="replace") if console.exists() else ""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def boot_image(image: Path, place: Path, *, minutes: float, check: Callable[..., None]) -> None:
    """The whole test of an image: what was made of it, what it says of itself, and that it comes back."""
    if not image.is_file():
        raise SystemExit(f"There is no image {image}: scripts/build-image --board generic-arm64 makes one.")
    print(f"The image {image.name}, switched on in an emulated computer (arm64, one core, {MEMORY_MB} MB)")
    with Emulated(image, place, minutes=minutes, check=check) as it:
        it.boot()
        check("its owner logs in by the key of the file", "emulated" in (name := it.ssh("hostname")), name)
        check("it is arm64", (machine := it.ssh("uname -m")) == "aarch64", machine)
        size = int(it.ssh("df -BM --output=size / | tail -n 1").strip().rstrip("M"))
        check("its file system has the whole card", size > (GROWN_MIB - BOOT_MIB) * 0.9, f"{size} MB")
        left = it.ssh("sudo ls /boot/firmware")
        check(
            "the file with its owner's wishes is gone",
            "device-setup.toml" not in left and "problems" not in left,
            left.split(),
        )
        check("nobody else may log in", it.ssh("sudo grep -c ':[$]' /etc/shadow") == "0")
        listening = it.ssh("ss -Hltn | awk '{print $4}' | grep -v '^127\\|^\\[::1\\]'")
        check(
            "SSH, and the names of the local network, are all that listen",
            {one.rpartition(":")[2] for one in listening.split()} <= {"22", "5355"},
            listening.split(),
        )
        check("the agent is active", it.ssh("systemctl is-active device") == "active")
        table = it.ssh("cat /proc/$(systemctl show -P MainPID device)/net/dev")
        names = re.findall(r"^ *(\S+):", table, re.MULTILINE)
        check("it has no network but its own loopback", names == ["lo"], ", ".join(names))
        score = re.search(
            r"exposure level for device.service: ([\d.]+)", it.ssh("sudo systemd-analyze security --no-pager device")
        )
        check("its exposure is at most 1.5", score is not None and float(score[1]) <= 1.5, score[1] if score else "?")
        status = it.ssh("device status")
        check("its state is told", "IDLE" in status.upper(), " ".join(status.split()))
        began = time.monotonic()
        answer = it.ssh("device ask 'What is the capital of France?'", seconds=1800)
        check("it answers", "Paris" in answer, f"{answer} (after {time.monotonic() - began:.0f} s of emulation)")
        records = it.ssh("sudo ls -l /var/lib/device")
        check("it is kept", "ledger.sqlite3" in records)
        print("The power is pulled, and comes back")
        it.pull_the_power()
        it.boot()
        shown = it.ssh("device ledger tail --json 2>/dev/null || device ledger tail")
        check("what was said is still known", "France" in shown or "Paris" in shown, shown[-200:])
