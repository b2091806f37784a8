"""The boards that images are made for: what is installed on each, how llama.cpp is compiled for it, how it starts."""

from collections.abc import Mapping
from dataclasses import dataclass

SUITE = "trixie"
MIRROR = "http://deb.debian.org/debian"
COMPONENTS = "main,non-free-firmware"

PACKAGES = (
    # the system
    "systemd systemd-sysv systemd-resolved systemd-timesyncd dbus udev kmod procps iproute2 ca-certificates tzdata "
    "fdisk e2fsprogs dosfstools initramfs-tools zstd less nano openssh-server sudo "
    # Wi-Fi
    "wpasupplicant wireless-regdb firmware-brcm80211 "
    # what the agent needs
    "python3 python3-venv libportaudio2 libgomp1 alsa-utils"
).split()


@dataclass(frozen=True, kw_only=True)
class Board:
    """`march` and `mtune` are GCC's names of the processor; `kernel_suite` is where its kernel comes from."""

    about: str
    march: str
    mtune: str
    packages: tuple[str, ...]
    kernel_suite: str = SUITE
    consoles: str = "console=tty0"
    starts_from: tuple[str, ...]
    """What must be on the boot partition."""
    drivers: tuple[str, ...]
    """What the kernel needs before it has found the system: the card's controller, the file system."""
    firmware: bool = False
    """Whether it starts by the Raspberry Pi's firmware; the others start by UEFI."""


BOARDS: Mapping[str, Board] = {
    "pi4": Board(
        about="Raspberry Pi 4, 400, CM4",
        march="armv8-a+crc",
        mtune="cortex-a72",
        packages=("raspi-firmware",),
        starts_from=(
            "start4.elf",
            "fixup4.dat",
            "bcm2711-rpi-4-b.dtb",
            "bcm2711-rpi-400.dtb",
            "bcm2711-rpi-cm4-io.dtb",
        ),
        drivers=("ext4", "mmc_block", "sdhci_iproc", "pcie_brcmstb", "xhci_pci"),
        consoles="console=tty0 console=ttyS1,115200",
        firmware=True,
    ),
    "pi5": Board(
        about="Raspberry Pi 5, 500, CM5",
        march="armv8.2-a+fp16+dotprod+crypto",
        mtune="cortex-a76",
        packages=("raspi-firmware",),
        starts_from=("bcm2712-rpi-5-b.dtb",),
        drivers=("ext4", "mmc_block", "sdhci_brcmstb", "pcie_brcmstb"),
        # Its USB, Ethernet and pins are behind the RP1, which the kernel of the stable suite does not know yet.
        kernel_suite=f"{SUITE}-backports",
        consoles="console=tty0 console=ttyAMA10,115200",
        firmware=True,
    ),
    "generic-arm64": Board(
        about="any arm64 computer or virtual machine that starts by UEFI",
        march="armv8-a",
        mtune="generic",
        packages=("systemd-boot-efi",),
        starts_from=("EFI/BOOT/BOOTAA64.EFI", "loader/loader.conf"),
        drivers=("ext4", "virtio_blk", "nvme", "sd_mod"),
        consoles="console=tty0 console=ttyAMA0,115200",
    ),
}

FREE_LICENCES = frozenset(
    "MIT Apache-2.0 BSD-2-Clause BSD-3-Clause CC-BY-4.0 CC-BY-SA-4.0 CC0-1.0 ISC Unlicense".split()
)
"""Models under these are in the image; others the device fetches when it first starts."""
