"""Whether a boot partition in the making has all that its board starts from; a card that lacks some says nothing.

The firmware takes kernel, initramfs and device tree by the names in config.txt, the boot loader by those in its entry;
the kernel's own drivers for the card must be built in or in the initramfs (Documentation/driver-api/early-userspace).
"""

import gzip
import re
import subprocess
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

ZSTD, GZIP, CPIO = b"\x28\xb5\x2f\xfd", b"\x1f\x8b", b"0707"
HEADER_BYTES = 110


def problems(root: Path, files: Sequence[str], drivers: Sequence[str]) -> list[str]:
    """What is missing, a sentence each; `root` is the system's, whose boot partition is under boot/firmware."""
    boot = root / "boot/firmware"
    found = [f"{name} is missing." for name in files if not _is_there(boot / name)]
    named = _named(boot)
    if len(named) < 2:
        found.append("No kernel and initramfs are named to start.")
    found += [f"{name}, which is to be started, is missing." for name in named if not _is_there(boot / name)]
    if "root=LABEL=" not in _text(boot / "cmdline.txt") + _text(boot / "loader/entries/device.conf"):
        found.append("The kernel is not told where the system is.")
    initramfs = next((boot / name for name in named if "initrd" in name and _is_there(boot / name)), None)
    if initramfs is not None:
        present = _drivers(initramfs.read_bytes(), root)
        found += [
            f"The driver {driver} is neither in the kernel nor in the initramfs."
            for driver in drivers
            if driver not in present
        ]
    return found


def _is_there(path: Path) -> bool:
    return path.is_dir() or (path.is_file() and path.stat().st_size > 0)


def _text(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


def _named(boot: Path) -> list[str]:
    """What the firmware's configuration, or the boot loader's, says to start."""
    by_firmware = re.findall(r"^(?:kernel=|initramfs )(\S+)", _text(boot / "config.txt"), re.MULTILINE)
    by_loader = re.findall(r"^(?:linux|initrd) /(\S+)", _text(boot / "loader/entries/device.conf"), re.MULTILINE)
    return by_firmware or by_loader


def _drivers(initramfs: bytes, root: Path) -> set[str]:
    """The drivers that the kernel has when it looks for the card, by their names with underscores."""
    names = list(members(initramfs))
    versions = [match[1] for name in names if (match := re.match(r"(?:usr/)?lib/modules/([^/]+)/", name))]
    builtin = _text(root / f"usr/lib/modules/{versions[0]}/modules.builtin").split() if versions else []
    files = [*builtin, *(name for name in names if ".ko" in name)]
    return {Path(file).name.partition(".ko")[0].replace("-", "_") for file in files}


def members(initramfs: bytes) -> Iterator[str]:
    """The names of an initramfs's files: a compressed archive, perhaps behind archives that are not."""
    while initramfs:
        if initramfs.startswith(ZSTD):
            initramfs = subprocess.run(["zstd", "-dcq"], input=initramfs, capture_output=True, check=True).stdout
        elif initramfs.startswith(GZIP):
            initramfs = gzip.decompress(initramfs)
        elif not initramfs.startswith(CPIO):
            raise SystemExit("The initramfs is compressed in a way that is not known here.")
        end = yield from _archive(initramfs)
        initramfs = initramfs[end:].lstrip(b"\0")


def _archive(archive: bytes) -> Generator[str, None, int]:
    """The names in an archive of the newc format (cpio(5)); returns where it ends."""
    at = 0
    while archive[at : at + 4] == CPIO:
        size, length = (int(archive[at + begin : at + begin + 8], 16) for begin in (54, 94))
        name = archive[at + HEADER_BYTES : at + HEADER_BYTES + length - 1].decode(errors="replace")
        at = _aligned(_aligned(at + HEADER_BYTES + length) + size)
        if name == "TRAILER!!!":
            break
        yield name.removeprefix("./")
    return at


def _aligned(at: int) -> int:
    return (at + 3) // 4 * 4
