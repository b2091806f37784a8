"""Conversions, for the ear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.units import _UNITS, converted, find_unit
from device.errors import ToolError
from tests.tools.surroundings import call, tool_context

CONTEXT = tool_context()


@pytest.mark.parametrize(
    ("amount", "from_unit", "to_unit", "told"),
    [
        (5, "miles", "kilometers", "5 miles = 8.05 kilometers"),
        (1, "foot", "cm", "1 foot = 30.5 centimeters"),
        (6, "feet", "meters", "6 feet = 1.83 meters"),
        (1, "inch", "mm", "1 inch = 25.4 millimeters"),
        (100, "Kilos", "pounds", "100 kilograms = 220 pounds"),
        (12, "stone", "kg", "12 stone = 76.2 kilograms"),
        (2, "cups", "ml", "2 cups = 473 milliliters"),
        (3, "teaspoons", "tablespoon", "3 teaspoons = 1 tablespoon"),
        (8, "ounces", "cups", "8 fluid ounces = 1 cup"),
        (8, "ounces", "grams", "8 ounces = 227 grams"),
        (20, "degrees Celsius", "Fahrenheit", "20 degrees Celsius = 68 degrees Fahrenheit"),
        (98.6, "°F", "°C", "98.6 degrees Fahrenheit = 37 degrees Celsius"),
        (-40, "fahrenheit", "celsius", "-40 degrees Fahrenheit = -40 degrees Celsius"),
        (32, "F", "C", "32 degrees Fahrenheit = 0 degrees Celsius"),
        (0, "kelvin", "c", "0 kelvins = -273 degrees Celsius"),
        (100, "km/h", "miles per hour", "100 kilometers per hour = 62.1 miles per hour"),
        (60, "miles an hour", "kph", "60 miles per hour = 96.6 kilometers per hour"),
        (10, "m/s", "knots", "10 meters per second = 19.4 knots"),
        (1, "acre", "square meters", "1 acre = 4047 square meters"),
        (90, "m²", "square feet", "90 square meters = 969 square feet"),
        (2, "weeks", "hours", "2 weeks = 336 hours"),
        (1, "GB", "megabytes", "1 gigabyte = 1000 megabytes"),
        ("twenty", "inches", "centimeter", "20 inches = 50.8 centimeters"),
    ],
)
async def test_an_amount_is_converted(amount, from_unit, to_unit, told):
    assert await call(CONTEXT, "convert", amount=amount, from_unit=from_unit, to_unit=to_unit) == told


@pytest.mark.parametrize(
    ("amount", "from_unit", "to_unit", "problem"),
    [
        (1, "miles", "kilograms", "miles measure length and kilograms measure weight"),
        (1, "parsecs", "miles", '"parsecs" is not a unit'),
        (1, "miles", "", '"" is not a unit'),
        (-300, "celsius", "kelvin", "absolute zero"),
        (1e300, "miles", "feet", "too large"),
        (float("nan"), "miles", "feet", "too large"),
        (1e-200, "miles", "feet", "too small"),
        ("many", "miles", "feet", "must be of type number"),
    ],
)
async def test_what_cannot_be_converted_is_a_sentence(amount, from_unit, to_unit, problem):
    with pytest.raises(ToolError, match=rf"{problem}.*\.$"):
        await call(CONTEXT, "convert", amount=amount, from_unit=from_unit, to_unit=to_unit)


@given(st.sampled_from(sorted(_UNITS)), st.sampled_from(sorted(_UNITS)), st.floats(-1e6, 1e6))
def test_there_and_back_is_the_same(one, other, amount):
    source, target = find_unit(one), find_unit(other)
    if source.kind == target.kind:
        there = converted(amount, source, target)
        assert converted(there, target, source) == pytest.approx(amount, rel=1e-9, abs=1e-6)


@given(st.text(max_size=30))
def test_no_name_makes_it_raise(name):
    find_unit(name)
