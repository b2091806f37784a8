"""Decides for the model what it says, so that two runs differ in their timing alone.

The director is a model without fault: it answers what was asked and not heard yet, tells the results that the reply
names, and makes every call that is due and not made. It knows what the model knows, from the same ledger. The real
model then computes its prompt and every token, held to that text by a grammar.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from device.cli.overlap.workloads import Call, Fact, Sentence, Workload, argument_name
from device.core.entries import AnyEntry, CallEnded, CallMade, ReplyEnded, ReplyStarted, UserSaid
from device.core.prompt.grammar import exact_grammar, speech_grammar
from device.core.prompt.words import call_json
from device.core.utterances import words
from device.ports import LanguageModel, Ledger, Sampling, Token
from device.runtime.dispatcher import DIALOGUE_SEQUENCE

MOST_CALLS = 4
"""As many as the agent's own grammar allows in one message."""


@dataclass(kw_only=True)
class _Known:
    """What the model knows when a reply begins."""

    said: list[Sentence] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)
    """The call's id by its tool."""
    results: dict[str, CallEnded] = field(default_factory=dict)
    """How it ended, by its id."""
    news: tuple[str, ...] = ()
    told: set[str] = field(default_factory=set)
    """The calls whose results a reply named, this one included."""
    heard: list[str] = field(default_factory=list)


def next_reply(workload: Workload, entries: Sequence[AnyEntry], *, may_call: bool) -> str:
    """What the reply that the last of `entries` began is to be; they are the workload's, from its beginning."""
    known = _known(workload, entries)
    tool_of = {call_id: tool for tool, call_id in known.made.items()}
    speech = [fact.sentence for fact in _unanswered(known)]
    for call_id in known.news:
        ended = known.results[call_id]
        what = ended.text if ended.status == "done" else f"{tool_of.get(call_id, 'it')} failed"
        speech.append(Fact(text=what.rstrip("."), keys=()).sentence)
    calls = [_written(call) for call in _due(known)[:MOST_CALLS]] if may_call else []
    return "\n".join([*([" ".join(speech)] if speech else []), *calls])


def _known(workload: Workload, entries: Sequence[AnyEntry]) -> _Known:
    by_text = {sentence.text: sentence for sentence in workload.sentences}
    known = _Known()
    for entry in entries:
        match entry:
            case UserSaid(text=text) if text in by_text:
                known.said.append(by_text[text])
            case CallMade(call_id=call_id, name=name):
                known.made[name] = call_id
            case CallEnded(call_id=call_id):
                known.results[call_id] = entry
            case ReplyStarted(call_ids=call_ids):
                known.news = tuple(call_id for call_id in call_ids if call_id in known.results)
                known.told.update(known.news)
            case ReplyEnded(heard=heard):
                known.heard.append(heard)
    return known


def was_heard(fact: Fact, heard: str) -> bool:
    """Whether a reply of which `heard` was heard told the fact."""
    return set(fact.keys) <= set(words(heard))


def _unanswered(known: _Known) -> list[Fact]:
    answers = [sentence.answer for sentence in known.said if sentence.answer is not None]
    return [fact for fact in answers if not any(was_heard(fact, heard) for heard in known.heard)]


def _due(known: _Known) -> list[Call]:
    """The calls that may be made now and were not: what they need is known to the model."""
    due = []
    for first in (call for sentence in known.said for call in sentence.calls):
        for call in first.chain():
            call_id = known.made.get(call.tool)
            if call_id is None:
                due.append(call)
            if call_id not in known.told or known.results[call_id].status != "done":
                break
    return due


def _written(call: Call) -> str:
    arguments = {} if call.argument is None else {argument_name(call.tool): call.argument}
    return call_json(call.tool, arguments)


class Director:
    """Says what the reply under way is to be, by the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._workload: Workload | None = None
        self._after_id = 0

    def begin(self, workload: Workload) -> None:
        """What comes from now on belongs to this workload."""
        records = self._ledger.records()
        self._workload, self._after_id = workload, records[-1].id if records else 0

    def reply(self, *, may_call: bool) -> str | None:
        """The whole message; None before the first workload."""
        if self._workload is None:
            return None
        entries = [record.entry for record in self._ledger.records(self._after_id)]
        return next_reply(self._workload, entries, may_call=may_call)


class _DirectedModel:
    """A language model whose dialogue says what the director decides; all else is the model's own."""

    def __init__(self, model: LanguageModel, director: Director) -> None:
        self._model = model
        self._director = director

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def generate(self, sequence: int, prompt: Sequence[int], sampling: Sampling) -> AsyncIterator[Token]:
        """Continue `prompt` with the decided text."""
        if sequence == DIALOGUE_SEQUENCE:
            text = self._director.reply(may_call=sampling.grammar != speech_grammar())
            if text is not None:
                sampling = replace(sampling, grammar=exact_grammar(text))
        return self._model.generate(sequence, prompt, sampling)


def directed(model: LanguageModel, director: Director) -> LanguageModel:
    """`model`, saying what the director decides."""
    return cast("LanguageModel", _DirectedModel(model, director))
