"""The shipped units: valid, hardened, and what they promise."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[1] / "systemd"
MOST_EXPOSURE = 1.5
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")


def unit(name: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNITS / name)
    return parser


@pytest.fixture
def installed(tmp_path) -> Path:
    """The units where systemd-analyze finds them, their program being one that is there."""
    for path in [*UNITS.glob("*.service"), *UNITS.glob("*.path")]:
        text = re.sub(r"^(Exec(?:Start|Reload))=\S+", r"\1=/bin/true", path.read_text(), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text)
    return tmp_path


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(installed):
    units = sorted(map(str, installed.iterdir()))
    found = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", *units],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    about_ours = [line for line in found.stderr.splitlines() if str(installed) in line or "device" in line]
    assert (found.returncode, about_ours) == (0, [])


def exposure(path: Path) -> float:
    found = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", found.stdout)
    assert level is not None, found.stderr
    return float(level[1])


@needs_systemd
def test_the_service_exposes_little(installed):
    assert exposure(installed / "device.service") <= MOST_EXPOSURE


@needs_systemd
def test_the_drop_in_that_opens_the_network_says_what_it_costs(installed):
    drop_in = (UNITS / "network.conf").read_text()
    closed, said = exposure(installed / "device.service"), re.search(r"rises from (\d\.\d) to (\d\.\d)", drop_in)
    with (installed / "device.service").open("a") as file:
        file.write(drop_in)
    assert said is not None
    opened = exposure(installed / "device.service")
    assert [closed, opened] == pytest.approx([float(said[1]), float(said[2])], abs=0.3), (
        "it depends on systemd's version"
    )


def test_the_service_is_its_own_user_without_a_network_and_with_a_watchdog():
    service = unit("device.service")["Service"]
    assert service["User"] not in ("root", "voice")
    assert service["PrivateNetwork"] == "yes"
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) > 0
    assert int(service["TimeoutStopSec"]) <= 3
    assert int(service["LimitRTPRIO"]) > 0


def test_the_service_reloads_as_the_command_does_and_its_unit_hides_no_option():
    service = unit("device.service")["Service"]
    assert service["ExecReload"] == service["ExecStart"].replace("run --service", "reload")
    from device.config import load

    assert "DEVICE_MODELS=" in (UNITS / "device.service").read_text()
    set_ = re.findall(r"DEVICE_[A-Z]+_[A-Z_]+", (UNITS / "device.service").read_text())
    assert set(load(environment=dict.fromkeys(set_, "")).origins.values()) == {"default"}


def test_the_services_user_and_groups_are_made():
    text = (UNITS / "device.sysusers").read_text()
    service = unit("device.service")["Service"]
    assert f"u {service['User']} " in text
    for group in service["SupplementaryGroups"].split():
        assert f"m {service['User']} {group}" in text
        assert group == "audio" or f"g {group} " in text


def test_a_wish_to_power_off_is_a_file_that_the_path_unit_waits_for():
    assert unit("device-power-off.path")["Path"]["PathExists"] == "/run/device/power-off"
    assert unit("device.service")["Service"]["RuntimeDirectory"] == "device"
