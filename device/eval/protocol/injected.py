"""Whether text that others wrote can become part of the protocol, wherever it comes in.

The same conversation is rendered twice: with the hostile text in one place, and with a harmless one there. If the
first holds a control token or a delimiter more than the second, the text has broken out. Before protection means: as a
template that is filled with text and encoded in one go, which is how many programs do it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from device.core.prompt.messages import (
    Assistant,
    Called,
    Message,
    Notice,
    Result,
    Results,
    Said,
    System,
    Task,
    User,
)
from device.core.prompt.renderers import NAMES, Renderer, choose
from device.core.prompt.spans import Span, encode
from device.eval import intervals
from device.eval.protocol.hostile import DELIMITERS
from device.eval.result import Case, Row, Table
from device.ports import LanguageModel

HARMLESS = "milk and bread"

Place = Callable[[str], Sequence[Message]]

_RESULT = Result(call_id="c1", name="look", status="done", text="seen")

PLACES: Mapping[str, Place] = {
    "what the user says": lambda text: [User(text=text)],
    "what was heard of a cut-off reply": lambda text: [User(text="Go on.", cut_off_after=text)],
    "what the agent said": lambda text: [Assistant(parts=(Said(text=text),))],
    "a call's argument": lambda text: [Assistant(parts=(Called(call_id="c1", name="look", arguments={"what": text}),))],
    "a call's name": lambda text: [Assistant(parts=(Called(call_id="c1", name=text, arguments={}),))],
    "a tool's result": lambda text: [Results(results=(replace(_RESULT, text=text),))],
    "a late result": lambda text: [Results(results=(replace(_RESULT, text=text, late=True, wall_seconds=0.0),))],
    "a failed tool's name": lambda text: [Results(results=(replace(_RESULT, name=text, status="failed", late=True),))],
    "an alarm's label": lambda text: [Notice(text=f"the timer {text} rings")],
    "a task": lambda text: [Task(text=text)],
    "what a task is given": lambda text: [Task(text="Think.", given=text)],
}
"""Where text of others comes into the prompt."""


def injected(model: LanguageModel, text: str) -> Case:
    """By place and renderer: whether the text breaks out, unprotected and protected."""
    found: Case = {"text": text, "before": {}, "after": {}}
    for place, messages in PLACES.items():
        found["before"][place] = any(
            _breaks_out(model, _bare(model, name), messages, text, whole=True) for name in NAMES
        )
        found["after"][place] = any(_breaks_out(model, _guarded(model, name), messages, text) for name in NAMES)
    return found


def _breaks_out(model: LanguageModel, renderer: Renderer, messages: Place, text: str, *, whole: bool = False) -> bool:
    hostile, harmless = (renderer.render((System(text="You help."), *messages(one))) for one in (text, HARMLESS))
    if whole:
        hostile, harmless = (_in_one_go(spans) for spans in (hostile, harmless))
    return bool(_protocol(model, hostile) - _protocol(model, harmless))


def _in_one_go(spans: Sequence[Span]) -> tuple[Span, ...]:
    return (Span(text="".join(span.text for span in spans), trusted=True),)


def _protocol(model: LanguageModel, spans: Sequence[Span]) -> Counter[str]:
    """How often each control token and delimiter stands in a prompt."""
    specials = {token for text in model.card.control_texts for token in _alone(model, text)}
    tokens = encode(spans, model)
    found = Counter(f"token {token}" for token in tokens if token in specials)
    shown = "".join(span.text for span in spans).lower()
    found.update({mark: shown.count(mark) for mark in DELIMITERS})
    return found


def _alone(model: LanguageModel, text: str) -> list[int]:
    """The token that a control text is; nothing if it is several."""
    tokens = model.encode(text, special=True)
    return tokens if len(tokens) == 1 else []


def _guarded(model: LanguageModel, name: str) -> Renderer:
    return _renderer(model, name, model.card.control_texts)


def _bare(model: LanguageModel, name: str) -> Renderer:
    """The renderer without its guard: it knows no control text, and what it knows by itself is taken back."""
    renderer: Any = _renderer(model, name, ())
    bare: Renderer = replace(renderer, guard=_Open())
    return bare


def _renderer(model: LanguageModel, name: str, control: Sequence[str] | frozenset[str]) -> Renderer:
    card = model.card
    return choose(card.chat_template, card.architecture, name, control_texts=control, time_of=lambda _: "12:00:00")


class _Open:
    """A guard that lets everything through."""

    def harmless(self, text: str) -> str:
        """The text as it is."""
        return text


def table(cases: Sequence[Case]) -> Table:
    """By place: how many texts broke out before and after."""
    rows = tuple(
        Row(
            label=place,
            cells=tuple(
                intervals.rate(sum(case[when][place] for case in cases), len(cases)) for when in ("before", "after")
            ),
        )
        for place in PLACES
    )
    return Table(
        title="Text of others that becomes part of the protocol",
        columns=("put in as it is", "protected"),
        rows=rows,
        note="Texts that hold control tokens or delimiters of the protocol, some disguised; rendered in all three "
        "formats and encoded with the model's own vocabulary. A text counts if it breaks out in any of them.",
        drawn=("put in as it is", "protected"),
    )
