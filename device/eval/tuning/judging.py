"""Whether what the model wrote is what it should have written."""

import re
from collections.abc import Sequence
from typing import Any

from device.bench.argument_match import same_arguments
from device.bench.tool_choice import Answer
from device.core.telling import content_words
from device.eval.tuning.material import Turn
from device.tuning.refusals import is_refusal

ENOUGH = 0.5
"""So much of what is to be told besides numbers must be in a reply that tells it."""
_WORD = re.compile(r"[\w-]+")
_CALLING = frozenset({"call", "several calls", "call after an interruption"})
_TELLING = frozenset({"telling", "telling several", "telling a failure", "late result"})


def answers_question(said: str, answers: Sequence[str]) -> bool:
    """Whether a reply has one of the answers, as whole words."""
    text = " ".join(_WORD.findall(said.casefold()))
    return any(re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", text) for one in answers)


def tells(wanted: str, said: str) -> bool:
    """Whether `said` tells what `wanted` does: all of its numbers and enough of its other words."""
    told, found = content_words(wanted), content_words(said)
    numbers = {word for word in told if any(map(str.isdigit, word))}
    others = told - numbers
    return numbers <= found and (not others or len(others & found) >= ENOUGH * len(others))


def is_right(turn: Turn, answer: Answer) -> bool:
    """Whether a turn of a dialogue went as it should; see `device.eval.tuning.material.EXPECTED`."""
    kind, wanted = turn.example.kind, turn.example.called
    if kind in _CALLING:
        return _same_calls(wanted, list(answer.calls))
    if answer.calls or answer.malformed:
        return False
    target = turn.example.target.partition("<|")[0]
    if kind in _TELLING:
        return tells(target, answer.said)
    if kind == "nothing to say":
        return not answer.said
    answered = bool(answer.said) and not is_refusal(answer.said)
    if kind == "talk after a result":
        return answered and not tells(turn.before.partition("<|")[0], answer.said)
    return answered


def _same_calls(wanted: Sequence[Any], called: list[Any]) -> bool:
    left = list(called)
    for call in wanted:
        found = next((it for it in left if it[0] == call.name and same_arguments(call.arguments, it[1])), None)
        if found is None:
            return False
        left.remove(found)
    return not left
