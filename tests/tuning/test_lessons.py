"""Lessons are the same for the same seed, and hold nothing that was refused."""

import json
from pathlib import Path

import pytest

from device.errors import UsageError
from device.tools import builtin_tools
from device.tuning import card, files
from device.tuning.lessons import Options, lesson, lessons
from device.tuning.overlap import Measured, utterances_in

DATA = Path(__file__).parents[1] / "data"
OWN = tuple(tool.spec for tool in builtin_tools().values())
MEASURED = [path for path in sorted(DATA.glob("[rp]*/*.json")) if not path.stem.endswith("-tools")]
"""Requests and plain conversation."""


def options(**more) -> Options:
    return Options(renderer=files.renderer("qwen"), own_tools=OWN, examples=12, most_tools=6, **more)


def test_a_seed_makes_the_same_lesson_and_another_seed_another():
    assert lesson(3, "train", options()) == lesson(3, "train", options())
    assert lesson(3, "train", options()) != lesson(3, "train", options(seed=1))
    assert lesson(3, "train", options()) != lesson(4, "train", options())


def test_every_prompt_continues_the_fixed_part():
    made = lesson(0, "train", options())
    assert made.fixed.startswith("<|im_start|>system\n")
    assert made.fixed.endswith("</tool_call><|im_end|>\n")
    assert all(example.prompt.startswith("<|im_start|>user\n") for example in made.examples)
    assert all(tool.name in made.fixed for tool in made.tools)


def test_the_example_conversation_may_stand_before_them():
    assert "Mona Lisa" in lesson(0, "train", options(with_examples_share=1.0)).fixed


def test_the_prompt_may_be_the_one_of_an_installed_agent():
    made = lesson(0, "train", options(with_examples_share=0.0, as_installed_share=1.0))
    assert made.tools == OWN
    assert "Mona Lisa" in made.fixed


def test_what_is_refused_is_in_no_lesson():
    refused = Measured(utterances_in(MEASURED))
    made = lessons(40, "train", options(refused=refused))
    assert refused.refused  # else this shows nothing
    assert not [example.said for one in made for example in one.examples if refused(example.said)]


def test_files_are_read_as_they_were_written(tmp_path):
    made = lessons(2, "test", options())
    path = tmp_path / "test.jsonl"
    files.write(path, made)
    assert list(files.read(path)) == [
        (one.fixed, [(example.prompt, example.target) for example in one.examples]) for one in made
    ]


def test_a_file_that_holds_no_lessons_is_named_with_its_line(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_text('{"fixed": "", "examples": []}\n{"fixed": 1}\n')
    with pytest.raises(UsageError, match="Line 2"):
        list(files.read(path))
    with pytest.raises(UsageError, match="cannot be read"):
        list(files.read(tmp_path / "none"))


def test_the_card_counts_what_there_is():
    measured = Measured(["Good evening, everybody."])
    made = {split: lessons(3, split, options(refused=measured)) for split in ("train", "test")}
    found = card.figures(made, measured)
    assert found["train"]["examples"] == sum(len(one.examples) for one in made["train"])
    assert found["train"]["examples"] == sum(found["train"]["kinds"].values())
    assert 0 < found["train"]["without a call"] < 1
    assert found["kept out"]["measured utterances"] == 1
    text = card.card(made, measured, seed=0)
    assert f"| examples | {found['train']['examples']} | {found['test']['examples']} |" in text
    assert "**" not in text


def test_the_sample_is_what_the_generator_makes():
    """After a change of the catalogue or of a renderer make it anew; tests/data/lessons/card.md says how."""
    for split, count in (("train", 2), ("test", 1)):
        made = lessons(count, split, options(refused=Measured(utterances_in(MEASURED))))
        lines = (DATA / "lessons" / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
        shown = [[example["prompt"] for example in json.loads(line)["examples"]] for line in lines]
        assert shown == [[example.prompt for example in one.examples] for one in made]
