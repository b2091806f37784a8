"""Typed functions become tools."""

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.core.toolspec import checked, spec_of
from device.errors import ToolError


async def order(context: Any, dish: str, count: int, spicy: bool = False, size: Literal["s", "l"] = "s", extras: list[str] | None = None) -> str:  # fmt: skip
    """Order a dish.

    Args:
        dish: what to eat
        count: how many
    """
    return f"{context}{dish}{count}{spicy}{size}{extras}"


SPEC = spec_of(order)


def test_the_model_is_told_names_types_and_descriptions():
    assert (SPEC.name, SPEC.description) == ("order", "Order a dish")
    assert SPEC.parameters["required"] == ["dish", "count"]
    assert SPEC.parameters["properties"]["dish"] == {"type": "string", "description": "what to eat"}
    assert SPEC.parameters["properties"]["size"] == {"type": "string", "enum": ["s", "l"]}
    assert SPEC.parameters["properties"]["extras"] == {"type": "array", "items": {"type": "string"}}


def test_arguments_come_in_the_declared_types():
    found = checked(SPEC, {"dish": 7, "count": "2", "spicy": "True", "size": "l", "nonsense": 1, "extras": ["x"]})
    assert found == {"dish": "7", "count": 2, "spicy": True, "size": "l", "extras": ["x"]}


def test_a_number_may_be_spelt():
    assert checked(SPEC, {"dish": "soup", "count": "twenty five"})["count"] == 25


@pytest.mark.parametrize(
    "arguments",
    [
        {"dish": "soup"},
        {"dish": "soup", "count": "many"},
        {"dish": "soup", "count": 1, "size": "xl"},
        {"dish": [], "count": 1},
    ],
)
def test_what_does_not_fit_is_a_sentence_for_the_model(arguments: dict[str, Any]):
    with pytest.raises(ToolError, match=r"order.*\.$"):
        checked(SPEC, arguments)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["dish", "count", "spicy", "size", "extras", "x"]), JSON))
def test_no_arguments_raise_anything_else(arguments: dict[str, Any]):
    try:
        checked(SPEC, arguments)
    except ToolError:
        return


def test_a_type_without_a_schema_is_refused_when_the_tool_is_made():
    async def bad(context: Any, when: complex) -> str:
        """Bad."""
        return ""

    with pytest.raises(TypeError, match="complex"):
        spec_of(bad)
