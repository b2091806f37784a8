"""What a call must go on with."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device.core.prompt.forced import Forms
from device.core.prompt.messages import ToolSpec


def spec(name: str, required=(), **properties) -> ToolSpec:
    return ToolSpec(
        name=name,
        description="",
        parameters={"type": "object", "properties": properties, "required": list(required)},
    )


TEXT, NUMBER = {"type": "string"}, {"type": "number"}
LEVEL = {"type": "string", "enum": ["low", "lower", "high"]}
TOOLS = (
    spec("get_time"),
    spec("get_weather", ["city"], city=TEXT),
    spec("set_timer", minutes=NUMBER, label=TEXT),
    spec("set_light", ["room", "level", "on"], room=TEXT, level=LEVEL, on={"type": "boolean"}),
)
FORMS = Forms(TOOLS, "qwen")


@pytest.mark.parametrize(
    ("written", "forced"),
    [
        ("{", '"name": "'),
        ('{"', 'name": "'),
        ('{"name": "', ""),
        ('{"name": "get', ""),
        ('{"name": "get_t', 'ime", "arguments": {}}'),
        ('{"name": "get_w', 'eather", "arguments": {"city": "'),
        ('{"name": "get_weather", "arguments": {"city": "Oslo', ""),
        ('{"name": "get_weather", "arguments": {"city": "Oslo"', "}}"),
        ('{"name": "set_t', 'imer", "arguments":'),
        ('{"name": "set_timer", "arguments": {"minutes": 1', ""),
        ('{"name": "set_timer", "arguments": {"minutes": 10,', ' "label": "'),
        ('{"name": "set_light", "arguments": {"room": "hall"', ', "level": "'),
        ('{"name": "set_light", "arguments": {"room": "hall", "level": "l', ""),  # "low" or "lower"
        ('{"name": "set_light", "arguments": {"room": "hall", "level": "low', ""),
        ('{"name": "set_light", "arguments": {"room": "hall", "level": "h', 'igh", "on":'),
        ('{"name": "get_time", "arguments": {}}', ""),
        ("Hello", ""),
    ],
)
def test_a_call_goes_on_where_its_form_leaves_no_choice(written, forced):
    assert FORMS.after(written) == forced


def test_llama_calls_its_arguments_parameters():
    assert Forms(TOOLS[:1], "llama3").after('{"name": "') == 'get_time", "parameters": {}}'


def test_a_quotation_mark_within_a_text_does_not_end_it():
    assert FORMS.after('{"name": "get_weather", "arguments": {"city": "a \\"') == ""


def test_a_value_that_may_be_of_any_kind_is_left_to_the_model():
    forms = Forms([spec("keep", ["what", "next"], what={"anyOf": [TEXT, NUMBER]}, next={})], "qwen")
    assert forms.after('{"name": "k') == 'eep", "arguments": {"what":'
    assert forms.after('{"name": "keep", "arguments": {"what": [1, 2]') == ', "next":'


_VALUES = {
    "string": st.text(max_size=12),
    "number": st.integers(-99, 99) | st.floats(-9, 9).map(lambda number: round(number, 3)),
    "boolean": st.booleans(),
}


@st.composite
def _calls(draw) -> str:
    tool = draw(st.sampled_from(TOOLS))
    arguments = {}
    for name, schema in tool.parameters["properties"].items():
        if name in tool.parameters["required"] or draw(st.booleans()):
            choices = schema.get("enum")
            arguments[name] = draw(st.sampled_from(choices) if choices else _VALUES[schema["type"]])
    return json.dumps({"name": tool.name, "arguments": arguments}, ensure_ascii=False)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(_calls())
def test_whatever_is_forced_is_what_every_possible_call_has_there(call):
    for length in range(1, len(call) + 1):
        assert call[length:].startswith(FORMS.after(call[:length]))


@given(st.text(max_size=60))
def test_no_text_makes_it_fail(text):
    FORMS.after('{"name": "' + text)
    FORMS.after('{"name": "set_light", "arguments": {' + text)
    FORMS.after(text)
