"""What the system knows of the installed service, and the service of it."""

from collections.abc import Mapping
from pathlib import Path

from device.ports import LogLines, Service

SERVICE_UNIT = Path("/etc/systemd/system/device.service")
"""Where a service is installed there is this file."""


def service() -> Service:
    """Whoever started this process and wants to know how it fares; nobody outside systemd."""
    from device.adapters.service_systemd import SystemdService

    return SystemdService.from_environment()


def service_environment() -> Mapping[str, str]:
    """The variables that the installed service's unit sets; none without one."""
    import shlex

    from device.adapters.programs import ask

    shown = ask(("systemctl", "show", "device.service", "--property=Environment", "--value"))
    pairs = (word.partition("=") for word in shlex.split(shown.out)) if shown is not None and not shown.code else ()
    return {name: value for name, _, value in pairs}


def read_journal(wanted: LogLines) -> str:
    """The service's log lines; "" if there are none. Raises ControlError, UsageError."""
    from device.adapters import journal

    return journal.read(wanted)


def follow_journal(wanted: LogLines) -> int:
    """Print the service's log lines as they come, until Ctrl-C; journalctl's exit code. Raises ControlError."""
    import subprocess

    from device.adapters import journal

    return subprocess.run(journal.command(wanted, follow=True), check=False).returncode  # noqa: S603 - written there
