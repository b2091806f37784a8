"""How people of several tempers go about what they want; pure.

A line is said when its `when` has come: after `rest` the agent has nothing left to do, after `reply` it has begun to
answer what was said before, after `pause` a second has passed, whatever the agent does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from device.bench.tool_choice import Calls
from device.eval.users.wishes import Wish

REST, REPLY, PAUSE = "rest", "reply", "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is said for a wish, and when."""

    text: str
    when: str
    wish: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """All that a person says, in order."""

    lines: tuple[Line, ...]

    @property
    def wanted(self) -> Calls:
        """The calls that must have been made in the end."""
        return tuple(call for line in self.lines for call in line.wish.wanted)


def _each(wishes: Sequence[Wish], when: str) -> Part:
    return Part(
        lines=tuple(Line(text=one.said, when=when if number else REST, wish=one) for number, one in enumerate(wishes))
    )


def _patient(wishes: Sequence[Wish]) -> Part:
    return _each(wishes, REST)


def _interrupting(wishes: Sequence[Wish]) -> Part:
    return _each(wishes, REPLY)


def _multitasking(wishes: Sequence[Wish]) -> Part:
    return _each(wishes, PAUSE)


def _changing(wishes: Sequence[Wish]) -> Part:
    """They correct themselves in the same breath, so that only what they said last is wanted."""
    return _each([one.corrected or one for one in wishes], REST)


PERSONAS: dict[str, Callable[[Sequence[Wish]], Part]] = {
    "patient": _patient,
    "interrupting": _interrupting,
    "changing their mind": _changing,
    "multitasking": _multitasking,
}
MANNERS = {
    "patient": "calm and polite",
    "interrupting": "in a hurry, with few words",
    "changing their mind": "unsure, first saying one thing and then correcting it",
    "multitasking": "casual, with other things on their mind",
}
"""How each speaks, for a model that plays them."""
