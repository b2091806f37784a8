"""A context of fakes for calling tools in tests."""

from device.adapters.fakes.alarms import SilentAlarms
from device.adapters.fakes.board import FakeOutputs, FixedHealth
from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.values import MemoryValues
from device.adapters.fakes.voice import PlainVoice
from device.adapters.fakes.work import FakeTasks, FakeWork
from device.toolkit import ToolContext
from device.tools import all_tools

MONDAY_AFTERNOON = 1_777_904_400.0
"""Monday, May 4, 2026, 14:20 in UTC."""

READINGS = {
    "temperature_celsius": 52.3,
    "throttled": "no",
    "memory_free_bytes": 3.1e9,
    "memory_total_bytes": 8.2e9,
    "disk_free_bytes": 20.4e9,
    "disk_total_bytes": 31e9,
    "address": "192.168.1.5",
    "uptime_seconds": 11_000.0,
}


def tool_context(**more) -> ToolContext:
    """A context with everything; `more` replaces parts."""
    clock = more.pop("clock", None) or FakeClock(wall_seconds=MONDAY_AFTERNOON)
    parts = {
        "alarms": SilentAlarms(clock),
        "values": MemoryValues(),
        "work": FakeWork(),
        "tasks": FakeTasks(),
        "voice": PlainVoice(),
        "outputs": FakeOutputs(["lamp", "fan"]),
        "health": FixedHealth(READINGS),
    }
    return ToolContext(clock=clock, **parts | more)


async def call(context: ToolContext, name: str, /, **arguments) -> str:
    """Call a tool as the agent does."""
    return await all_tools()[name](context, arguments)
