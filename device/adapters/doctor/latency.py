"""How quickly the agent answers: the last hour's turns against what was recorded of this board.

The record is made on purpose (`device doctor --record-latency`), at a time when all is well; it holds for the models
that were configured then.
"""

import json
import time
from pathlib import Path
from typing import Any

from device.adapters.doctor.patient import Patient
from device.config import Config
from device.core.findings import Finding, not_here, not_known, warning, well
from device.errors import ControlError, LedgerError

FILE = "latency.json"
FEWEST_TURNS = 8
"""Fewer say nothing of a median."""

MUCH_SLOWER, SLOWER_MS = 1.3, 80.0
"""A median that is worse by both this factor and so many milliseconds is no chance."""

RECORD = "Once all is well and you have talked to it for a while: device doctor --record-latency."


def latency(patient: Patient) -> Finding:
    """Whether answers come as quickly as they did."""
    if patient.config is None:
        return not_known("The configuration cannot be read.")
    now = last_hour(patient)
    if now is None:
        return not_here("No agent is running here.")
    kept = recorded(patient.state_directory)
    if now["turns"] < FEWEST_TURNS:
        return not_known(
            f"Of the {FEWEST_TURNS} spoken turns that tell, {now['turns']} were answered in the last hour."
        )
    says = f"The last hour's {now['turns']} answers began {now['p50_ms']:.0f} ms after the last word (the median)"
    if kept is None:
        return not_known(f"{says}; nothing is recorded to compare with.", RECORD)
    if kept["models"] != _models(patient.config):
        return not_known(f"{says}; what is recorded is of other models.", RECORD)
    before = float(kept["p50_ms"])
    if now["p50_ms"] > before * MUCH_SLOWER and now["p50_ms"] > before + SLOWER_MS:
        return warning(
            f"{says}; it was {before:.0f} ms on {kept['recorded']}.",
            "Look at temperature, throttling, memory and other programs above; device trace shows what was waited for.",
        )
    return well(f"{says}; it was {before:.0f} ms on {kept['recorded']}.")


def last_hour(patient: Patient) -> dict[str, Any] | None:
    """`turns`, `p50_ms` and `p95_ms` of the last hour, None without an agent. Raises DeviceError if it is mute."""
    answer = patient.agent()
    if answer is None:
        return None
    told = answer.get("latency") or {}
    return {"turns": int(told.get("n") or 0)} | {
        name: float(told[name]) for name in ("p50_ms", "p95_ms") if told.get(name) is not None
    }


def recorded(directory: Path) -> dict[str, Any] | None:
    """What was recorded of this board; None if nothing was, or it cannot be read."""
    try:
        kept = json.loads((directory / FILE).read_text(encoding="utf-8"))
        return kept if {"p50_ms", "models", "recorded"} <= set(kept) else None
    except (OSError, ValueError, TypeError):
        return None


def record(patient: Patient) -> dict[str, Any]:
    """Keep the last hour's latency as what is usual here. Raises ControlError, LedgerError."""
    now = last_hour(patient)
    if now is None or patient.config is None:
        raise ControlError("No agent is running here whose latency could be recorded.")
    if now["turns"] < FEWEST_TURNS:
        raise ControlError(
            f"Of the {FEWEST_TURNS} spoken turns that are needed, {now['turns']} were answered in the last hour."
        )
    today = time.strftime("%Y-%m-%d", time.localtime(patient.wall_seconds()))
    kept = {**now, "models": _models(patient.config), "recorded": today, "version": patient.version}
    place = patient.state_directory / FILE
    try:
        part = place.with_suffix(".part")
        part.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        part.replace(place)
    except OSError as error:
        raise LedgerError(f"{place} cannot be written ({error.strerror}): say it again with sudo.") from error
    return kept


def _models(config: Config) -> dict[str, str]:
    return {role: getattr(config.models, role) for role in config.models.__struct_fields__}
