"""The device as `device doctor` looks at it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device import __version__
from device.app.configuration import check_configuration, in_force, service_meant
from device.app.memory import kept_in
from device.config import SYSTEM_FILE, Loaded, load, user_file
from device.errors import ConfigError, ControlError

if TYPE_CHECKING:
    from device.adapters.doctor.bundle import Entry
    from device.adapters.doctor.patient import Patient
    from device.core.findings import Verdict

SERVICE_PROGRAM = Path("/opt/device/current")


def patient(
    file: Path | None,
    *,
    overrides: Sequence[str] = (),
    socket: Path | None = None,
    ask: Callable[[Path], Any],
    thorough: bool = False,
) -> "Patient":
    """The device, to be looked at: the service where one is installed, else the user's own agent.

    `ask` gets an agent's status over its socket; it may raise DeviceError.
    """
    import device
    from device.adapters.doctor.patient import Patient
    from device.adapters.models.manifest import read_manifest
    from device.adapters.models.store import ModelStore

    service = service_meant(file)
    environment = service or {}
    loaded, problem = _loaded(file, overrides, service)
    usual = (loaded or load(environment={}, instead={SYSTEM_FILE: None, user_file(): None})).config
    models = environment.get("DEVICE_MODELS")
    sockets = (socket,) if socket is not None else usual.control_sockets()
    return Patient(
        config=None if loaded is None else loaded.config,
        config_problem=problem,
        origins={} if loaded is None else {".".join(key): origin for key, origin in loaded.origins.items()},
        state_directory=kept_in(usual, environment),
        models=ModelStore(Path(models), read_manifest()) if models else ModelStore.default(),
        version=__version__,
        program=SERVICE_PROGRAM if service is not None else Path(device.__file__).parents[1],
        sockets=sockets,
        ask_agent=lambda: _ask_first(sockets, ask),
        thorough=thorough,
    )


def _loaded(
    file: Path | None, overrides: Sequence[str], service: Mapping[str, str] | None
) -> tuple[Loaded | None, str]:
    """The configuration in force, of a service with these variables or of the user's agent; else why there is none."""
    try:
        return in_force(file, overrides, service), ""
    except ConfigError as error:
        return None, str(error)


def _ask_first(sockets: Sequence[Path], ask: Callable[[Path], Any]) -> Any:
    """What the first agent that is there answers, None without one. Raises DeviceError."""
    for path in sockets:
        try:
            if path.exists():
                return ask(path)
        except PermissionError as error:
            raise ControlError(
                f"You may not reach {path}: use sudo, or join its group (sudo usermod -aG device $USER)."
            ) from error
    return None


def examine(of: "Patient") -> "list[Verdict]":
    """What every check finds, each by itself and in bounded time."""
    from device.adapters.doctor.checks import all_checks
    from device.adapters.doctor.examination import examine

    return examine(of, all_checks(check_configuration))


def record_latency(of: "Patient") -> dict[str, Any]:
    """Keep the last hour's latency as what is usual on this device. Raises ControlError, LedgerError."""
    from device.adapters.doctor.latency import record

    return record(of)


def report(
    of: "Patient",
    path: Path,
    *,
    verdicts: Mapping[str, Any],
    query: Callable[[str, Mapping[str, Any]], Any],
    conversation: bool,
) -> "list[Entry]":
    """Write the archive for a bug report; what is in it. `query` asks the running agent. Raises UsageError."""
    from device.adapters.doctor.bundle import Wanted, gather, write

    entries = gather(of, Wanted(verdicts=verdicts, query=query, conversation=conversation))
    write(path, entries, wall_seconds=of.wall_seconds())
    return entries
