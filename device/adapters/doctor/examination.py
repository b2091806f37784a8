"""Runs the checks side by side, each in a thread of its own: one that breaks or hangs spoils no other.

A check that breaks, or that takes longer than its time, is "not known", and its thread is left behind: it may sit in
the kernel, at a disk that does not answer.
"""

import threading
import time
from collections.abc import Callable, Mapping

from device.adapters.doctor.patient import Patient
from device.core.findings import Finding, Verdict, not_known
from device.errors import DeviceError

Check = Callable[[Patient], Finding]

SECONDS, THOROUGH_SECONDS = 4.0, 900.0
"""So long the checks may take, all together: they run side by side."""


def examine(patient: Patient, checks: Mapping[str, Check], *, seconds: float | None = None) -> list[Verdict]:
    """What every check finds, in their order."""
    limit = seconds if seconds is not None else THOROUGH_SECONDS if patient.thorough else SECONDS
    began = time.monotonic()
    looks = [_Look(name, check, patient) for name, check in checks.items()]
    for look in looks:
        look.thread.start()
    return [look.verdict(until=began + limit, limit=limit) for look in looks]


class _Look:
    """One check at work."""

    def __init__(self, name: str, check: Check, patient: Patient) -> None:
        self._name = name
        self._check = check
        self._patient = patient
        self._began = time.monotonic()
        self._verdict: Verdict | None = None
        self.thread = threading.Thread(target=self._run, name=f"check {name}", daemon=True)

    def _run(self) -> None:
        finding = _found(self._check, self._patient)
        self._verdict = Verdict(check=self._name, finding=finding, seconds=time.monotonic() - self._began)

    def verdict(self, *, until: float, limit: float) -> Verdict:
        """What it found by then."""
        self.thread.join(max(until - time.monotonic(), 0.0))
        if (verdict := self._verdict) is not None:
            return verdict
        late = not_known(f"could not be checked: it did not come to an end within {limit:g} seconds.")
        return Verdict(check=self._name, finding=late, seconds=time.monotonic() - self._began)


def _found(check: Check, patient: Patient) -> Finding:
    try:
        return check(patient)
    except DeviceError as error:
        return not_known(f"could not be checked: {error}")
    except Exception as error:  # noqa: BLE001 - a check that breaks is a finding
        return not_known(f"could not be checked: {type(error).__name__}: {error}".rstrip(": "))
