"""What the LED shows: from how the agent fares to a pattern, and from a pattern and the time to light.

Patterns are data. Each has a rhythm of light and dark for LEDs that can only be on or off, a colour for those that have
one, and a glow and a motion for strips, which can be dim and can move without costing the processor anything. Nothing
here is periodic by itself: `frame` names the moment of the next change, and a light that is steady names none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType


class Indication(Enum):
    """What there is to show."""

    STARTING = "starting"
    ASLEEP = "asleep"
    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    BACKGROUND = "background"
    MUTED = "muted"
    ERROR = "error"
    UPDATING = "updating"


class Activity(Enum):
    """What the agent does for whoever is before it."""

    STARTING = "starting"
    UPDATING = "updating"
    ASLEEP = "asleep"
    """It waits to be called."""
    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How the agent fares: what it does, and what lasts meanwhile."""

    activity: Activity = Activity.STARTING
    trouble: bool = False
    muted: bool = False
    working: bool = False
    """Whether a call or a task is under way in the background."""


def indication(condition: Condition) -> Indication:
    """What is shown of a condition: what happens now goes before what lasts, trouble before being muted."""
    if condition.activity not in (Activity.IDLE, Activity.ASLEEP):
        return Indication(condition.activity.value)
    if condition.trouble:
        return Indication.ERROR
    if condition.muted:
        return Indication.MUTED
    return Indication.BACKGROUND if condition.working else Indication(condition.activity.value)


# --- patterns ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """Red, green and blue, each from 0 to 1."""

    red: float
    green: float
    blue: float

    @classmethod
    def parse(cls, text: str) -> "Colour":
        """From "#rrggbb". Raises ValueError."""
        if len(text) != 7 or text[0] != "#":
            raise ValueError(f'"{text}" is no colour such as "#00ff80"')
        red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
        return cls(red=red, green=green, blue=blue)

    def scaled(self, level: float) -> "Colour":
        """The same colour, darker."""
        return Colour(red=self.red * level, green=self.green * level, blue=self.blue * level)


DARK = Colour(red=0.0, green=0.0, blue=0.0)


@dataclass(frozen=True, slots=True)
class Step:
    """So much light (0 to 1) for so many milliseconds; 0 milliseconds for good."""

    level: float
    ms: int = 0


class Motion(Enum):
    """What a strip's LEDs do beside one another."""

    TOGETHER = "together"
    ONE_BY_ONE = "one by one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One indication's light; `blink` has levels 0 and 1 only, `glow` is what a strip shows instead."""

    colour: str
    blink: tuple[Step, ...]
    glow: tuple[Step, ...] = ()
    motion: Motion = Motion.TOGETHER


_ON = Step(1.0)


def _flash(*milliseconds: int) -> tuple[Step, ...]:
    """Light and dark in turn, beginning with light."""
    return tuple(Step(1.0 - number % 2, ms) for number, ms in enumerate(milliseconds))


PATTERNS: Mapping[Indication, Pattern] = MappingProxyType(
    {
        Indication.STARTING: Pattern(colour="#ffffff", blink=_flash(500, 500)),
        Indication.ASLEEP: Pattern(colour="#00ff00", blink=_flash(20, 9980), glow=(Step(0.02),)),
        Indication.IDLE: Pattern(colour="#00ff00", blink=_flash(40, 4960), glow=(Step(0.06),)),
        Indication.LISTENING: Pattern(colour="#0000ff", blink=(_ON,)),
        Indication.THINKING: Pattern(
            colour="#00ffff", blink=_flash(100, 100), glow=_flash(120), motion=Motion.ONE_BY_ONE
        ),
        Indication.SPEAKING: Pattern(colour="#ff00ff", blink=_flash(700, 100), glow=(Step(1.0, 300), Step(0.7, 300))),
        Indication.BACKGROUND: Pattern(
            colour="#00ffff", blink=_flash(40, 200, 40, 1720), glow=(Step(0.06, 1500), Step(0.3, 500))
        ),
        Indication.MUTED: Pattern(colour="#ff0000", blink=_flash(1000, 2000), glow=(Step(0.3),)),
        Indication.ERROR: Pattern(colour="#ff0000", blink=_flash(80, 120, 80, 120, 80, 920)),
        Indication.UPDATING: Pattern(
            colour="#ffff00", blink=_flash(250, 250), glow=_flash(200), motion=Motion.ONE_BY_ONE
        ),
    }
)
"""Every indication's pattern. The colours are whole ones, which an RGB LED shows without dimming."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """What there is to show it on: so many `leds`, which can be `dimmed` smoothly or not, at this brightness."""

    leds: int = 1
    dimmed: bool = False
    brightness: float = 1.0
    colours: Mapping[Indication, Colour] = field(default_factory=dict)
    """Colours other than the patterns'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The light of each LED, and in how many seconds it changes; None if it does not."""

    lights: Sequence[Colour]
    changes_in_seconds: float | None


def frame(shown: Indication, lamp: Lamp, seconds: float) -> Frame:
    """The light that `lamp` gives `seconds` after it began to show an indication."""
    pattern = PATTERNS[shown]
    moving = lamp.dimmed and lamp.leds > 1 and pattern.motion is Motion.ONE_BY_ONE
    glows = lamp.dimmed and pattern.glow and (moving or pattern.motion is Motion.TOGETHER)
    steps = pattern.glow if glows else pattern.blink
    number, left_ms = _step_at(steps, seconds * 1000)
    colour = lamp.colours.get(shown) or Colour.parse(pattern.colour)
    light = colour.scaled(steps[number % len(steps)].level * lamp.brightness)
    lit = {number % lamp.leds} if moving else range(lamp.leds)
    lights = tuple(light if led in lit else DARK for led in range(lamp.leds))
    return Frame(lights=lights, changes_in_seconds=None if left_ms is None else left_ms / 1000)


def _step_at(steps: Sequence[Step], ms: float) -> tuple[int, float | None]:
    """The number of the step at this time, counted on through every round, and how long it still lasts."""
    round_ms = sum(step.ms for step in steps)
    if not all(step.ms for step in steps):
        return 0, None
    rounds, rest = divmod(ms + 0.01, round_ms)  # a call at the very moment of a change is after it
    number = int(rounds) * len(steps)
    for step in steps:
        if rest < step.ms:
            return number, step.ms - rest + 0.01
        rest -= step.ms
        number += 1
    return number, steps[0].ms
