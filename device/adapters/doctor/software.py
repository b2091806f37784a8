"""The program: its configuration, its models, its version and packages."""

import importlib.metadata
import re
from collections.abc import Callable
from typing import Any

from device.adapters.doctor.patient import Patient
from device.config import NO_MODEL, Models
from device.core.findings import Finding, failed, not_here, not_known, warning, well
from device.errors import ConfigError, DeviceError, ModelError

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;]+)(?: ; ([^\\\n]+))?", re.MULTILINE)
LOCKS = ("run.lock", "llama.lock")


def configuration(patient: Patient, check: Callable[[Any], None]) -> Finding:
    """Whether an agent can start with the configuration; `check` raises what loading it cannot know."""
    remedy = "device config edit"
    if patient.config is None:
        return failed(patient.config_problem, remedy)
    try:
        check(patient.config)
    except (ConfigError, ModelError) as error:
        return failed(str(error), remedy)
    return well("The configuration is sound.")


def models(patient: Patient) -> Finding:
    """Whether the configured models are here and whole: by size and time, thoroughly by every byte."""
    if patient.config is None:
        return not_known("The configuration cannot be read.")
    options = {role: getattr(patient.config.models, role) for role in Models.__struct_fields__}
    if patient.config.start.way != "wake-word":
        options.pop("wake")
    wanted = [name for role, name in options.items() if (role, name) not in NO_MODEL]
    problems = {name: problem for name in wanted if (problem := _problem(patient, name))}
    if problems:
        one = next(iter(problems.values()))
        says = one if len(problems) == 1 else f"{len(problems)} models are missing or damaged: {', '.join(problems)}."
        return failed(says, f"device models fetch {' '.join(problems)}")
    how = "by every byte" if patient.thorough else "by size and time"
    return well(f"The {len(wanted)} models are here and whole, {how}.")


def _problem(patient: Patient, name: str) -> str:
    """What is wrong with a model; "" for nothing."""
    try:
        patient.models.examine(name) if patient.thorough else patient.models.path(name)
    except ModelError as error:
        return f"{str(error).rpartition(': ')[0] or str(error).rstrip('.')}."
    return ""


def packages(patient: Patient, installed: Callable[[str], str] = importlib.metadata.version) -> Finding:
    """Whether the installed packages are those that this version was tested with."""
    from packaging.markers import Marker

    pins: dict[str, str] = {}
    for lock in LOCKS:
        try:
            text = (patient.program / "scripts" / "locks" / lock).read_text(encoding="utf-8")
        except OSError:
            return not_known(f"The lock {lock} is not here, so the packages cannot be compared with it.")
        for name, version, condition in _PIN.findall(text):
            if not condition or Marker(condition).evaluate():
                pins[name.lower()] = version
    others = []
    for name, version in sorted(pins.items()):
        try:
            there = installed(name)
        except importlib.metadata.PackageNotFoundError:
            there = "none"
        if there.partition("+")[0] != version:
            others.append(f"{name} {there} instead of {version}")
    if others:
        return warning(
            f"{len(others)} of {len(pins)} packages differ from the lock: {', '.join(others[:4])}.",
            "scripts/setup (or sudo scripts/install for the service) brings them back.",
        )
    return well(f"The {len(pins)} packages are those of the lock.")


def version(patient: Patient) -> Finding:
    """Whether this command and the running agent are of one version."""
    try:
        answer = patient.agent()
    except DeviceError as error:
        return not_known(str(error))
    if answer is None:
        return not_here(f"This command is version {patient.version}; no agent runs.")
    if answer.get("version") != patient.version:
        return warning(
            f"The running agent is version {answer.get('version')}, this command {patient.version}.",
            "Restart the agent: sudo systemctl restart device.",
        )
    return well(f"The running agent and this command are version {patient.version}.")
