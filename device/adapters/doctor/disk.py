"""The disk or card: room, inodes, wear, and whether it has become read-only.

Sources: statvfs(3); JESD84-B51's DEVICE_LIFE_TIME_EST and PRE_EOL_INFO, which the kernel shows of eMMC (few SD cards
have them); /proc/self/mounts.
"""

import os
from pathlib import Path

from device.adapters.doctor.patient import Patient
from device.core.findings import Finding, failed, not_here, not_known, together, warning, well

LEAST_MB, FEW_MB = 50, 500
FEW_INODES = 0.05
ROOM = "Make room: device models list shows what models take (device models remove), and sudo apt clean helps."
NEW_CARD = "Copy what you need (device ledger export) and replace the card; one made for endurance lasts longer."
LIFE_STEPS = 10
"""In this many steps life is used up; the next one means that it is exceeded."""


def space(patient: Patient) -> Finding:
    """Whether there is room for what is said and for models."""
    return together(_room(place) for place in _places(patient))


def inodes(patient: Patient) -> Finding:
    """Whether there is room for files, however small."""
    return together(_inodes(place) for place in _places(patient))


def _places(patient: Patient) -> list[Path]:
    """Where the agent keeps things: one place for each file system."""
    found: dict[int, Path] = {}
    for wanted in (patient.state_directory, patient.models.directory):
        place, device = _nearest(wanted)
        found.setdefault(device, place)
    return list(found.values())


def _nearest(place: Path) -> tuple[Path, int]:
    """The place itself, or the nearest directory above that is there for us to see, and its file system."""
    while True:
        try:
            return place, place.stat().st_dev
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            if place == place.parent:
                raise
            place = place.parent


def _room(place: Path) -> Finding:
    room = os.statvfs(place)
    free_mb = room.f_bavail * room.f_frsize / 1e6
    says = f"{free_mb:.0f} MB are free at {place}."
    if free_mb < LEAST_MB:
        return failed(says, ROOM)
    return warning(says, ROOM) if free_mb < FEW_MB else well(says)


def _inodes(place: Path) -> Finding:
    room = os.statvfs(place)
    if not room.f_files:
        return not_here(f"The file system of {place} does not count its files.")
    share = room.f_favail / room.f_files
    says = f"{share:.0%} of the inodes are free at {place}."
    if room.f_favail == 0:
        return failed(says, ROOM)
    return warning(says, ROOM) if share < FEW_INODES else well(says)


def wear(patient: Patient) -> Finding:
    """How much of its life a card has used, where it tells."""
    blocks = patient.at("sys/block")
    cards = sorted(path.name for path in blocks.glob("mmcblk*") if "boot" not in path.name and "rpmb" not in path.name)
    if not cards:
        return not_here("There is no card.")
    found = [finding for card in cards if (finding := _wear(patient, card)) is not None]
    return together(found) if found else not_known("The card does not tell its wear; most SD cards do not.")


def _wear(patient: Patient, card: str) -> Finding | None:
    steps = [int(word, 16) for word in patient.text(f"sys/block/{card}/device/life_time").split()]
    alarm = patient.text(f"sys/block/{card}/device/pre_eol_info")
    if not any(steps):
        return None
    used = max(steps)
    says = f"{card} has used up to {min(used, LIFE_STEPS) * 10} % of its life."
    if used > LIFE_STEPS or (alarm and int(alarm, 16) >= 3):
        return failed(says, NEW_CARD)
    return warning(says, NEW_CARD) if used >= 9 or (alarm and int(alarm, 16) == 2) else well(says)


def writable(patient: Patient) -> Finding:
    """Whether the file system of the conversation may be written; the kernel makes a broken one read-only."""
    place = patient.state_directory
    best, options = "", ""
    for line in patient.text("proc/self/mounts").splitlines():
        fields = line.split()
        mount = fields[1].encode().decode("unicode_escape")
        if len(mount) >= len(best) and Path(os.path.realpath(place)).is_relative_to(mount):
            best, options = mount, fields[3]
    if not best:
        return not_known("The mounted file systems cannot be read.")
    if "ro" in options.split(","):
        return failed(
            f"The file system {best}, where the conversation is, is read-only.",
            "After a fault the kernel mounts a disk so: look at sudo dmesg, check the card (fsck).",
        )
    return well(f"The file system {best} can be written.")
