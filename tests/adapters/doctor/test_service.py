"""The service and its watchdog, by what systemd and the journal say."""

import pytest

from device.adapters.doctor.service import service, watchdog
from device.adapters.programs import Finished
from device.errors import DeviceError
from tests.adapters.doctor.judging import has_failed, is_absent, is_not_known, is_well, warns

INSTALLED = {"etc/systemd/system/device.service": "[Unit]\n", "run/systemd/system/x": ""}
GOOD = {
    "ActiveState": "active",
    "Result": "success",
    "NRestarts": "0",
    "UnitFileState": "enabled",
    "StatusText": "ready",
}


def systemctl(**changes: str) -> dict[str, Finished]:
    out = "".join(f"{name}={value}\n" for name, value in (GOOD | changes).items())
    return {"systemctl": Finished(code=0, out=out)}


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({}, is_well, ""),
        ({"ActiveState": "failed", "Result": "watchdog"}, has_failed, "watchdog"),
        ({"ActiveState": "inactive"}, has_failed, "systemctl start device"),
        ({"ActiveState": "activating"}, warns, "starting"),
        ({"NRestarts": "3"}, warns, "3 times"),
        ({"UnitFileState": "disabled"}, warns, "enable"),
    ],
)
def test_what_systemd_says_is_judged(device, changes, verdict, words):
    finding = service(device(INSTALLED, programs=systemctl(**changes)))
    assert verdict(finding)
    assert words in f"{finding.says} {finding.remedy}"


def test_without_a_service_or_systemd_there_is_nothing_to_judge(device):
    assert is_absent(service(device()))
    assert is_absent(watchdog(device()))


def test_a_systemd_that_does_not_answer_is_not_known(device):
    assert is_not_known(service(device(INSTALLED)))
    with pytest.raises(DeviceError):
        service(device(INSTALLED, programs={"systemctl": DeviceError("systemctl did not answer.")}))


HIT = "device.service: Watchdog timeout (limit 30s)!\n"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Finished(code=0, out=HIT * 2), has_failed),
        (Finished(code=1), is_well),
        (
            Finished(code=0, err="Hint: You are currently not seeing messages from other users and the system.\n"),
            is_not_known,
        ),
        (Finished(code=127), is_not_known),
        (None, is_not_known),
    ],
)
def test_the_watchdogs_hits_are_counted(device, answer, verdict):
    finding = watchdog(device(INSTALLED, programs={"journalctl": answer}))
    assert verdict(finding)
    assert verdict is not has_failed or "2 times" in finding.says
