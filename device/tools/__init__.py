"""The tools that the agent can call: each a typed async function in a small module of this package.

A module that is put here is found by itself; what the author of a tool needs stands in `device.toolkit`.
"""

import importlib
import pkgutil
from collections.abc import Sequence

from device.errors import ConfigError
from device.toolkit import FunctionTool, Tool, tools_in
from device.tools.switches import with_outputs


def all_tools() -> dict[str, FunctionTool]:
    """Every tool of this package by its name, in the order in which the model is told."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return {tool.spec.name: tool for module in modules for tool in tools_in(module)}


def builtin_tools(
    names: Sequence[str] = (), *, also: Sequence[str] = (), network: bool = False, outputs: Sequence[str] = ()
) -> dict[str, Tool]:
    """The tools called `names`; without names all that need no network (unless allowed) and are not hidden; and those
    called `also`.

    `outputs` are what can be switched; without any there is no `switch`. Raises ConfigError for a name that is not a
    tool's.
    """
    known = all_tools()
    for key, asked in (("enabled", names), ("also", also)):
        if unknown := [name for name in asked if name not in known]:
            raise ConfigError(f'There is no tool "{unknown[0]}" (key tools.{key}): choose from {", ".join(known)}.')
    chosen = names or [name for name, tool in known.items() if (network or not tool.network) and not tool.hidden]
    offered: dict[str, Tool] = {name: known[name] for name in (*chosen, *also)}
    if "switch" in offered and outputs:
        offered["switch"] = with_outputs(outputs)
    elif "switch" in offered:
        del offered["switch"]
    return offered
