"""The spans of a turn, from its marks: what took from when until when, each in milliseconds; pure.

Time counts from the user's last sound where there was one, else from the reply's beginning.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from device.runtime.marks import Mark, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Something that took time; one that has not ended has no `end_ms`. `lane` says whose work it was."""

    lane: str
    name: str
    begin_ms: float
    end_ms: float | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A span begins with one stage and ends with the first of others; what begins anew ends the one before."""

    lane: str
    name: str
    begin: Stage
    ends: tuple[Stage, ...]
    open_ended: bool = False
    """Whether one without an end is still under way; else it is none."""


_PAIRS = (
    _Pair("inbox", "wait for the floor", Stage.FLOOR_ASKED, (Stage.FLOOR_TAKEN,)),
    _Pair("ears", "recognition", Stage.PAUSED, (Stage.RECOGNIZED,)),
    _Pair("ears", "turn judged", Stage.RECOGNIZED, (Stage.TURN_JUDGED,)),
    _Pair("model", "read ahead", Stage.READ_AHEAD_BEGAN, (Stage.READ_AHEAD, Stage.REHEARSED)),
    _Pair("model", "rehearsal", Stage.REHEARSED, (Stage.REHEARSAL_KEPT, Stage.REHEARSAL_DROPPED)),
    _Pair("model", "prompt read", Stage.MODEL_ASKED, (Stage.FIRST_TOKEN,), open_ended=True),
    _Pair("model", "first piece written", Stage.FIRST_TOKEN, (Stage.FIRST_PIECE,)),
    _Pair("model", "reply written", Stage.FIRST_TOKEN, (Stage.GENERATED,), open_ended=True),
    _Pair("voice", "first sound made", Stage.FIRST_PIECE, (Stage.FIRST_CHUNK,)),
    _Pair("voice", "first sound waits", Stage.FIRST_CHUNK, (Stage.PLAYBACK_STARTED,)),
    _Pair(
        "voice",
        "reply heard",
        Stage.PLAYBACK_STARTED,
        (Stage.PLAYBACK_FINISHED, Stage.INTERRUPTED),
        open_ended=True,
    ),
)

_ENDED_BY = {
    Stage.REHEARSAL_KEPT: "kept",
    Stage.REHEARSAL_DROPPED: "thrown away",
    Stage.INTERRUPTED: "interrupted",
    Stage.REHEARSED: "cut short",
}


def origin(marks: Sequence[Mark]) -> float:
    """When the time of a turn is zero, in seconds of the marks' clock; `marks`, at least one, may be in any order."""
    silences = [mark.seconds for mark in marks if mark.stage is Stage.SILENCE_BEGAN]
    replies = [mark.seconds for mark in marks if mark.stage is Stage.REPLY_STARTED]
    return max(silences) if silences else min(replies or [mark.seconds for mark in marks])


def spans(marks: Sequence[Mark]) -> list[Span]:
    """What took time in a turn, by its beginning; `marks` may be in any order."""
    if not marks:
        return []
    zero = origin(marks)
    ordered = sorted(marks, key=lambda mark: mark.seconds)
    found = [*_spoken(ordered, zero), *_calls(ordered, zero)]
    for pair in _PAIRS:
        found += _paired(pair, ordered, zero)
    return sorted(found, key=lambda span: span.begin_ms)


def _paired(pair: _Pair, ordered: Sequence[Mark], zero: float) -> list[Span]:
    found: list[Span] = []
    begun: Mark | None = None
    for mark in ordered:
        if begun is not None and mark.stage in pair.ends:
            found.append(_span(pair.lane, pair.name, begun, mark, zero))
            begun = None
        if mark.stage is pair.begin:
            begun = mark
    if begun is not None and pair.open_ended:
        found.append(_span(pair.lane, pair.name, begun, None, zero))
    return found


def _spoken(ordered: Sequence[Mark], zero: float) -> list[Span]:
    """The user's speech, pauses inside it included, and the wait until it was taken for over."""
    start = next((mark for mark in ordered if mark.stage is Stage.SPEECH_STARTED), None)
    silence = next((mark for mark in reversed(ordered) if mark.stage is Stage.SILENCE_BEGAN), None)
    endpoint = next((mark for mark in reversed(ordered) if mark.stage is Stage.ENDPOINT), None)
    found = []
    if start is not None and (end := silence or endpoint) is not None:
        found.append(_span("you", "speech", start, end, zero, note=""))
    if silence is not None and endpoint is not None:
        found.append(_span("ears", "wait for the end", silence, endpoint, zero, note=""))
    return found


def _calls(ordered: Sequence[Mark], zero: float) -> list[Span]:
    ends = {mark.note.partition(" ")[0]: mark for mark in ordered if mark.stage is Stage.CALL_ENDED}
    found = []
    for mark in ordered:
        if mark.stage is Stage.CALL_BEGAN:
            call, _, tool = mark.note.partition(" ")
            end = ends.get(call)
            status = "" if end is None else end.note.partition(" ")[2]
            found.append(_span("calls", f"{call} {tool}", mark, end, zero, note=status))
    return found


def _span(lane: str, name: str, begin: Mark, end: Mark | None, zero: float, *, note: str | None = None) -> Span:
    if note is None:
        note = "" if end is None else _ENDED_BY.get(end.stage, "") or _told(end) or _told(begin)
    return Span(
        lane=lane,
        name=name,
        begin_ms=_ms(begin.seconds - zero),
        end_ms=None if end is None else max(_ms(end.seconds - zero), _ms(begin.seconds - zero)),
        note=note,
    )


def _told(mark: Mark) -> str:
    """A mark's note, unless it is only the turn's number."""
    return "" if mark.stage in (Stage.PLAYBACK_STARTED, Stage.PLAYBACK_FINISHED) else mark.note


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
