"""A turn's stages as a line of text: how long after the user's last sound each was reached."""

from dataclasses import dataclass

from device.runtime.marks import Mark, Marks, Stage

ONCE = frozenset({Stage.FIRST_PIECE, Stage.FIRST_TOKEN, Stage.FIRST_CHUNK, Stage.PLAYBACK_STARTED})
"""Stages of which only the first in a turn counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Milliseconds from the user's last sound to each stage, in order."""

    stages_ms: tuple[tuple[Stage, float], ...]

    def as_dict(self) -> dict[str, float]:
        """The stages by name, in milliseconds."""
        return {stage.value: round(ms, 1) for stage, ms in self.stages_ms}

    def as_text(self) -> str:
        """One line for a person."""
        steps = " · ".join(f"{stage.value} {ms:.0f}" for stage, ms in self.stages_ms)
        return f"timeline (ms after your last sound): {steps}"


def timelines(marks: Marks) -> list[Timeline]:
    """One timeline for every turn of the user's that was answered, from the marks that are kept."""
    found: list[Timeline] = []
    silence: float | None = None
    stages: dict[Stage, float] = {}
    for mark in marks.since():
        if mark.stage is Stage.SILENCE_BEGAN:
            if Stage.ENDPOINT in stages:
                _close(found, stages, silence)
            silence, stages = mark.seconds, {}
        elif silence is not None and not (mark.stage in ONCE and mark.stage in stages):
            stages[mark.stage] = (mark.seconds - silence) * 1000
    _close(found, stages, silence)
    return found


def _close(found: list[Timeline], stages: dict[Stage, float], silence: float | None) -> None:
    if silence is not None and Stage.REPLY_STARTED in stages:
        found.append(Timeline(stages_ms=tuple(sorted(stages.items(), key=lambda item: item[1]))))


def last(marks: Marks, stage: Stage) -> Mark | None:
    """The latest mark of a stage."""
    return next((mark for mark in reversed(marks.since()) if mark.stage is stage), None)
