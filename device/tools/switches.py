"""Lamps and the like on the board's pins; what there is stands in the configuration (`board.outputs`)."""

from collections.abc import Sequence

from device.toolkit import FunctionTool, ToolContext, tool


@tool(sentence=True, outside=True)
async def switch(context: ToolContext, output: str, on: bool) -> str:  # noqa: FBT001 - what the model says
    """Switch something on or off.

    Args:
        output: what to switch
        on: true for on, false for off

    """
    context.outputs.switch(output, on=on)
    return f"The {output} is {'on' if on else 'off'}."


def with_outputs(names: Sequence[str]) -> FunctionTool:
    """The tool for outputs of these names."""
    found: FunctionTool = switch.tool  # type: ignore[attr-defined]
    return found.with_choices("output", names)
