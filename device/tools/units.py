"""Conversion between units of measurement."""

import math

from device.core.number_words import say_number
from device.core.units import ABSOLUTE_ZERO_CELSIUS, Unit, converted, find_pair, find_unit
from device.toolkit import ToolContext, ToolError, tool

LARGEST, SMALLEST = 1e15, 1e-9
"""Amounts beyond these are nothing for the ear."""


@tool(sentence=True)
async def convert(context: ToolContext, amount: float, from_unit: str, to_unit: str) -> str:
    """Convert an amount from one unit to another, such as miles to kilometers.

    Args:
        amount: how many
        from_unit: the unit it is in
        to_unit: the unit that is wanted

    """
    del context
    source, target = _pair(from_unit, to_unit)
    _check(amount)
    coldest = find_unit("celsius")
    assert coldest is not None
    if source.kind == "temperature" and converted(amount, source, coldest) < ABSOLUTE_ZERO_CELSIUS - 1e-9:
        raise ToolError("Nothing is colder than absolute zero, minus 273.15 degrees Celsius.")
    result = converted(amount, source, target)
    if abs(result) < SMALLEST and source.kind == "temperature":
        result = 0.0
    _check(result)
    return f"{source.named(f'{amount:.10g}')} = {target.named(say_number(result))}"


def _pair(from_unit: str, to_unit: str) -> tuple[Unit, Unit]:
    source, target = find_pair(from_unit, to_unit)
    for unit, name in ((source, from_unit), (target, to_unit)):
        if unit is None:
            raise ToolError(f'"{name.strip()[:40]}" is not a unit that can be converted; ask the user what they mean.')
    assert source is not None
    assert target is not None
    if source.kind != target.kind:
        raise ToolError(
            f"{source.plural} measure {source.kind} and {target.plural} measure {target.kind}: "
            "one cannot be converted to the other."
        )
    return source, target


def _check(amount: float) -> None:
    if not math.isfinite(amount) or abs(amount) >= LARGEST or 0 < abs(amount) < SMALLEST:
        raise ToolError("The amount is too large or too small to be told.")
