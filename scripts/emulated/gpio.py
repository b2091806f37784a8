"""Drives the pins for real where no board is: on the GPIO that a kernel simulates (gpio-sim), in an emulated computer.

Debian's newer kernels have that module. One of them is started on this computer's own files, read-only, and runs the
tests that need it (tests/adapters/test_gpio_sim.py): every edge and level goes through the kernel's character device.
"""

import lzma
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

MIRROR = "http://deb.debian.org/debian"
SUITE = "trixie-backports"
MODULES = ("9pnet_virtio", "virtio_pci", "9p", "gpio-sim")
SECONDS = 1800.0

# Of each kind of computer: Debian's name, qemu's program and its options, the console.
MACHINES = {
    "x86_64": ("amd64", "qemu-system-x86_64", ["-M", "q35", "-cpu", "max"], "ttyS0"),
    "aarch64": ("arm64", "qemu-system-aarch64", ["-M", "virt", "-cpu", "max"], "ttyAMA0"),
}

INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /host
/bin/busybox mount -t proc proc /proc
for module in $(/bin/busybox cat /modules); do /bin/busybox insmod "$module" || echo "$module: not loaded"; done
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose root /host
/bin/busybox mount -t proc proc /host/proc
/bin/busybox mount -t sysfs sysfs /host/sys
/bin/busybox mount -t devtmpfs devtmpfs /host/dev
/bin/busybox mount -t tmpfs tmpfs /host/tmp
/bin/busybox mount -t configfs configfs /host/sys/kernel/config
/bin/busybox chroot /host /usr/bin/env -i HOME=/tmp PATH=/usr/bin:/bin:/usr/sbin:/sbin PYTHONDONTWRITEBYTECODE=1 \\
  /bin/sh -c 'cd {root} && .venv/bin/python -m pytest -p no:cacheprovider -q -s -rs --color=no {test}'
echo "pytest ended with $?"
/bin/busybox poweroff -f
"""


def missing() -> list[str]:
    """Debian's packages to install first."""
    debian, program, _, _ = MACHINES[platform.machine()]
    tools = {
        program: f"qemu-system-{'x86' if debian == 'amd64' else 'arm'}",
        "busybox": "busybox-static",
        "depmod": "kmod",
    }
    return [
        package for tool, package in tools.items() if shutil.which(tool, path="/usr/bin:/bin:/usr/sbin:/sbin") is None
    ]


def test_pins(root: Path, place: Path, *, check: Callable[..., None]) -> None:
    """Run the tests there; what they print is shown."""
    debian, program, options, console = MACHINES[platform.machine()]
    kernel, modules = _kernel(place, debian)
    initramfs = _initramfs(place, modules, root)
    version = next((modules / "usr/lib/modules").iterdir()).name
    print(f"The pins, on Linux {version} in an emulated computer", flush=True)
    found = subprocess.run(
        [program, *options, "-accel", "tcg,thread=multi", "-m", "1024", "-smp", "2", "-nographic", "-no-reboot",
         "-nic", "none", "-kernel", kernel, "-initrd", initramfs, "-append", f"console={console} quiet panic=-1",
         "-virtfs", "local,path=/,mount_tag=root,security_model=none,readonly=on"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False,
    )  # fmt: skip
    said = [
        line.strip()
        for line in found.stdout.splitlines()
        if "edge is told" in line or " passed" in line or " failed" in line
    ]
    for line in said:
        print(f"  {line.lstrip('.')}")
    well = "pytest ended with 0" in found.stdout and not any("skipped" in line for line in said)
    if not well:
        print(found.stdout[-4000:], found.stderr[-1000:], sep="\n")
    check("edges, levels and every LED pattern go through the kernel, on each of its ways", well)


def _kernel(place: Path, debian: str) -> tuple[Path, Path]:
    """Debian's newest kernel with the module: its file, and the directory of its modules. Kept for the next time."""
    unpacked = place / "kernel"
    if not _found(unpacked):
        apt = place / "apt"
        for directory in ("lists/partial", "cache/archives/partial"):
            (apt / directory).mkdir(parents=True, exist_ok=True)
        (apt / "sources.list").write_text(f"deb {MIRROR} {SUITE} main\n")
        settings = {
            "Dir::State::Lists": apt / "lists", "Dir::Cache": apt / "cache",
            "Dir::Etc::SourceList": apt / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null", "APT::Architecture": debian, "APT::Sandbox::User": "root",
            "Dir::State::Status": "/dev/null",
        }  # fmt: skip
        options = [f"-o{name}={value}" for name, value in settings.items()]
        subprocess.run(["apt-get", *options, "-qq", "update"], check=True)
        show = ["apt-cache", *options, "show", f"linux-image-{debian}"]
        about = subprocess.run(show, check=True, text=True, capture_output=True)
        image = next(word for word in about.stdout.split() if word.startswith("linux-image-") and "+" in word)
        names = [image.replace("linux-image-", f"linux-{part}-") for part in ("binary", "modules")]
        subprocess.run(["apt-get", *options, "-qq", "download", *names], check=True, cwd=apt)
        for package in apt.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True)
            package.unlink()
    return _found(unpacked)[0], unpacked


def _found(unpacked: Path) -> list[Path]:
    """The kernel itself, where newer or older packages have it."""
    return [*unpacked.glob("usr/lib/modules/*/vmlinuz"), *unpacked.glob("boot/vmlinuz-*")]


def _initramfs(place: Path, modules: Path, root: Path) -> Path:
    """What the kernel starts with: busybox, the modules it needs, and what to do."""
    version = next((modules / "usr/lib/modules").iterdir()).name
    base = modules / "usr"
    subprocess.run(["depmod", "-b", base, version], check=True, stderr=subprocess.DEVNULL)
    tree = place / "initramfs"
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "bin").mkdir(parents=True)
    shutil.copy(shutil.which("busybox", path="/usr/bin:/bin") or "busybox", tree / "bin/busybox")
    listed: list[str] = []
    for module in MODULES:
        depends = ["modprobe", "-d", base, "-S", version, "--show-depends", module]
        found = subprocess.run(depends, check=False, text=True, capture_output=True)  # it fails for what is built in
        for line in found.stdout.splitlines():
            if line.startswith("insmod "):
                path = Path(line.split()[1])
                name = f"/{path.name.removesuffix('.xz')}"
                if name not in listed:
                    listed.append(name)
                    raw = path.read_bytes()
                    (tree / name[1:]).write_bytes(lzma.decompress(raw) if path.suffix == ".xz" else raw)
    (tree / "modules").write_text("\n".join(listed) + "\n")
    test = "tests/adapters/test_gpio_sim.py"
    (tree / "init").write_text(INIT.format(root=root, test=test))
    (tree / "init").chmod(0o755)
    names = "\n".join(str(path.relative_to(tree)) for path in [*tree.rglob("*")]) + "\n"
    archive = place / "initramfs.cpio"
    with archive.open("wb") as file:
        subprocess.run(
            ["busybox", "cpio", "-o", "-H", "newc"],
            input=names.encode(),
            stdout=file,
            cwd=tree,
            check=True,
            stderr=subprocess.DEVNULL,
        )
    return archive
