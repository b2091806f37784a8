"""Cases and tools are read, and what came of the cases is counted."""

import json
from pathlib import Path

import pytest

from device.bench import tool_choice
from device.bench.tool_choice import Answer, Case, as_text, read_cases, read_tools
from device.config import load
from device.core.prompt.declared import declared_tools
from device.errors import UsageError

REQUESTS = Path(__file__).parents[1] / "data" / "requests"


@pytest.fixture
def file(tmp_path):
    def write(content) -> Path:
        path = tmp_path / "file.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def test_cases_of_every_form_are_read(file):
    rows = [["a", None, {}], ["b", "t", {"x": 1}], ["c", "t"], {"utterance": "d", "calls": [["t", {}], ["u", {}]]}]
    assert read_cases(file(rows)) == [
        Case(utterance="a", wanted=()),
        Case(utterance="b", wanted=(("t", {"x": 1}),)),
        Case(utterance="c", wanted=(("t", {}),)),
        Case(utterance="d", wanted=(("t", {}), ("u", {})), several=True),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "not JSON"),
        ([], "no list of cases"),
        ([["a", None, {}], ["b", 1, {}]], "Case 2"),
        ([{"utterance": "a", "calls": ["t"]}], "Case 1"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(file, content, why):
    with pytest.raises(UsageError, match=why):
        read_cases(file(content))


def test_a_missing_file_and_bad_tools_are_one_sentence(file, tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_cases(tmp_path / "nothing.json")
    with pytest.raises(UsageError, match="tool 1 has no name"):
        read_tools(file([{}]))


@pytest.mark.parametrize(
    ("cases", "tools"),
    [("work", "work-tools"), ("strange", "strange-tools"), ("mixed", "mixed-tools"), ("held-out", "held-out-tools")],
)
def test_the_shipped_requests_want_tools_that_there_are(cases, tools):
    known = {tool.name: tool.parameters["properties"] for tool in read_tools(REQUESTS / f"{tools}.json")}
    for case in read_cases(REQUESTS / f"{cases}.json"):
        for name, arguments in case.wanted:
            assert set(arguments) <= set(known[name])


def row(wanted, called, *, several=False):
    case = Case(utterance="u", wanted=tuple(wanted), several=several)
    return tool_choice._row(case, Answer(calls=tuple(called), said=""))


def test_a_call_is_right_with_the_tool_and_its_arguments():
    right = row([("t", {"x": 1})], [("t", {"x": 1.0, "y": 2})])
    assert (right["right_choice"], right["right_arguments"], right["called"]) == (True, True, "t")
    wrong = row([("t", {"x": 1})], [("t", {"x": 2})])
    assert (wrong["right_choice"], wrong["right_arguments"]) == (True, False)
    needless = row([], [("t", {})])
    assert (needless["right_choice"], needless["wanted"]) == (False, None)


def test_several_calls_are_right_in_any_order_and_none_may_lack():
    wanted = [("t", {"x": 1}), ("t", {"x": 2})]
    assert row(wanted, wanted[::-1], several=True)["right_arguments"]
    assert not row(wanted, wanted[:1], several=True)["right_choice"]
    assert not row(wanted, [wanted[0], wanted[0]], several=True)["right_arguments"]


def test_the_shares_are_counted_over_the_cases_that_they_are_about():
    rows = [row([("t", {})], [("t", {})]), row([("t", {})], []), row([], []), row([], [("t", {})])]
    result = tool_choice._summary(rows, "model", ["t"])
    assert (result["right_choice"], result["right_arguments"]) == (0.5, 0.5)
    assert (result["needless_calls"], result["missed_calls"], result["n"]) == (0.5, 0.5, 4)
    assert "wanted nothing, called t" in as_text(result)
    assert tool_choice._summary(rows[:1], "model", ["t"])["needless_calls"] is None


@pytest.mark.models
async def test_the_default_model_calls_a_tool_that_no_example_knows_and_chats_without(artifact_path):
    artifact_path(load().config.models.llm)
    tools = declared_tools(
        [
            {
                "name": "set_thermostat",
                "description": "Set the temperature of the heating",
                "parameters": {"properties": {"degrees": {"type": "number"}}, "required": ["degrees"]},
            },
            {
                "name": "play_music",
                "description": "Play a song or an artist",
                "parameters": {"properties": {"query": {"type": "string"}}, "required": ["query"]},
            },
        ]
    )
    cases = [
        Case(utterance="Make it twenty one degrees, please.", wanted=(("set_thermostat", {"degrees": 21}),)),
        Case(utterance="Play Bohemian Rhapsody.", wanted=(("play_music", {"query": "Bohemian Rhapsody"}),)),
        Case(utterance="Good night.", wanted=()),
        Case(utterance="Who wrote Hamlet?", wanted=()),
    ]
    done: list[int] = []
    result = await tool_choice.measure(load().config, cases, tools, on_case=done.append)
    assert done == [0, 1, 2, 3, 4]
    assert (result["right_choice"], result["right_arguments"]) == (1.0, 1.0), as_text(result)
