"""The checks side by side: one that breaks or hangs spoils no other."""

import threading

from device.adapters.doctor.checks import all_checks
from device.adapters.doctor.examination import examine
from device.adapters.doctor.patient import Patient
from device.core.findings import Outcome, well
from device.errors import DeviceError


def test_a_check_that_breaks_is_not_known_and_the_others_go_on(device):
    def broken(patient):
        raise ValueError("no such bit")

    def refused(patient):
        raise DeviceError("systemctl did not answer.")

    verdicts = examine(device(), {"a": broken, "b": lambda _: well("Fine."), "c": refused})
    assert [one.check for one in verdicts] == ["a", "b", "c"]
    assert [one.finding.outcome for one in verdicts] == [Outcome.NOT_KNOWN, Outcome.OK, Outcome.NOT_KNOWN]
    assert verdicts[0].finding.says == "could not be checked: ValueError: no such bit"
    assert verdicts[2].finding.says == "could not be checked: systemctl did not answer."


def test_a_check_that_hangs_is_not_waited_for(device):
    for_ever = threading.Event()
    verdicts = examine(
        device(), {"a": lambda _: for_ever.wait() and well(""), "b": lambda _: well("Fine.")}, seconds=0.05
    )
    for_ever.set()
    assert [one.finding.outcome for one in verdicts] == [Outcome.NOT_KNOWN, Outcome.OK]
    assert "did not come to an end" in verdicts[0].finding.says


def test_the_agent_is_asked_once_by_all_checks_together(device):
    asked = []
    patient = device(ask_agent=lambda: asked.append(1) or {"pid": 1, "version": "1.2"})
    examine(patient, all_checks(lambda _: None))
    assert asked == [1]


def test_nothing_at_all_breaks_a_check(device, tmp_path):
    """A root with nothing in it, and one in which every file is rubbish: a verdict each, and no crash."""
    bare = device(root=tmp_path / "bare", program=tmp_path)
    for verdict in examine(bare, all_checks(lambda _: None)):
        assert "could not be checked" not in verdict.finding.says, verdict
    names = [
        "proc/meminfo",
        "proc/vmstat",
        "proc/locks",
        "proc/asound/cards",
        "proc/self/mounts",
        "etc/group",
        "sys/class/thermal/thermal_zone0/temp",
        "sys/block/mmcblk0/device/life_time",
        "sys/devices/platform/soc/soc:firmware/get_throttled",
        "proc/12/cmdline",
        "etc/systemd/system/device.service",
    ]
    rubbish = device(dict.fromkeys(names, "\x00\x7f: kB \n oom_kill x\n:::: 0x"), programs={})
    for verdict in examine(rubbish, all_checks(lambda _: None)):
        assert verdict.finding.says


def test_this_very_computer_can_be_looked_at(tmp_path):
    from pathlib import Path

    import device as package
    from device.adapters.models.store import ModelStore
    from device.config import load

    real = Patient(
        config=load(environment={}).config,
        state_directory=tmp_path,
        models=ModelStore.default(),
        version=package.__version__,
        program=Path(package.__file__).parents[1],
    )
    found = {one.check: one.finding for one in examine(real, all_checks(lambda _: None), seconds=60)}
    assert found["memory"].outcome is not Outcome.NOT_KNOWN
    assert "MB are free" in found["disk space"].says
    assert not [one for one in found.values() if "could not be checked" in one.says]
