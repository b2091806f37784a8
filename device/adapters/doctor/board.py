"""The board's pins, and the groups that let the service use what it needs."""

import os
import stat

from device.adapters.doctor.patient import Patient
from device.core.findings import Finding, failed, not_here, together, warning, well

SERVICE_USER = "device"
NEEDED = {"audio": "sound", "gpio": "pins", "spi": "the LED strip"}


def pins(patient: Patient) -> Finding:
    """Whether the buttons, LEDs and outputs of the configuration can be reached."""
    if patient.config is None or patient.config.board.kind in ("none", "mock"):
        return not_here("No board's pins are used.")
    board = patient.config.board
    found = []
    if board.button or board.second_button or board.led in ("plain", "rgb") or board.outputs:
        found.append(_chips(patient))
    if board.led == "strip":
        found.append(_node(patient, board.led_bus, "spi", "Switch SPI on (raspi-config, or jetson-io on a Jetson)."))
    return together(found) if found else not_here("No button, LED or output is configured.")


def _chips(patient: Patient) -> Finding:
    chips = sorted(patient.at("dev").glob("gpiochip*"))
    if not chips:
        return failed(
            "This computer has no pins (/dev/gpiochip*).",
            "Set board.kind to none, or use a board that has pins (hardware.md).",
        )
    return _node(patient, f"/dev/{chips[0].name}", "gpio", "Install the udev rule: sudo scripts/install does.")


def _node(patient: Patient, path: str, group: str, absent: str) -> Finding:
    """Whether a device's node is there, and its users' group may use it."""
    node = patient.at(path.lstrip("/"))
    if not node.exists():
        return failed(f"{path} is not there.", absent)
    about = node.stat()
    readable = stat.S_IRGRP | stat.S_IWGRP
    ours = patient.user in (0, about.st_uid) or about.st_gid in patient.groups
    if patient.service_installed:
        wanted = _members(patient).get(group)
        open_ = wanted is not None and about.st_gid == wanted[1] and about.st_mode & readable == readable
    else:
        open_ = ours or os.access(node, os.R_OK | os.W_OK)
    if not open_:
        return failed(
            f"{path} is not open to the group {group}.",
            "sudo udevadm control --reload && sudo udevadm trigger puts the shipped rule in force (scripts/install).",
        )
    return well(f"{path} can be used.")


def groups(patient: Patient) -> Finding:
    """Whether the service's user, and you, are in the groups that open what is needed."""
    if not patient.service_installed:
        return not_here("No service is installed, so nothing depends on groups.")
    members = _members(patient)
    lacking = [name for name in NEEDED if SERVICE_USER not in members.get(name, ((), 0))[0]]
    if lacking:
        what = ", ".join(f"{name} ({NEEDED[name]})" for name in lacking)
        return failed(
            f"The service's user {SERVICE_USER} is not in the groups {what}.",
            f"sudo usermod -aG {','.join(lacking)} {SERVICE_USER} && sudo systemctl restart device",
        )
    own = members.get(SERVICE_USER)
    if patient.user != 0 and own is not None and own[1] not in patient.groups:
        return warning(
            f"You are not in the group {SERVICE_USER}, so commands do not reach the service.",
            f"sudo usermod -aG {SERVICE_USER} $USER, and log in anew; or use sudo.",
        )
    return well("The service's user and you are in the groups that are needed.")


def _members(patient: Patient) -> dict[str, tuple[tuple[str, ...], int]]:
    """Each group's members and number."""
    lines = (line.split(":") for line in patient.text("etc/group").splitlines())
    return {line[0]: (tuple(line[3].split(",")), int(line[2])) for line in lines if len(line) == 4}
