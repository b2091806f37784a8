"""How the computer fares."""

from collections.abc import Mapping

from device.core.durations import say_duration
from device.core.likeness import say_list
from device.core.number_words import say_number
from device.toolkit import ToolContext, tool

GIGABYTE = 1e9


@tool()
async def device_status(context: ToolContext) -> str:
    """Tell how the device itself fares: its temperature, memory, disk, network address and how long it has been on."""
    health = context.health.read()
    sentences = [_heat(health), _room(health), _network(health), _uptime(health)]
    return " ".join(filter(None, sentences)) or "Nothing is known of the device."


def _number(health: Mapping[str, float | str], key: str) -> float | None:
    value = health.get(key)
    return float(value) if isinstance(value, (int, float)) else None


def _heat(health: Mapping[str, float | str]) -> str:
    degrees, throttled = _number(health, "temperature_celsius"), health.get("throttled")
    parts = [f"It is at {round(degrees)} degrees Celsius"] if degrees is not None else []
    if throttled not in (None, "no"):
        parts.append(f"{'and ' if parts else 'It '}has trouble: {throttled}")
    return " ".join(parts) + "." if parts else ""


def _room(health: Mapping[str, float | str]) -> str:
    free = []
    for name in ("memory", "disk"):
        left, total = (_number(health, f"{name}_{what}_bytes") for what in ("free", "total"))
        if left is not None:
            of = f" of {say_number(total / GIGABYTE)}" if total is not None else ""
            free.append(f"{say_number(left / GIGABYTE)}{of} gigabytes of {name}")
    return f"{say_list(free)} are free." if free else ""


def _network(health: Mapping[str, float | str]) -> str:
    address = health.get("address")
    return f"Its address is {address}." if address else "It is on no network." if "address" in health else ""


def _uptime(health: Mapping[str, float | str]) -> str:
    seconds = _number(health, "uptime_seconds")
    if seconds is None:
        return ""
    unit = 60 if seconds < 86_400 else 3600
    return f"It has been on for {say_duration(max(seconds // unit, 1) * unit)}."
