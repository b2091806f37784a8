"""All checks, in the order in which they are told where they are equally grave."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from device.adapters.doctor import agent, board, clock, disk, latency, memory, power, service, software, sound
from device.adapters.doctor.examination import Check


def all_checks(check_configuration: Callable[[Any], None]) -> Mapping[str, Check]:
    """Every check by its name; `check_configuration` raises what loading a configuration cannot know."""
    return MappingProxyType(
        {
            "power": power.power,
            "throttling": power.throttling,
            "temperature": power.temperature,
            "memory": memory.memory,
            "swap": memory.swap,
            "out of memory": memory.ended,
            "disk space": disk.space,
            "inodes": disk.inodes,
            "card wear": disk.wear,
            "read-only": disk.writable,
            "clock": clock.clock,
            "sound card": sound.card,
            "sound device": sound.device,
            "sound levels": sound.levels,
            "sound in use": sound.busy,
            "sound server": sound.server,
            "pins": board.pins,
            "groups": board.groups,
            "configuration": partial(software.configuration, check=check_configuration),
            "models": software.models,
            "packages": software.packages,
            "service": service.service,
            "watchdog": service.watchdog,
            "agent": agent.reached,
            "version": software.version,
            "instances": agent.instances,
            "control socket": agent.socket_rights,
            "ledger": agent.ledger,
            "latency": latency.latency,
        }
    )
