"""Which tools the configuration lets the model use."""

from collections.abc import Mapping, Sequence

import msgspec

from device.config import Config, ToolOptions
from device.toolkit import Tool
from device.tools import builtin_tools

NO_TOOLS = ("none",)
"""The configuration's way to say that the model gets no tools."""


def enabled_tools(config: Config, outputs: Sequence[str] = ()) -> Mapping[str, Tool]:
    """The built-in tools that the configuration lets the model use, by name; `outputs` are the pins to switch.

    Raises ConfigError for a tool that there is not.
    """
    tools = config.tools
    if tools.enabled == NO_TOOLS:
        return {}
    return builtin_tools(tools.enabled, also=tools.also, network=tools.network, outputs=outputs)


def external_options(config: Config) -> ToolOptions:
    """What is configured of tools from outside; nothing if there are to be no tools."""
    without = msgspec.structs.replace(config.tools, plugins=False, commands={}, mcp={})
    return without if config.tools.enabled == NO_TOOLS else config.tools
