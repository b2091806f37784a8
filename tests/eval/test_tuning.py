"""What tuning changed: judged by rule, on material that was never learnt from."""

import re
from dataclasses import replace

import pytest

from device.bench.tool_choice import Answer
from device.config import load
from device.errors import UsageError
from device.eval.experiment import Sizes
from device.eval.tuning import judging, material, plan
from device.eval.tuning.tables import tables
from device.tools import builtin_tools
from device.tuning import files
from device.tuning.lessons import Options, lessons
from device.tuning.overlap import Measured, words_of
from device.tuning.refusals import is_refusal
from device.tuning.rehearsal import Call

CONFIG = load(environment={}).config
OWN = tuple(tool.spec for tool in builtin_tools().values())
TURNS = material.turns(3, 0, OWN)


def answer(said="", *calls, malformed=False):
    return Answer(calls=tuple((call.name, call.arguments) for call in calls), said=said, malformed=malformed)


def turn(kind, number=0):
    return TURNS[kind][number]


def target(one):
    return one.example.target.partition("<|")[0]


@pytest.mark.parametrize("kind", material.EXPECTED)
def test_there_are_turns_of_every_kind_and_what_should_be_written_is_right(kind):
    assert len(TURNS[kind]) == 3
    for one in TURNS[kind]:
        calls = one.example.called
        assert judging.is_right(one, answer("" if calls else target(one), *calls))


@pytest.mark.parametrize("kind", material.EXPECTED)
def test_a_call_that_nobody_wanted_is_wrong(kind):
    for one in TURNS[kind]:
        assert not judging.is_right(one, answer("", *one.example.called, Call(name="unlock", arguments={})))


def test_the_turns_are_in_no_lesson():
    options = Options(renderer=files.renderer("qwen"), own_tools=OWN, examples=30, most_tools=8)
    learnt = {words_of(one.said) for lesson in lessons(20, "train", options) for one in lesson.examples}
    judged = {
        words_of(one.example.said) for kind in ("call", "late result", "talk beside a call") for one in TURNS[kind]
    }
    assert len(judged & learnt) <= 1  # "okay" and its like


def test_silence_is_silence():
    one = turn("nothing to say")
    assert judging.is_right(one, answer(""))
    assert not judging.is_right(one, answer("All right."))


def test_a_result_is_told_with_its_numbers_or_not_at_all():
    assert judging.tells("It is 17 degrees and cloudy in Oslo.", "In Oslo it's cloudy at seventeen degrees.")
    assert not judging.tells("It is 17 degrees and cloudy in Oslo.", "In Oslo it's cloudy at seven degrees.")
    assert not judging.tells("The coop is shut.", "All right.")
    assert judging.tells("It is done.", "Done.")


def test_a_result_that_is_told_once_more_is_wrong():
    one = replace(turn("talk after a result"), before="It is 17 degrees and cloudy in Oslo.<|im_end|>")
    assert judging.is_right(one, answer("Two to three minutes."))
    assert not judging.is_right(one, answer("It is 17 degrees in Oslo, and cloudy."))
    assert not judging.is_right(one, answer("I can't do that, I'm afraid."))


@pytest.mark.parametrize(
    ("said", "answers", "right"),
    [
        ("The capital of Portugal is Lisbon.", ["lisbon"], True),
        ("It has twenty-six letters.", ["twenty-six", "26"], True),
        ("There are 26 letters", ["twenty-six", "26"], True),
        ("There are 126 of them.", ["26"], False),
        ("You would nod.", ["no"], False),
        ("", ["no"], False),
    ],
)
def test_an_answer_has_to_be_whole_words(said, answers, right):
    assert judging.answers_question(said, answers) == right


@pytest.mark.parametrize(
    ("reply", "refuses"),
    [
        ("I'm sorry, I have no function for that.", True),
        ("I can't do that, I'm afraid.", True),
        ("As an AI language model, I do not have feelings.", True),
        ("I\u2019m sorry, but I can\u2019t assist with that.", True),
        ("I don't have the ability to see it.", True),
        ("I'm sorry to hear that. I hope you feel better soon.", False),
        ("You can't go wrong with lentil soup.", False),
        ("They sleep at night and eat grass.", False),
        ("That has no effect on the taste.", False),
    ],
)
def test_a_refusal_is_told_from_an_answer(reply, refuses):
    assert is_refusal(reply) == refuses


def test_the_plain_conversation_is_large_enough_and_says_nothing_that_is_learnt():
    assert len(material.questions()) == 40
    assert len(material.remarks()) == 28
    assert all(re.fullmatch(r"[a-z0-9 -]+", word) for _, words in material.questions() for word in words)
    measured = Measured(material.plain_utterances())
    options = Options(renderer=files.renderer("qwen"), own_tools=OWN, examples=30, most_tools=8, refused=measured)
    for lesson in lessons(10, "train", options):
        assert not [one.said for one in lesson.examples if measured(one.said)]


def test_what_is_not_tuned_cannot_be_compared():
    thinking, models = CONFIG.thinking, CONFIG.models
    config = replace_config(models={"llm": "smollm2-135m-instruct-q4_1"})
    with pytest.raises(UsageError, match="is not tuned"):
        plan.plan(Sizes(config=config))
    beside = replace_config(models={"llm": "smollm2-135m-instruct-q4_1"}, thinking={"adapter": "/x/lora.gguf"})
    assert plan.untuned(beside).thinking.adapter == ""
    assert plan.untuned(beside).models == config.models
    assert (thinking, models) == (CONFIG.thinking, CONFIG.models)


def replace_config(**sections):
    overrides = [f"{section}.{key}={value}" for section, values in sections.items() for key, value in values.items()]
    return load(environment={}, overrides=overrides).config


def case(state, name, **more):
    return {"state": state, "set": name, "said": "x", "called": [], "answer": "", **more}


def test_the_tables_set_both_side_by_side_and_list_every_error():
    cases = {
        "1": case("before", "held-out", wanted=[["a", {}]], choice=False, arguments=False, first_token_ms=20.0),
        "2": case("after", "held-out", wanted=[["a", {}]], choice=True, arguments=False, first_token_ms=18.0),
        "3": case("before", "remarks", refused=True, silent=False, answer="I can't."),
        "4": case("after", "remarks", refused=False, silent=False, answer="How nice.", said="It is my birthday."),
        "5": case("after", "nothing to say", wanted="", right=False, answer="Okay.", said="Mhm."),
    }
    found = {table.title: table for table in tables(cases)}
    rows = {row.label: [cell.value for cell in row.cells] for row in found["Requests"].rows}
    assert rows["held-out: right choice"] == [0.0, 1.0]
    assert rows["held-out: right arguments"] == [0.0, 0.0]
    assert rows["held-out: needless calls"] == [None, None]
    plain = {
        row.label: [cell.value for cell in row.cells]
        for row in found["Plain conversation, with the agent's own tools offered"].rows
    }
    assert plain["remarks: refused"] == [1.0, 0.0]
    assert [row.label for row in found["Every error after tuning"].rows] == ["held-out: x", "nothing to say: Mhm."]
    assert found["Every error after tuning"].rows[1].cells == ("silence", "Okay.")
    assert [row.label for row in found["Time"].rows] == ["first token of a request, p50"]
