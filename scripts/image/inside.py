"""Puts an image together, as root of a name space of its own (stages.assemble runs it so): python3 inside.py job.json.

Debian's archive is unpacked, this clone is installed into it by its own scripts/install, in the same way as on a device
but for the compiling and the network, and the result is written into a file: a partition table, a FAT partition that
the board starts from, and ext4.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from boot_files import problems
from contents import contents

HERE = Path(__file__).parent
LABEL = "device-root"
BOOT_MB = 512
SPARE_MB = 300
"""Free room in the image's file system, for its first start; it grows to the card then."""
MIB = 1 << 20
FIRST_MIB = 4
"""Where the first partition begins: a card's erase block."""
LIBRARY = "usr/local/lib/device-image"

NETWORK = "[Match]\nName={name}\n\n[Network]\nDHCP=yes\nMulticastDNS=yes\n{more}"
FSTAB = f"LABEL={LABEL} / ext4 noatime,errors=remount-ro 0 1\nLABEL=BOOT /boot/firmware vfat umask=0077 0 2\n"
# One line a minute at most is written for hours; what is urgent is written at once.
JOURNAL = "[Journal]\nStorage=persistent\nSystemMaxUse=48M\nSyncIntervalSec=15m\nRateLimitBurst=2000\n"
LOADER = "timeout 2\ndefault device.conf\neditor no\n"
UEFI_HOOK = """#!/bin/sh
# The newest kernel and its initramfs, where the boot loader finds them.
set -e
newest() { ls /boot/"$1"-* 2> /dev/null | sort -V | tail -n 1; }
[ -d /boot/firmware/loader ] && [ -n "$(newest vmlinuz)" ] && [ -n "$(newest initrd.img)" ] || exit 0
for name in vmlinuz initrd.img; do
  cp "$(newest $name)" /boot/firmware/$name.part
  mv /boot/firmware/$name.part /boot/firmware/$name
done
"""
TREES_HOOK = """#!/bin/sh
# Newer kernels have their device trees beside their modules; raspi-firmware looks where the older ones had them.
set -e
for trees in /usr/lib/modules/*/dtb; do
  [ -d "$trees" ] || continue
  version=$(basename "$(dirname "$trees")")
  [ -e "/usr/lib/linux-image-$version" ] || ln -s "$trees" "/usr/lib/linux-image-$version"
done
"""
IMAGE_DROP_IN = """# An image's own: what the first start does is done before the agent looks.
[Unit]
After=device-first-boot.service device-models.service
ConditionPathExists=!/etc/device/models-to-fetch
"""
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/root/wheels",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1", "DEVICE_CARDS": "/dev/null", "DEVICE_TREE": "/nonexistent",
    "DEVICE_ENVIRONMENT": "/root/environment", "DEVICE_UNPACKED": "1", "PIP_NO_COMPILE": "1",
}  # fmt: skip


class Image:
    """One image in the making; `job` says of what."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        self.work = Path(job["work"])
        self.root = self.work / "root"

    def make(self) -> None:
        """Everything, step by step."""
        os.umask(0o022)  # whoever builds it
        for step in (
            self.unpack,
            self.install,
            self.configure,
            self.prepare_boot,
            self.check_boot,
            self.clean,
            self.list,
            self.write,
        ):
            print(f"== {step.__name__}", flush=True)
            step()

    # --- the parts ---------------------------------------------------------------------------------------------------

    def unpack(self) -> None:
        """Debian, and what is installed into it."""
        self._remove_root()
        self.root.mkdir(parents=True)
        run("tar", "-xpf", self.job["base"], "-C", self.root, "--numeric-owner", "--exclude=./dev/*")
        source = self.root / "root/device"
        source.mkdir()
        run("tar", "-xf", self.job["source"], "-C", source)
        shutil.copytree(self.job["wheels"], self.root / "root/wheels")
        self._unpack_packages(self.root / "root/environment")
        for directory, target in self.job["copies"].items():
            shutil.copytree(directory, self.root / target, dirs_exist_ok=True)
        run("chown", "-R", "0:0", self.root / "root", self.root / "opt")
        run("chmod", "-R", "go+rX", self.root / "opt")  # the models in the builder's cache may be their own alone
        run("mount", "-t", "proc", "proc", self.root / "proc")
        run("mount", "--rbind", "/dev", self.root / "dev")

    def _unpack_packages(self, environment: Path) -> None:
        """The agent's Python packages, as pip would under emulation, where unpacking them takes ten times longer."""
        version = self.job["python"]
        packages = environment / f"lib/python{version}/site-packages"
        (environment / "bin").mkdir(parents=True)
        for name in ("python", "python3", f"python{version}"):
            (environment / "bin" / name).symlink_to(f"/usr/bin/python{version}")
        home = f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {version}\n"
        (environment / "pyvenv.cfg").write_text(home)
        wheels = Path(self.job["wheels"])
        run(self.job["pip"], "install", "--quiet", "--no-deps", "--no-index", "--find-links", wheels,
            "--require-hashes", "--only-binary=:all:", f"--python-version={version}", "--implementation=cp",
            *self.job["platforms"], "--no-compile", "--target", packages, "-r", wheels / "target.lock")  # fmt: skip
        for compiled in Path(self.job["llama"]).glob("*.whl"):
            run(self.job["pip"], "install", "--quiet", "--no-deps", "--no-index", "--only-binary=:all:",
                f"--python-version={version}", "--platform=linux_aarch64", "--no-compile", "--target", packages,
                "--upgrade", compiled)  # fmt: skip
        shutil.rmtree(packages / "bin", ignore_errors=True)
        pip = environment / "bin/pip"
        pip.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m pip "$@"\n')
        pip.chmod(0o755)

    def _compile(self) -> None:
        """Python's byte code, which the service may not write: natively, if the same Python is here."""
        place = self.root / "opt/device"
        native = shutil.which(f"python{self.job['python']}")
        if native and subprocess.run([native, "-c", ""], check=False).returncode == 0:
            run(native, "-m", "compileall", "-q", "-j", "0", "-s", self.root, "-p", "/", "--invalidation-mode",
                "unchecked-hash", place)  # fmt: skip
        else:
            self.chroot(
                "python3", "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", "/opt/device"
            )

    def install(self) -> None:
        """The agent, by its own script; what the first start needs."""
        self.chroot("/root/device/scripts/install", "--yes", "--models", self.job["models"], "--fetch-later")
        self._compile()
        library = self.root / LIBRARY
        library.mkdir(parents=True)
        shutil.copy(HERE / "first_boot.py", library)
        units = ["device.service", "device-power-off.path", "device-first-boot.service"]
        for unit in ("device-first-boot.service", "device-models.service"):
            shutil.copy(HERE / unit, self.root / "etc/systemd/system" / unit)
        if self.job["fetched"]:
            self.write_file("etc/device/models-to-fetch", "\n".join(self.job["fetched"]) + "\n")
            units.append("device-models.service")
        self.write_file("etc/systemd/system/device.service.d/image.conf", IMAGE_DROP_IN)
        self.chroot("systemctl", "enable", *units, "systemd-networkd", "systemd-resolved", "systemd-timesyncd", "ssh")
        self.chroot("systemctl", "disable", "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer",
                    "systemd-networkd-wait-online.service")  # fmt: skip

    def configure(self) -> None:
        """The system's own settings."""
        self.write_file("etc/hostname", "device\n")
        self.write_file("etc/hosts", "127.0.0.1 localhost\n127.0.1.1 device\n::1 localhost ip6-localhost\n")
        self.write_file("etc/fstab", FSTAB)
        self.write_file("etc/systemd/journald.conf.d/card.conf", JOURNAL)
        self.write_file("etc/systemd/network/20-cable.network", NETWORK.format(name="en* eth*", more=""))
        wireless = "IgnoreCarrierLoss=3s\n\n[DHCPv4]\nRouteMetric=600\n"
        self.write_file("etc/systemd/network/25-wireless.network", NETWORK.format(name="wl*", more=wireless))
        self.write_file("etc/ssh/sshd_config.d/10-first-boot.conf", "PasswordAuthentication no\nPermitRootLogin no\n")
        suites = " ".join(self.job["suites"])
        self.write_file("etc/apt/sources.list", "")
        self.write_file(
            "etc/apt/sources.list.d/debian.sources",
            f"Types: deb\nURIs: {self.job['mirror']}\nSuites: {suites}\nComponents: main non-free-firmware\n"
            "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"
            f"Types: deb\nURIs: {self.job['mirror']}-security\nSuites: {self.job['suites'][0]}-security\n"
            "Components: main non-free-firmware\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n",
        )

    def prepare_boot(self) -> None:
        """What the board starts from, in /boot/firmware."""
        boot = self.root / "boot/firmware"
        boot.mkdir(parents=True, exist_ok=True)
        options = f"net.ifnames=0 rootwait fsck.repair=yes {self.job['consoles']}"
        if self.job["firmware"]:
            consoles = self.job["consoles"].replace("console=", "")
            self.write_file("etc/default/raspi-firmware", f'ROOTPART="LABEL={LABEL}"\nCMA=0\nCONSOLES="{consoles}"\n')
            for directory in ("kernel/postinst.d", "initramfs/post-update.d"):
                self.write_file(f"etc/{directory}/y-device-trees", TREES_HOOK, 0o755)
            self.chroot("/etc/kernel/postinst.d/y-device-trees")
            self.chroot("env", "DEB_MAINT_PARAMS=configure", "/etc/kernel/postinst.d/z50-raspi-firmware")
        else:
            loader = self.root / "usr/lib/systemd/boot/efi/systemd-bootaa64.efi"
            for target in ("EFI/BOOT/BOOTAA64.EFI", "EFI/systemd/systemd-bootaa64.efi"):
                (boot / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(loader, boot / target)
            entry = f"title Voice agent\nlinux /vmlinuz\ninitrd /initrd.img\noptions root=LABEL={LABEL} rw {options}\n"
            self.write_file("boot/firmware/loader/loader.conf", LOADER)
            self.write_file("boot/firmware/loader/entries/device.conf", entry)
            for directory in ("kernel/postinst.d", "initramfs/post-update.d"):
                self.write_file(f"etc/{directory}/zz-device-boot", UEFI_HOOK, 0o755)
            self.chroot("/etc/kernel/postinst.d/zz-device-boot")
        shutil.copy(HERE / "device-setup-sample.toml", boot)

    def check_boot(self) -> None:
        """Whether the board will find what it starts from. Raises SystemExit."""
        if missing := problems(self.root, self.job["starts_from"], self.job["drivers"]):
            raise SystemExit("\n".join(["The card would not start:", *missing]))

    def clean(self) -> None:
        """Nothing of this computer, and nothing that two devices must not share."""
        for path in ("root/device", "root/wheels", "root/.cache", "var/lib/apt/lists", "var/cache/apt"):
            shutil.rmtree(self.root / path, ignore_errors=True)
        run("find", self.root / "tmp", "-mindepth", "1", "-delete")
        run("find", self.root / "var/log", "-type", "f", "-delete")
        for key in (self.root / "etc/ssh").glob("ssh_host_*"):
            key.unlink()
        (self.root / "var/lib/systemd/random-seed").unlink(missing_ok=True)
        self.write_file("etc/machine-id", "")  # made when it first starts; empty, so that nothing asks at the console
        (self.root / "var/lib/dbus/machine-id").unlink(missing_ok=True)
        resolver = self.root / "etc/resolv.conf"
        resolver.unlink(missing_ok=True)
        resolver.symlink_to("../run/systemd/resolve/stub-resolv.conf")
        run("umount", self.root / "proc")
        run("umount", "--recursive", self.root / "dev")

    def list(self) -> None:
        """What is in it, with the licences, beside the image and in it."""
        text = contents(self.root, self.job["licences"], self.job["fetched"])
        Path(self.job["contents"]).write_text(text)
        self.write_file("usr/share/doc/device-image/contents.tsv", text)

    def write(self) -> None:
        """The image's file."""
        image, boot = Path(self.job["image"]), self.root / "boot/firmware"
        kib = int(
            subprocess.run(["du", "-sk", self.root], text=True, capture_output=True, check=True).stdout.split()[0]
        )
        root_mib = int(kib / 1024 * 1.08) + SPARE_MB
        with image.open("wb") as file:
            file.truncate((FIRST_MIB + BOOT_MB + root_mib) * MIB)
        table = (
            f"label: dos\nlabel-id: 0x{self.job['serial']}\n"
            f"start={FIRST_MIB}MiB, size={BOOT_MB}MiB, type={'c' if self.job['firmware'] else 'ef'}, bootable\n"
            f"start={FIRST_MIB + BOOT_MB}MiB, size={root_mib}MiB, type=83\n"
        )
        subprocess.run(["sfdisk", "--quiet", image], input=table, text=True, check=True)
        fat = self.work / "boot.fat"
        fat.unlink(missing_ok=True)
        run(
            "mkfs.vfat",
            "-F",
            "32",
            "-n",
            "BOOT",
            "-i",
            self.job["serial"],
            "--invariant",
            "-C",
            fat,
            str(BOOT_MB * 1024),
        )
        run("mcopy", "-s", "-m", "-Q", "-i", fat, *sorted(boot.iterdir()), "::/")
        run("dd", f"if={fat}", f"of={image}", "bs=1M", f"seek={FIRST_MIB}", "conv=notrunc,sparse", "status=none")
        shutil.rmtree(boot)
        boot.mkdir()
        uuid = self.job["uuid"]
        run("mke2fs", "-q", "-F", "-t", "ext4", "-m", "2", "-L", LABEL, "-U", uuid, "-d", self.root,
            "-E", f"offset={(FIRST_MIB + BOOT_MB) * MIB},hash_seed={uuid},lazy_itable_init=1", image, f"{root_mib}M",
            environment={"E2FSPROGS_FAKE_TIME": self.job["epoch"]})  # fmt: skip
        self._remove_root()

    # --- by what -----------------------------------------------------------------------------------------------------

    def chroot(self, *command: str) -> None:
        """Run a command of the system in the making."""
        subprocess.run(["chroot", self.root, *command], check=True, env=ENVIRONMENT, stdin=subprocess.DEVNULL)

    def write_file(self, path: str, text: str, mode: int = 0o644) -> None:
        """A file of the system in the making."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def _remove_root(self) -> None:
        """What an interrupted run left; its mounts went with its name space."""
        if self.root.exists():
            run("rm", "-rf", "--one-file-system", self.root)


def run(*command: object, environment: dict[str, str] | None = None) -> None:
    """Run a command of this computer. Raises CalledProcessError."""
    subprocess.run(list(map(str, command)), check=True, env={**os.environ, **(environment or {})})


if __name__ == "__main__":
    Image(json.loads(Path(sys.argv[1]).read_text())).make()
