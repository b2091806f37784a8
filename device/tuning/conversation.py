"""Ordinary conversation: what is said, made from the patterns in `device.tuning.chat`, and what is answered.

The rule it owns: what a model that is to be tuned knows stays as it is. To a question it learns what it answers
itself, unless that is a refusal or too long to be spoken (then nothing); to a remark, what the pattern has.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

from device.tuning import chat
from device.tuning.refusals import is_refusal

ANSWERS = Path(__file__).with_name("answers.json")
"""What the model that is tuned answers itself, by what is said."""
MOST_FILLED = 3
"""So many sentences are made of a pattern."""
MOST_WORDS = 45
_SLOT = re.compile(r"\{(\w+)\}")
_UNSPOKEN = re.compile(r"[*#`{}<>\[\]|]|\n|\d\.\s|https?:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something said, the `pattern` it was made from, and the answers that it may get; a question has none here."""

    pattern: str
    said: str
    answers: tuple[str, ...]


@cache
def remarks() -> tuple[Remark, ...]:
    """What people say without asking anything, made of the patterns; always the same."""
    return _made(chat.REMARKS)


@cache
def questions() -> tuple[Remark, ...]:
    """What people ask; always the same: one of each pattern, then a second one, and so on."""
    return _made(chat.QUESTIONS)


def _made(text: str) -> tuple[Remark, ...]:
    slots = dict(line.split(": ", 1) for line in chat.SLOTS.strip().splitlines())
    words = {name: filling.split(", ") for name, filling in slots.items()}
    found = []
    for line in text.strip().splitlines():
        patterns, _, answers = line.partition(" > ")
        for pattern in patterns.split(" / "):
            made = dict.fromkeys(_filled(pattern, words))
            answered = tuple(answers.split(" | ")) if answers else ()
            found += [(at, Remark(pattern=pattern, said=said, answers=answered)) for at, said in enumerate(made)]
    return tuple(remark for _, remark in sorted(found, key=lambda pair: pair[0]))


def _filled(pattern: str, words: Mapping[str, list[str]]) -> list[str]:
    names = _SLOT.findall(pattern)
    if not names:
        return [pattern]
    orders = []
    for name in names:
        order = list(words[name])
        Random(f"{pattern} {name}").shuffle(order)  # noqa: S311 - to be repeated, not secret
        orders.append(order)
    sentences = []
    for number in range(min(MOST_FILLED, max(map(len, orders)))):
        chosen = {name: order[number % len(order)] for name, order in zip(names, orders, strict=True)}
        said = _SLOT.sub(lambda found, chosen=chosen: chosen[found.group(1)], pattern)  # type: ignore[misc]
        sentences.append(said[:1].upper() + said[1:])
    return sentences


def is_fitting(reply: str) -> bool:
    """Whether a reply may be learnt from: whole sentences to be spoken, and no refusal."""
    return (
        bool(reply)
        and reply.endswith((".", "!", "?"))
        and len(reply.split()) <= MOST_WORDS
        and not _UNSPOKEN.search(reply)
        and not is_refusal(reply)
    )


@cache
def own_answers() -> Mapping[str, str]:
    """What the model that is tuned says itself, where that may be learnt from; empty if nobody asked it yet."""
    if not ANSWERS.is_file():
        return {}
    answers: dict[str, str] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return answers


def conversation() -> tuple[Remark, ...]:
    """All of it, the questions as far as there are answers that are to be learnt."""
    own = own_answers()
    return (*remarks(), *(replace(one, answers=(own[one.said],)) for one in questions() if one.said in own))
