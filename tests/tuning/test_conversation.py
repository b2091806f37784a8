"""Ordinary conversation: made of patterns, with answers that leave the model as it was."""

import json

import pytest

from device.tools import builtin_tools
from device.tuning import conversation as talk
from device.tuning.cast import split_of
from device.tuning.conversation import conversation, is_fitting, own_answers, questions, remarks


def test_every_slot_is_filled_and_nothing_is_said_twice():
    said = [one.said for one in conversation()]
    assert len(said) == len(set(said))
    assert not [one for one in conversation() if "{" in one.said + "".join(one.answers)]
    assert all(one.said[0].isupper() and one.said[-1] in ".?!" for one in conversation())


def test_the_first_of_each_pattern_come_first():
    patterns = [one.pattern for one in questions()]
    count = len(set(patterns))
    assert len(set(patterns[:count])) == count


def test_every_answer_of_the_catalogue_may_be_learnt():
    assert all(one.answers for one in remarks())
    assert all(is_fitting(answer) for one in remarks() for answer in one.answers)


@pytest.mark.parametrize(
    "reply",
    ["", "It depends", "1. Peel it. 2. Boil it.", "As an AI, I have no feelings.", "I can't help with that.",
     "**Boil** it.", "Boil it.\nThen peel it.", "Boil it. " * 30],
)  # fmt: skip
def test_what_is_not_to_be_spoken_or_refuses_is_not_learnt(reply):
    assert not is_fitting(reply)


def test_a_question_is_learnt_with_what_the_model_itself_answered_and_not_otherwise(tmp_path, monkeypatch):
    asked = questions()[0]
    path = tmp_path / "answers.json"
    path.write_text(json.dumps({asked.said: "I know that.", "Nobody asked this?": "No."}))
    monkeypatch.setattr(talk, "ANSWERS", path)
    own_answers.cache_clear()
    try:
        found = {one.said: one.answers for one in conversation()}
    finally:
        own_answers.cache_clear()
    assert found[asked.said] == ("I know that.",)
    assert not any(one.said in found for one in questions()[1:])
    assert "Nobody asked this?" not in found


def test_the_answers_that_ship_belong_to_questions_and_may_be_learnt():
    answers = own_answers()
    assert len(answers) >= 30
    assert set(answers) <= {one.said for one in questions()}
    assert all(map(is_fitting, answers.values()))


def test_both_splits_have_remarks_and_questions():
    for made in (remarks(), questions()):
        assert {split_of(one.pattern) for one in made} == {"train", "test"}


def test_nothing_that_is_said_names_a_tool():
    names = {name.replace("_", " ") for name in builtin_tools()}
    assert not [one.said for one in conversation() if any(name in one.said.casefold().split() for name in names)]
