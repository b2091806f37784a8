"""How loud and how fast the agent speaks.

The rule it owns: a number alone, or behind "to", is how loud; one beside "up", "quieter" and the like is how much.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from device.core.number_words import parse_number, read_number
from device.core.utterances import words
from device.toolkit import ToolContext, ToolError, tool

LOWEST, STEP = 0.1, 0.2
"""The voice never becomes so quiet that nobody hears it offer to be louder; how much "louder" is."""

_SPEEDS = {"slower": 0.85, "faster": 1 / 0.85}
SLOWEST, FASTEST = 0.5, 2.0

_LOUDER = frozenset("louder up higher raise increase more".split())
_QUIETER = frozenset("quieter softer down lower reduce decrease less".split())
_MOST = frozenset("max maximum full loudest highest".split())
_LEAST = frozenset("min minimum quietest lowest".split())
_MUTE = frozenset("mute muted off silent silence".split())
_UNTIL = frozenset("to at than of".split())
_VAGUE = frozenset("a about around just only the".split())
_STEPS = frozenset("step steps notch notches click clicks bit".split())
_SAID_OTHERWISE = (
    (r"\b(?:not so|too|less|not as) loud\b", "quieter"),
    (r"\b(?:not so|too|less|not as) (?:quiet|soft|low)\b", "louder"),
    (r"\ball the way up\b", "max"),
    (r"\ball the way down\b", "min"),
    (r"\b(\d{1,2}) (?:out )?of (?:10|ten)\b", r"\g<1>0 percent"),
)
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[a-z]+")


@tool(sentence=True)
async def change_volume(context: ToolContext, to: str) -> str:
    """Change how loud you speak.

    Args:
        to: a percentage, "louder", "quieter" or "max"

    """
    context.voice.volume = volume = _volume(to, context.voice.volume)
    limit = ", the highest" if volume >= 1 else ", the lowest" if volume <= LOWEST else ""
    return f"The volume is {round(100 * volume)} percent{limit}."


@tool(sentence=True)
async def change_speed(context: ToolContext, to: Literal["slower", "normal", "faster"]) -> str:
    """Change how fast you speak.

    Args:
        to: how, compared to now; normal for your own pace

    """
    speed = context.voice.speed * _SPEEDS.get(to, 1.0) if to != "normal" else 1.0
    speed = min(max(speed, SLOWEST), FASTEST)
    # A step back from a step leads to exactly where it came from.
    context.voice.speed = speed = 1.0 if abs(speed - 1.0) < 0.01 else round(speed, 3)
    return f"The voice speaks at {round(100 * speed)} percent of its normal speed."


def _volume(to: str, now: float) -> float:
    """The volume that is meant when it is `now`. Raises ToolError."""
    to = to.lower()
    for pattern, meant in _SAID_OTHERWISE:
        to = re.sub(pattern, meant, to)
    said = frozenset(words(to))
    level = _level(to)
    if level is None:
        level = _level_or_step(_TOKEN.findall(to.replace("-", " ").replace("%", " percent")), now)
    if level is None:
        for meaning, wanted in ((_MOST, 1.0), (_LEAST, LOWEST), (_LOUDER, now + STEP), (_QUIETER, now - STEP)):
            if not said.isdisjoint(meaning):
                level = wanted
                break
    if (level is None and said & _MUTE) or level == 0:
        raise ToolError("The voice cannot be muted, it could not be told to come back; the lowest is 10 percent.")
    if level is None:
        raise ToolError(f'"{to.strip()[:40]}" is not a volume; ask the user for one between 10 and 100 percent.')
    return round(min(max(level, LOWEST), 1.0), 2)


def _level(to: str) -> float | None:
    """A volume that was said as a number: a percentage, or a share of one ("half", "0.5")."""
    said = to.lower().replace("%", " percent")
    is_percentage = "percent" in said
    number = parse_number(" ".join(word for word in said.split() if word not in ("percent", "to", "volume", "level")))
    return None if number is None else _share(number, is_percentage=is_percentage)


def _share(number: float, *, is_percentage: bool) -> float:
    return number if 0 < number < 1 and not is_percentage else number / 100


def _level_or_step(said: Sequence[str], now: float) -> float | None:
    """The volume that a number among other words means when it is `now`; None if it says neither how loud nor how much.

    A step in percent goes so many points up or down, one as a share ("down by half") that share of what there is.
    """
    is_percentage = "percent" in said
    numbers = [*_numbers(said)]
    levels = [number for before, number, _ in numbers if before in _UNTIL]
    if levels or not numbers:
        return _share(levels[0], is_percentage=is_percentage) if levels else None
    _, number, behind = numbers[0]
    if behind in _STEPS or (number == 1 and not is_percentage):
        step = number * STEP
    else:
        step = number * now if 0 < number < 1 and not is_percentage else number / 100
    if step and not _LOUDER.isdisjoint(said):
        return now + step
    return max(now - step, LOWEST) if step and not _QUIETER.isdisjoint(said) else None


def _numbers(said: Sequence[str]) -> Iterator[tuple[str, float, str]]:
    """The numbers, each with the word before it that counts and the word behind it."""
    at, before = 0, ""
    while at < len(said):
        number, used = read_number(said[at:]) or (0.0, 0)
        if used:
            yield before, number, " ".join(said[at + used : at + used + 1])
        elif said[at] not in _VAGUE:
            before = said[at]
        at += used or 1
