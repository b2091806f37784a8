"""What one utterance waited for, read from the agent's marks; pure.

The wait goes from the true end of the speech to the first audible sample of the reply. It is split along its critical
path: until the endpoint was decided; from then on until the words were there, then the text of the first piece, then
its sound at the loudspeaker. What was ready before it was needed, because it was speculated on or ran meanwhile,
costs nothing; so the parts always add up to the whole.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from device.runtime.marks import Mark, Stage

PARTS = ("endpoint", "recognition", "first_piece", "first_chunk")

SLACK_SECONDS = 0.02
"""A sound may be handed to the device this long before the mark that it was made is written down."""

SHOWN = (
    Stage.SILENCE_BEGAN,
    Stage.PAUSED,
    Stage.RECOGNIZED,
    Stage.TURN_JUDGED,
    Stage.ENDPOINT,
    Stage.REPLY_STARTED,
    Stage.FIRST_TOKEN,
    Stage.FIRST_PIECE,
    Stage.FIRST_CHUNK,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What an utterance led to at the loudspeaker, in seconds of one clock: when its speech truly ended, and when
    the first audible samples before and after that were handed out, None for none.
    """

    end_seconds: float
    early_seconds: float | None
    audible_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One utterance's figures. Times in milliseconds after the true end of its speech."""

    name: str
    text: str = ""
    recognized: str = ""
    cut_off: bool = False
    early_endpoints: int = 0
    """Endpoints that were decided before the true end, whether or not anything became audible."""
    voice_to_voice_ms: float | None = None
    """None if it was cut off, or not answered."""
    split_ms: Mapping[str, float] = field(default_factory=dict)
    stages_ms: Mapping[str, float] = field(default_factory=dict)


def figures(name: str, text: str, heard: Heard, marks: Sequence[Mark]) -> Utterance:
    """One utterance's figures from the marks of its time, oldest first."""
    end, audible = heard.end_seconds, heard.audible_seconds
    until = float("inf") if audible is None else audible + SLACK_SECONDS
    reached = reply_stages([mark for mark in marks if mark.seconds <= until])
    answered = audible is not None and heard.early_seconds is None
    early = [mark for mark in marks if mark.stage is Stage.ENDPOINT and mark.seconds < end]
    return Utterance(
        name=name,
        text=text,
        recognized=reached[Stage.RECOGNIZED].note if Stage.RECOGNIZED in reached else "",
        cut_off=heard.early_seconds is not None,
        early_endpoints=len(early),
        voice_to_voice_ms=_ms(audible - end) if audible is not None and answered else None,
        split_ms=split(end, audible, _moments(reached)) if audible is not None and answered else {},
        stages_ms={stage.value: _ms(mark.seconds - end) for stage, mark in reached.items()},
    )


def reply_stages(marks: Sequence[Mark]) -> dict[Stage, Mark]:
    """The marks of the reply that became audible last, whichever of several beginnings it had."""
    reached: dict[Stage, Mark] = {}
    for stage in SHOWN:
        if (mark := _last(marks, lambda mark, stage=stage: mark.stage is stage)) is not None:  # type: ignore[misc]
            reached[stage] = mark
    if (chunk := reached.get(Stage.FIRST_CHUNK)) is not None:
        # Every piece has a mark; the first one's is that which became the first sound.
        piece = _last(
            marks,
            lambda mark: mark.stage is Stage.FIRST_PIECE and mark.note == chunk.note and mark.seconds <= chunk.seconds,
        )
        if piece is not None:
            reached[Stage.FIRST_PIECE] = piece
    return reached


def split(end: float, audible: float, moments: Mapping[str, float]) -> dict[str, float]:
    """Milliseconds of each part from `end` to `audible` (seconds), given when each was ready; they add up exactly.

    The last part ends at the loudspeaker, whatever it waited for; it includes the wait for the device's next block.
    """
    whole = max(_ms(audible - end), 0.0)
    parts: dict[str, float] = {}
    reached = 0.0
    for name in PARTS[:-1]:
        ready = min(max(_ms(moments.get(name, end) - end), reached), whole)
        parts[name] = round(ready - reached, 1)
        reached = ready
    return {**parts, PARTS[-1]: round(whole - reached, 1)}


def _moments(reached: Mapping[Stage, Mark]) -> dict[str, float]:
    stages = zip(PARTS, (Stage.ENDPOINT, Stage.RECOGNIZED, Stage.FIRST_PIECE, Stage.FIRST_CHUNK), strict=True)
    return {name: reached[stage].seconds for name, stage in stages if stage in reached}


def _last(marks: Sequence[Mark], wanted: Callable[[Mark], bool]) -> Mark | None:
    return next((mark for mark in reversed(marks) if wanted(mark)), None)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
