"""The data card: what lessons hold, how balanced they are, what is double, what was kept out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from device.tuning.cast import requests_of
from device.tuning.catalogue import purposes, small_talk
from device.tuning.conversation import conversation, own_answers, questions
from device.tuning.lessons import Lesson
from device.tuning.overlap import Measured, words_of

_COUNTED = (
    "lessons", "examples", "calls", "without a call", "different tools", "tools in a lesson", "most called tool",
    "different utterances", "utterances said before", "examples made before", "utterances of train",
)  # fmt: skip

_INTRODUCTION = """# Dialogues for tuning

Asynchronous dialogues between a user, an agent and its tools, made by `scripts/tuning/lessons` from the catalogue in
`device/tuning` with seed {seed}. English. Every one was played through the agent's own state machine, inbox,
conversation and renderer, so each prompt is what the agent would have read. Nothing in them was recorded from anybody:
the catalogue was written for this, under the project's licence. Only what is answered to some ordinary questions was
written by the model that is tuned, before it was (Qwen2.5-Coder 0.5B Instruct, Apache-2.0), so that what it knows
stays as it was.
"""
_CATALOGUE = """The catalogue has {purposes} purposes of tools besides the agent's own, {ways} ways to ask for them,
{talk} things to say that want no tool, with answers, and {made} more that are made of {patterns} patterns;
{own} of the {questions} questions among them have the model's own answer. A tool, a way of asking and a piece or a
pattern of talk belong to one split alone; {held_out} purposes are for testing only.
"""
_KEPT_OUT = """Of the {measured} utterances that the agent is measured with none is in here, nor any that shares five
words in a row with one; {refused} that the catalogue would have made were refused for that.

Limits: one author's English, polite and short; results are a line each; names and places are few. What a recognizer
mishears is imitated by letter case, missing punctuation, hesitation, corrections and homophones, not taken from
recordings. "utterances of train" counts what two ways of asking say in the same words.
"""

Made = Mapping[str, Sequence[Lesson]]


def figures(made: Made, measured: Measured) -> dict[str, Any]:
    """What can be counted, by split."""
    said = {split: _said(lessons) for split, lessons in made.items()}
    train = set(said.get("train", ()))
    return {
        split: {
            "lessons": len(lessons),
            "examples": sum(len(lesson.examples) for lesson in lessons),
            "kinds": dict(Counter(one.kind for lesson in lessons for one in lesson.examples).most_common()),
            "calls": sum(len(one.called) for lesson in lessons for one in lesson.examples),
            "without a call": round(_share(not one.called for lesson in lessons for one in lesson.examples), 3),
            "different tools": len({tool.name for lesson in lessons for tool in lesson.tools}),
            "tools in a lesson": [min(counts), max(counts)] if (counts := [len(it.tools) for it in lessons]) else [],
            "most called tool": _most_called(lessons),
            "different utterances": len(set(said[split])),
            "utterances said before": round(1 - len(set(said[split])) / max(len(said[split]), 1), 3),
            "examples made before": _doubles(lessons),
            "utterances of train": 0 if split == "train" else len(set(said[split]) & train),
        }
        for split, lessons in made.items()
    } | {"kept out": {"measured utterances": measured.count, "refused as too like one": len(measured.refused)}}


def card(made: Made, measured: Measured, *, seed: int) -> str:
    """The card as Markdown."""
    found = figures(made, measured)
    kinds = sorted({kind for split in made for kind in found[split]["kinds"]})
    held_out = sum(not requests_of(purpose, "train") for purpose in purposes())
    ways = sum(len(purpose.requests) for purpose in purposes())
    lines = [
        _INTRODUCTION.format(seed=seed),
        _CATALOGUE.format(
            purposes=len(purposes()),
            ways=ways,
            talk=len(small_talk()),
            made=len(conversation()),
            patterns=len({one.pattern for one in conversation()}),
            questions=len(questions()),
            own=sum(one.said in own_answers() for one in questions()),
            held_out=held_out,
        ),
        _table(made, [(name, [_cell(found[split][name]) for split in made]) for name in _COUNTED]),
        "What the examples show:\n",
        _table(made, [(kind, [str(found[split]["kinds"].get(kind, 0)) for split in made]) for kind in kinds]),
        _KEPT_OUT.format(measured=measured.count, refused=len(measured.refused)),
    ]
    return "\n".join(lines)


def _table(made: Made, rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    lines = ["| | " + " | ".join(made) + " |", "|---|" + "---:|" * len(made)]
    return "\n".join([*lines, *(f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows), ""])


def _said(lessons: Sequence[Lesson]) -> list[tuple[str, ...]]:
    return [words_of(example.said) for lesson in lessons for example in lesson.examples]


def _most_called(lessons: Sequence[Lesson]) -> str:
    """The share of the calls that the most called tool has, and its name."""
    calls = Counter(call.name for lesson in lessons for one in lesson.examples for call in one.called)
    if not calls:
        return "none"
    ((name, count),) = calls.most_common(1)
    return f"{name}, {count / calls.total():.1%}"


def _doubles(lessons: Sequence[Lesson]) -> float:
    """The share of the examples that another lesson has word for word, whatever the tools."""
    made = [(one.prompt, one.target) for lesson in lessons for one in lesson.examples]
    return round(1 - len(set(made)) / max(len(made), 1), 3)


def _share(values: Any) -> float:
    counted = list(values)
    return float(sum(counted)) / max(len(counted), 1)


def _cell(value: Any) -> str:
    return " to ".join(map(str, value)) if isinstance(value, list) else str(value)
