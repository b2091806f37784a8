"""How people of several tempers go about what they want; pure.

A line is said when its `when` has come: after `rest` the agent has nothing left to do, after `reply` it has begun to
answer what was said before, after `pause` a second has passed, whatever the agent does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from device.bench.tool_choice import Calls, Case
from device.eval.users.goals import corrected

REST, REPLY, PAUSE = "rest", "reply", "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is said, and when."""

    text: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """All that a person says, and what they want in the end."""

    lines: tuple[Line, ...]
    wanted: Calls


def _each(requests: Sequence[Case], when: str) -> Part:
    lines = tuple(Line(text=one.utterance, when=when if number else REST) for number, one in enumerate(requests))
    return Part(lines=lines, wanted=tuple(call for one in requests for call in one.wanted))


def _patient(requests: Sequence[Case]) -> Part:
    return _each(requests, REST)


def _interrupting(requests: Sequence[Case]) -> Part:
    return _each(requests, REPLY)


def _multitasking(requests: Sequence[Case]) -> Part:
    return _each(requests, PAUSE)


def _changing(requests: Sequence[Case]) -> Part:
    """They correct a timer in the same breath, so that only the corrected one is wanted."""
    lines: list[Line] = []
    wanted: Calls = ()
    for one in requests:
        said, calls = corrected(one) or (one.utterance, one.wanted)
        lines.append(Line(text=said, when=REST))
        wanted += calls
    return Part(lines=tuple(lines), wanted=wanted)


PERSONAS: dict[str, Callable[[Sequence[Case]], Part]] = {
    "patient": _patient,
    "interrupting": _interrupting,
    "changing their mind": _changing,
    "multitasking": _multitasking,
}
