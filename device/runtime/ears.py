"""What listening is done with, and what is known of the utterance that is being heard."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

from device.core.turn_end import Signs
from device.ports import Recognizer, Samples, TurnDetector, VoiceDetector
from device.runtime.echo import EchoRemover
from device.runtime.spotting import Spotter

PARTIAL_WINDOWS = 5
"""So many windows (of 32 ms) after the last look at a growing utterance comes the next, at the earliest."""


@dataclass(kw_only=True)
class Ears:
    """What listening is done with; `hearing` and `judging` are one worker thread each.

    `judge` makes of the signs of a pause the probability that the speaker has finished.
    """

    detector: VoiceDetector
    recognizer: Recognizer
    turn_detector: TurnDetector
    judge: Callable[[Signs], float]
    hearing: Executor
    judging: Executor
    spotter: Spotter | None = None
    echo: EchoRemover = field(default_factory=lambda: EchoRemover(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureOptions:
    """`preroll_ms` of sound before an utterance belong to it. At a pause its words are told if replies are prepared
    (`speculate`), and while it grows all but the last if the model reads them ahead (`read_ahead`). The first likely
    sound of a voice over a reply is told at once if replies are held early (`hold_early`). A quiet microphone is
    amplified if `auto_gain` says so.
    """

    preroll_ms: int = 200
    speculate: bool = True
    read_ahead: bool = True
    hold_early: bool = True
    auto_gain: bool = True


@dataclass(kw_only=True, eq=False)
class Utterance:
    """What the user is saying: its windows, the question that was asked of them at the last pause, and the signs that
    came as an answer. `likely_ends` says of a text how likely the language model finds it that a sentence ends there.
    `outlasts_echo`: it is no echo, since it stood out, or was heard when none was left.
    """

    windows: list[Samples] = field(default_factory=list)
    words: "asyncio.Task[str] | None" = None
    signs: Signs = field(default_factory=Signs)
    likely_ends: dict[str, float] = field(default_factory=dict)
    weighed: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether the language model has read the words before the last pause."""
    told_of_pause: bool = False
    ahead: tuple[str, str] = ("", "")
    """What was told of its words while it went on: those that were sure, and all, if they might be the whole turn."""
    next_look: int = PARTIAL_WINDOWS
    discarded: bool = False
    outlasts_echo: bool = True
    over_reply: bool = False
    """Whether it began while the agent's own voice was about."""
    called: bool = False
    """Whether the wake word was spotted in it."""
    lead: str = ""
    """What had been recognized when it was spotted."""
    named: bool = False
    """Whether the wake word stood in its words."""
