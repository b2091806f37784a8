"""Decides for the model what it says, so that two runs differ in their timing alone.

The director is a model without fault: it answers what was asked, tells every result that it was given, once, and makes
every call that is due. It knows exactly what the model knows, because it reads the same prompt. The real model then
computes its prompt and every token, held to that text by a grammar.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any, cast

from device.bench.overlap.workloads import Call, Fact, Workload
from device.core.numbers import in_digits
from device.core.prompt.grammar import MOST_CALLS, exact_grammar, speech_grammar
from device.core.prompt.words import call_json
from device.core.said import numbers_in
from device.core.utterances import words
from device.ports import LanguageModel, Likelihood, Sampling, Token

RECOGNIZED = 0.75
"""Of so many of its words a sentence that was spoken is known again."""

Asked = Callable[[str, str], bool]
"""`asked(said, prompt)`: whether the user said something, by the prompt."""


def word_for_word(said: str, prompt: str) -> bool:
    """Who types is known exactly."""
    return said in prompt


def as_recognized(said: str, prompt: str) -> bool:
    """Who speaks is known as they were recognized: all the numbers and most of the words in one message."""
    sought, numbers = set(words(in_digits(said))), set(numbers_in(said))
    return any(
        len(sought & set(words(in_digits(line)))) >= RECOGNIZED * len(sought) and numbers <= set(numbers_in(line))
        for line in prompt.splitlines()
    )


def next_reply(workload: Workload, prompt: str, *, may_call: bool, asked: Asked = word_for_word) -> str:
    """What the reply to `prompt` is to be: speech, then calls, each on a line of its own; perhaps nothing.

    A fact was said if its sentence stands in the prompt, which shows the agent's messages as they were heard.
    """
    speech = [fact.sentence for fact in _to_say(workload, prompt, asked) if fact.sentence not in prompt]
    calls = [_written(call) for call in _due(workload, prompt, asked)[:MOST_CALLS]] if may_call else []
    return "\n".join([*([" ".join(speech)] if speech else []), *calls])


def _to_say(workload: Workload, prompt: str, asked: Asked) -> list[Fact]:
    """What the user is to hear by now: answers first, then results in the order in which the model was given them."""
    answers = [s.answer for s in workload.sentences if s.answer is not None and asked(s.text, prompt)]
    calls = workload.calls()
    results = [call.fact for call in calls if call.fact.text in prompt]
    failures = [Fact(text=f"{call.tool} failed", keys=()) for call in calls if f"{call.tool} failed" in prompt]
    return [*answers, *sorted(results, key=lambda fact: prompt.index(fact.text)), *failures]


def _due(workload: Workload, prompt: str, asked: Asked) -> list[Call]:
    """The calls that may be made now and were not: what they need is known to the model."""
    due = []
    for first in (call for sentence in workload.sentences if asked(sentence.text, prompt) for call in sentence.calls):
        for call in first.chain():
            if _written(call) not in prompt:
                due.append(call)
            if call.fact.text not in prompt:
                break
    return due


def _written(call: Call) -> str:
    return call_json(call.tool, call.arguments)


def was_heard(fact: Fact, heard: str) -> bool:
    """Whether a reply of which `heard` was heard told the fact."""
    return set(fact.keys) <= set(words(heard))


class Director:
    """Says what a reply is to be in the workload under way."""

    def __init__(self, *, heard: bool = False) -> None:
        """`heard`: the user speaks, and is understood as well as they are recognized."""
        self._workload: Workload | None = None
        self._asked = as_recognized if heard else word_for_word

    def begin(self, workload: Workload) -> None:
        """What is asked for from now on belongs to this workload."""
        self._workload = workload

    def reply(self, prompt: str, *, may_call: bool) -> str | None:
        """The whole message that answers `prompt`; None before the first workload."""
        return (
            None if self._workload is None else next_reply(self._workload, prompt, may_call=may_call, asked=self._asked)
        )


class _DirectedModel:
    """A language model that says what the director decides; all else is the model's own."""

    def __init__(self, model: LanguageModel, director: Director) -> None:
        self._model = model
        self._director = director

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def generate(
        self, sequence: int, prompt: Sequence[int], sampling: Sampling, likelihood: Likelihood | None = None
    ) -> AsyncIterator[Token]:
        """Continue `prompt` with the decided text."""
        known = self._model.decode(prompt).decode("utf-8", "replace")
        text = self._director.reply(known, may_call=sampling.grammar != speech_grammar())
        if text is not None:
            sampling = replace(sampling, grammar=exact_grammar(text))
        return self._model.generate(sequence, prompt, sampling, likelihood)


def directed(model: LanguageModel, director: Director) -> LanguageModel:
    """`model`, saying what the director decides."""
    return cast("LanguageModel", _DirectedModel(model, director))
