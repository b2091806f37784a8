"""Room, inodes, wear, and disks that have become read-only."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from device.adapters.doctor.disk import inodes, space, wear, writable
from tests.adapters.doctor.judging import has_failed, is_absent, is_not_known, is_well, warns


@pytest.fixture
def room(monkeypatch):
    """Every file system has so much room."""

    def say(*, free_mb: int = 10_000, files: int = 1000, free_files: int = 900):
        found = SimpleNamespace(f_bavail=free_mb * 1_000_000, f_frsize=1, f_files=files, f_favail=free_files)
        monkeypatch.setattr(os, "statvfs", lambda _: found)

    return say


@pytest.mark.parametrize(("free_mb", "verdict"), [(5000, is_well), (300, warns), (20, has_failed)])
def test_room_is_told(device, room, free_mb, verdict):
    room(free_mb=free_mb)
    assert verdict(space(device()))


@pytest.mark.parametrize(
    ("files", "free_files", "verdict"),
    [(1000, 500, is_well), (1000, 20, warns), (1000, 0, has_failed), (0, 0, is_absent)],
)
def test_inodes_are_told_where_there_are_any(device, room, files, free_files, verdict):
    room(files=files, free_files=free_files)
    assert verdict(inodes(device()))


def test_the_real_disk_can_be_looked_at(device, tmp_path):
    patient = device(state_directory=tmp_path / "not" / "yet" / "there")
    assert "MB are free at" in space(patient).says
    assert inodes(patient).says


def test_a_place_that_may_not_be_seen_is_looked_at_from_above(device, tmp_path, monkeypatch):
    hidden, stat = tmp_path / "hidden" / "state", Path.stat

    def refuse(path, **more):
        if path.is_relative_to(hidden):
            raise PermissionError(13, "Permission denied")
        return stat(path, **more)

    hidden.mkdir(parents=True)
    patient = device(state_directory=hidden)
    monkeypatch.setattr(Path, "stat", refuse)
    assert f"free at {tmp_path / 'hidden'}." in space(patient).says


@pytest.mark.parametrize(
    ("life", "alarm", "verdict"),
    [
        ("0x01 0x02", "0x01", is_well),
        ("0x03 0x09", "0x01", warns),
        ("0x01 0x01", "0x02", warns),
        ("0x0B 0x01", "0x01", has_failed),
        ("0x01 0x01", "0x03", has_failed),
        ("0x00 0x00", "0x00", is_not_known),
        ("", "", is_not_known),
    ],
)
def test_a_cards_wear_is_told_where_it_can_be_read(device, life, alarm, verdict):
    place = "sys/block/mmcblk0/device"
    files = {f"{place}/life_time": life, f"{place}/pre_eol_info": alarm} if life else {f"{place}/name": "SD\n"}
    assert verdict(wear(device(files)))


def test_without_a_card_there_is_no_wear(device):
    assert is_absent(wear(device({"sys/block/nvme0n1/size": "1"})))


def test_a_disk_that_became_read_only_has_failed(device, tmp_path):
    state = tmp_path / "state"
    mounts = f"/dev/root / ext4 {{}} 0 0\ntmpfs /tmp/elsewhere tmpfs ro 0 0\n/dev/sda1 {state} ext4 {{}} 0 0\n"
    assert is_well(writable(device({"proc/self/mounts": mounts.format("ro", "rw,noatime")})))
    assert has_failed(writable(device({"proc/self/mounts": mounts.format("rw", "ro,noatime")})), f"{state}")


def test_mount_points_with_blanks_are_understood(device, tmp_path):
    state = tmp_path / "a state"
    state.mkdir()
    mounts = f"/dev/root / ext4 rw 0 0\n/dev/sda1 {str(state).replace(' ', chr(92) + '040')} ext4 ro 0 0\n"
    assert has_failed(writable(device({"proc/self/mounts": mounts}, state_directory=state)))


def test_without_a_list_of_mounts_it_is_not_known(device):
    assert is_not_known(writable(device()))
