"""The service: whether it runs, how often it had to be restarted, and whether the watchdog ended it."""

from device.adapters.doctor.patient import Patient
from device.core.findings import Finding, failed, not_here, not_known, warning, well

LOGS = "device logs -p warning says why."
DAYS = 7


def service(patient: Patient) -> Finding:
    """Whether the service runs, and starts on boot."""
    if not patient.service_installed:
        return not_here("No service is installed (sudo scripts/install installs it).")
    unit = patient.unit("ActiveState", "SubState", "Result", "NRestarts", "UnitFileState", "StatusText")
    if unit is None:
        return not_known("systemd does not tell how the service fares.")
    state = unit.get("ActiveState", "")
    if state == "failed":
        return failed(f"The service has failed ({unit.get('Result', 'no reason given')}).", LOGS)
    if state == "activating":
        return warning("The service is starting.", f"Loading takes up to some minutes; {LOGS}")
    if state != "active":
        return failed(f"The service does not run ({state or 'unknown'}).", "sudo systemctl start device")
    if (restarts := int(unit.get("NRestarts") or 0)) > 0:
        return warning(f"The service runs, but had to be restarted {restarts} times.", LOGS)
    if unit.get("UnitFileState") == "disabled":
        return warning("The service runs, but does not start on boot.", "sudo systemctl enable device")
    return well(f"The service runs: {unit.get('StatusText') or 'ready'}.")


def watchdog(patient: Patient) -> Finding:
    """Whether the watchdog had to end a service that hung."""
    if not patient.service_installed:
        return not_here("No service is installed.")
    found = patient.ask(
        (
            "journalctl",
            "--unit=device.service",
            f"--since=-{DAYS}days",
            "--no-pager",
            "--output=cat",
            "--grep=Watchdog timeout",
        )
    )
    if found is None or found.code not in (0, 1):
        return not_known("The journal cannot be read.", "Look with sudo.")
    if "not seeing messages" in found.err or "No journal files were opened" in found.err:
        return not_known("You may not read the service's journal.", "Look with sudo.")
    count = sum("watchdog timeout" in line.lower() for line in found.out.splitlines())
    if count:
        return failed(
            f"The service hung {count} times in {DAYS} days, and the watchdog restarted it.",
            "device logs has where each thread stood; send it with device doctor --bundle FILE.",
        )
    return well(f"The service did not hang in {DAYS} days.")
