"""The device itself: how it fares, and what is switched."""

import pytest

from device.adapters.fakes.board import FixedHealth
from device.errors import ToolError
from device.toolkit import ToolContext
from device.tools import builtin_tools
from tests.tools.surroundings import READINGS, call, tool_context


async def test_the_status_is_told_in_short_sentences():
    assert await call(tool_context(), "device_status") == (
        "It is at 52 degrees Celsius. 3.1 of 8.2 gigabytes of memory and 20.4 of 31 gigabytes of disk are free. "
        "Its address is 192.168.1.5. It has been on for 3 hours and 3 minutes."
    )


async def test_trouble_is_told():
    context = tool_context(health=FixedHealth(READINGS | {"throttled": "under-voltage now"}))
    assert "It is at 52 degrees Celsius and has trouble: under-voltage now." in await call(context, "device_status")


@pytest.mark.parametrize(
    ("readings", "told"),
    [
        ({}, "Nothing is known of the device."),
        ({"throttled": "too hot now"}, "It has trouble: too hot now."),
        ({"address": ""}, "It is on no network."),
        ({"memory_free_bytes": 5e8, "uptime_seconds": 1.0}, "0.5 gigabytes of memory are free. It has been on for 1 minute."),
        ({"temperature_celsius": "?", "uptime_seconds": 90_000.0}, "It has been on for 1 day and 1 hour."),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_left_out(readings, told):
    assert await call(tool_context(health=FixedHealth(readings)), "device_status") == told


async def test_an_output_is_switched():
    context = tool_context()
    tools = builtin_tools(outputs=["lamp", "fan"])
    assert await tools["switch"](context, {"output": "lamp", "on": True}) == "The lamp is on."
    assert context.outputs.on == {"lamp": True, "fan": False}
    assert await tools["switch"](context, {"output": "lamp", "on": "false"}) == "The lamp is off."
    assert context.outputs.on["lamp"] is False


async def test_the_model_is_told_which_outputs_there_are():
    tools = builtin_tools(outputs=["lamp", "fan"])
    assert tools["switch"].spec.parameters["properties"]["output"]["enum"] == ["lamp", "fan"]
    with pytest.raises(ToolError, match="must be one of lamp, fan"):
        await tools["switch"](tool_context(), {"output": "oven", "on": True})
    other = builtin_tools(outputs=["oven"])["switch"]
    assert other.spec.parameters["properties"]["output"]["enum"] == ["oven"]


def test_without_outputs_there_is_nothing_to_switch():
    assert "switch" not in builtin_tools()
    assert list(builtin_tools(["switch", "calculate"])) == ["calculate"]


async def test_what_a_device_does_not_have_is_a_sentence_for_the_model():
    context = ToolContext(clock=tool_context().clock)
    for name, arguments in (
        ("device_status", {}),
        ("switch", {"output": "lamp", "on": True}),
        ("change_volume", {"to": "50"}),
        ("change_speed", {"to": "normal"}),
        ("read_notes", {}),
        ("list_tasks", {}),
        ("think", {"task": "x"}),
    ):
        with pytest.raises(ToolError, match=r"This device has no .*\.$"):
            await call(context, name, **arguments)
