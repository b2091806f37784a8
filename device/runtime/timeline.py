"""A turn's stages as a line of text: how long after the user's last sound each was reached."""

from dataclasses import dataclass

from device.runtime.marks import Marks, Stage

BESIDE = frozenset({
    Stage.READ_AHEAD_BEGAN, Stage.READ_AHEAD, Stage.REHEARSED, Stage.REHEARSAL_KEPT, Stage.REHEARSAL_DROPPED,
    Stage.FLOOR_ASKED, Stage.FLOOR_TAKEN, Stage.MODEL_ASKED, Stage.CALL_BEGAN, Stage.CALL_ENDED, Stage.GLIMPSED,
    Stage.SPEECH_STARTED,
})  # fmt: skip
"""What a line has no room for (`device trace` shows it), and what begins the next turn."""

LAST = frozenset({Stage.GENERATED, Stage.PLAYBACK_FINISHED, Stage.INTERRUPTED})
"""Stages of which the last in a turn counts; of all others the first does. A tool's result makes a second reply."""


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
        elif mark.stage not in BESIDE and silence is not None and (mark.stage in LAST or mark.stage not in stages):
            stages[mark.stage] = (mark.seconds - silence) * 1000
    _close(found, stages, silence)
    return found


def _close(found: list[Timeline], stages: dict[Stage, float], silence: float | None) -> None:
    if silence is not None and Stage.REPLY_STARTED in stages:
        found.append(Timeline(stages_ms=tuple(sorted(stages.items(), key=lambda item: item[1]))))
