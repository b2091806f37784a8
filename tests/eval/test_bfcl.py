"""Requests of the leaderboard are read as they come, and judged by what their arguments may be."""

import json

import pytest

from device.adapters.fakes.llm import ScriptedModel
from device.bench.tool_choice import Answer
from device.config import load
from device.errors import DeviceError
from device.eval import bfcl

ASKED = {
    "id": "parallel_0",
    "question": [[{"role": "user", "content": "Play Taylor Swift for 20 minutes and Maroon 5 for 15 minutes."}]],
    "function": [
        {
            "name": "music.play",
            "description": "Play music.",
            "parameters": {
                "type": "dict",
                "properties": {
                    "artist": {"type": "string", "description": "whose"},
                    "duration": {"type": "float"},
                    "places": {"type": "tuple", "items": {"type": "any"}},
                },
                "required": ["artist", "duration"],
            },
        }
    ],
}
ANSWER = {
    "id": "parallel_0",
    "ground_truth": [
        {"music.play": {"artist": ["Taylor Swift"], "duration": [20], "places": ["", ["kitchen"]]}},
        {"music.play": {"artist": ["Maroon 5"], "duration": [15], "places": [""]}},
    ],
}
SWIFT, MAROON = {"artist": "Taylor Swift", "duration": 20}, {"artist": "Maroon 5", "duration": 15.0}


@pytest.fixture
def question(tmp_path) -> bfcl.Question:
    (tmp_path / "parallel.json").write_text(json.dumps(ASKED))
    (tmp_path / "parallel-answers.json").write_text(json.dumps(ANSWER))
    (found,) = bfcl.questions(tmp_path, "parallel")
    return found


def right(question: bfcl.Question, *calls: dict) -> bool:
    return bfcl.right_calls(question, Answer(calls=tuple(("music.play", call) for call in calls), said=""))


def test_schemas_are_told_in_json_schema_s_own_words(question):
    properties = question.tools[0].parameters["properties"]
    assert question.tools[0].parameters["type"] == "object"
    assert properties["duration"] == {"type": "number"}
    assert properties["places"] == {"type": "array", "items": {}}
    assert properties["artist"]["description"] == "whose"


def test_calls_are_right_in_any_order_and_without_what_is_optional(question):
    assert right(question, MAROON, SWIFT)
    assert right(question, {**SWIFT, "places": ["kitchen"]}, MAROON)


@pytest.mark.parametrize(
    "calls",
    [
        (SWIFT,),
        (SWIFT, SWIFT),
        (SWIFT, MAROON, MAROON),
        (SWIFT, {**MAROON, "duration": 20}),
        ({"artist": "Taylor Swift"}, MAROON),
        ({**SWIFT, "volume": 3}, MAROON),
    ],
)
def test_other_calls_are_wrong(question, calls):
    assert not right(question, *calls)


async def test_a_question_goes_the_agent_s_way(question):
    reply = "\n".join(json.dumps({"name": "music.play", "arguments": call}) for call in (SWIFT, MAROON))
    config = load(environment={}).config
    found = await bfcl.asked(config, ScriptedModel(lambda _: reply), question)
    assert (found["tools"], found["calls"], found["malformed"]) == (True, True, False)
    small = ScriptedModel(lambda _: reply, context_tokens=64)
    assert (await bfcl.asked(config, small, question))["calls"] is False


def test_files_that_hold_something_else_are_told_in_a_sentence(tmp_path):
    with pytest.raises(DeviceError, match="device models fetch bfcl"):
        bfcl.questions(tmp_path, "parallel")
