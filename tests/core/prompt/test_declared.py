"""Tools that are declared by schema alone."""

import pytest

from device.core.prompt.declared import declared_tools

PLAIN = {"name": "ring", "description": "Ring a bell.", "parameters": {"type": "object", "properties": {"n": {}}}}


def test_both_forms_say_the_same():
    assert declared_tools([PLAIN]) == declared_tools([{"type": "function", "function": PLAIN}])
    assert declared_tools([PLAIN])[0].description == "Ring a bell"


def test_a_tool_needs_no_more_than_a_name():
    (bare,) = declared_tools([{"name": "ring"}])
    assert (bare.description, bare.parameters) == ("", {"type": "object", "properties": {}})


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ({}, "list of tools"),
        ([], "at least one"),
        ([PLAIN, {"description": "?"}], "tool 2 has no name"),
        ([PLAIN, PLAIN], 'called "ring"'),
        ([{"name": "x", "description": 3}], "text as its description"),
        ([{"name": "x", "parameters": {"properties": []}}], "no object"),
        ([{"name": "x", "parameters": {"properties": {"y": 1}}}], "has no schema"),
    ],
)
def test_what_is_wrong_is_said(declared, why):
    with pytest.raises(ValueError, match=why):
        declared_tools(declared)
