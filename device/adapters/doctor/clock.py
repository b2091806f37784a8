"""The clock: whether it is set, and whether it can be right at all. Alarms need it; timers do not."""

from device.adapters import ledger_reading
from device.adapters.doctor.patient import Patient
from device.core.findings import Finding, failed, not_known, warning, well
from device.errors import LedgerError

EARLIEST_SECONDS = 1_764_000_000.0
"""Late in November 2025: this program did not exist before."""

LATEST_SECONDS = 4_102_444_800.0
"""The year 2100."""

A_DAY = 86_400.0
SET = "Let it reach a time server (timedatectl set-ntp true), fit a clock chip, or set it: sudo timedatectl set-time …"


def clock(patient: Patient) -> Finding:
    """Whether the time is right."""
    now = patient.wall_seconds()
    if not EARLIEST_SECONDS < now < LATEST_SECONDS:
        return failed("The clock is wrong by years, so alarms ring at wrong times.", SET)
    try:
        last = ledger_reading.last_records(patient.state_directory, 1)
    except (LedgerError, PermissionError):
        last = []
    if last and last[0]["wall_seconds"] > now + A_DAY:
        return failed("The clock says a day before the last thing that was said.", SET)
    synchronised = _synchronised(patient)
    if synchronised:
        return well("The clock is set by a time server.")
    if patient.at("sys/class/rtc/rtc0").exists():
        return well("No time server sets the clock, but a clock chip keeps it.")
    if synchronised is None:
        return not_known("Whether the clock is set cannot be told; it is plausible.")
    return warning("No time server sets the clock, and no clock chip keeps it: after a power cut it is late.", SET)


def _synchronised(patient: Patient) -> bool | None:
    if patient.at("run/systemd/timesync/synchronized").exists():
        return True
    shown = patient.ask(("timedatectl", "show", "--property=NTPSynchronized", "--value"))
    if shown is None or shown.code or shown.out.strip() not in ("yes", "no"):
        return None
    return shown.out.strip() == "yes"
