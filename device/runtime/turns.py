"""What became of each of the last turns, and how long its answer took: folded from the marks and the loop's steps.

A turn is a reply and what it answers, under the number that the ledger has for it. What is noted while the user speaks
is gathered until the reply to it begins. Whoever makes a mark only appends it; it is folded in after the loop's next
step, so nothing that is waited for waits for this. All is bounded: turns, marks of one, characters, latencies; a whole
turn costs less than 100 microseconds of a server's core, spread over its seconds (scripts/bench/insight-cost).
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from device.core.events import (
    AlarmsRang,
    AudioLost,
    Backchannel,
    Event,
    GlimpseFaded,
    Muted,
    ResultsArrived,
    SayingAsked,
    SilenceAsked,
    StopPressed,
    TextTyped,
    TurnEnded,
    TurnWasEmpty,
)
from device.core.fsm import Machine
from device.core.percentiles import percentile
from device.ports import Clock
from device.runtime.dispatcher import ReplyReport, ReplyText
from device.runtime.marks import Mark, Marks, Stage

MOST_TURNS = 64
MOST_MARKS = 200
"""Of one turn; a long utterance is read ahead many times."""

MOST_CHARACTERS = 400
MOST_NOTE_CHARACTERS = 80

HOUR_SECONDS = 3600.0
MOST_LATENCIES = 2000
"""More answers than this in one hour nobody can listen to."""

BUCKETS_SECONDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)

_HEARING = frozenset({
    Stage.GLIMPSED, Stage.SPEECH_STARTED, Stage.WOKEN, Stage.READ_AHEAD_BEGAN, Stage.READ_AHEAD, Stage.SILENCE_BEGAN,
    Stage.PAUSED, Stage.RECOGNIZED, Stage.TURN_JUDGED, Stage.ENDPOINT,
})  # fmt: skip

_CAUSES: dict[type[Event], str] = {
    TurnEnded: "spoken",
    Backchannel: "spoken",
    TextTyped: "typed",
    ResultsArrived: "results",
    AlarmsRang: "alarm",
    SayingAsked: "saying",
}

_NO_TURN = (TurnWasEmpty, Backchannel, SilenceAsked, GlimpseFaded, StopPressed, Muted, AudioLost)
"""After these, what was gathered belongs to no turn, unless the step began one."""


@dataclass(kw_only=True, slots=True, eq=False)
class Turn:
    """A reply and what it answers. `answered` is what has been heard of it, or made so far while it is under way.

    `voice_to_voice_ms` is the wait from the user's last sound, as the voice detector heard it, to the reply's first;
    None where nobody waited so. `cause` is spoken, typed, results, alarm or saying; `outcome` is under way, heard,
    interrupted, failed or silent. `seconds` is when the reply began, by the monotonic clock.
    """

    number: int
    seconds: float
    wall_seconds: float
    cause: str = ""
    said: str = ""
    answered: str = ""
    outcome: str = "under way"
    failure: str = ""
    voice_to_voice_ms: float | None = None
    marks: list[Mark] = field(default_factory=list)

    def put(self, *marks: Mark) -> None:
        """Note more of it, as long as there is room."""
        self.marks.extend(marks[: MOST_MARKS - len(self.marks)])


@dataclass(kw_only=True, slots=True)
class Totals:
    """Counts since the start. `latency_buckets` has one more than BUCKETS_SECONDS, for what took longer."""

    turns: Counter[str] = field(default_factory=Counter)
    replies: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    rehearsals: Counter[str] = field(default_factory=Counter)
    tokens: int = 0
    writing_seconds: float = 0.0
    latency_buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_SECONDS) + 1))
    latency_seconds: float = 0.0


class Turns:
    """The last turns of an agent; `step` is an observer of its loop, `follow` a follower of its replies."""

    def __init__(self, marks: Marks, clock: Clock) -> None:
        self._marks = marks
        self._clock = clock
        self._kept: deque[Turn] = deque(maxlen=MOST_TURNS)
        self._gathered: list[Mark] = []
        self._before: list[Mark] = []
        self._rehearsed: Mark | None = None
        self._unanswered: Mark | None = None
        self._calls: dict[str, Turn] = {}
        self._latencies: deque[tuple[float, float]] = deque(maxlen=MOST_LATENCIES)
        self.totals = Totals()

    # --- what it is told -----------------------------------------------------------------------------------------

    def step(self, before: Machine, event: Event, after: Machine) -> None:
        """The loop made a step."""
        self.fold()
        begun = after.turn != before.turn and self._is_last(after.turn)
        if begun:
            self._name(self._kept[-1], event)
        elif isinstance(event, _NO_TURN):
            self._gathered = _of_next_utterance(self._gathered)

    def follow(self, news: ReplyText | ReplyReport) -> None:
        """A reply goes on, or has ended."""
        self.fold()
        if not self._is_last(news.turn):
            return
        turn = self._kept[-1]
        if isinstance(news, ReplyText):
            turn.answered = (turn.answered + news.text)[:MOST_CHARACTERS]
            return
        turn.answered, turn.failure = news.heard[:MOST_CHARACTERS], news.failure[:MOST_CHARACTERS]
        silent = "heard" if news.heard.strip() else "silent"
        turn.outcome = "failed" if news.failure else "interrupted" if news.interrupted else silent
        self.totals.replies[turn.outcome] += 1

    def forget(self) -> None:
        """Forget what was said; how often and how fast stays known."""
        self._kept.clear()
        self._gathered.clear()
        self._before.clear()
        self._calls.clear()
        self._rehearsed = self._unanswered = None

    # --- what it tells -------------------------------------------------------------------------------------------

    def last(self, count: int = MOST_TURNS) -> list[Turn]:
        """The last turns, oldest first."""
        self.fold()
        return list(self._kept)[-count:]

    def get(self, number: int) -> Turn | None:
        """The turn of this number, if it is still kept."""
        return next((turn for turn in self.last() if turn.number == number), None)

    def latency(self) -> dict[str, float | int | None]:
        """Voice to voice in the last hour: how many answers, and p50 and p95 in milliseconds; None of none."""
        since = self._clock.monotonic_seconds() - HOUR_SECONDS
        found = [ms for seconds, ms in self._latencies if seconds >= since]
        p50, p95 = (round(percentile(found, percent), 1) if found else None for percent in (50, 95))
        return {"n": len(found), "p50_ms": p50, "p95_ms": p95}

    # --- folding -------------------------------------------------------------------------------------------------

    def fold(self) -> None:
        """Take in the marks that were made since; called on the loop's thread."""
        for mark in self._marks.unread():
            stage = mark.stage
            if stage in _HEARING:
                if len(self._gathered) < MOST_MARKS:
                    self._gathered.append(_short(mark))
            elif (take := self._takers.get(stage)) is not None:
                take(self, mark)
            elif self._kept:
                self._kept[-1].put(_short(mark))

    def _reply_started(self, mark: Mark) -> None:
        gathered: list[Mark] = []
        if any(one.stage is Stage.ENDPOINT for one in self._gathered):  # else nobody has finished speaking
            later = _of_next_utterance(self._gathered)
            gathered, self._gathered = self._gathered[: len(self._gathered) - len(later)], later
        turn = Turn(number=int(mark.note), seconds=mark.seconds, wall_seconds=self._clock.wall_seconds())
        turn.put(*gathered, *self._before, mark)
        self._before = []
        self._kept.append(turn)
        ended = [one for one in gathered if one.stage in (Stage.SILENCE_BEGAN, Stage.ENDPOINT)]
        if ended:
            silences = [one for one in ended if one.stage is Stage.SILENCE_BEGAN]
            self._unanswered = (silences or ended)[-1]

    def _playback_started(self, mark: Mark) -> None:
        if not self._is_last(int(mark.note)):
            return  # of a reply that has been overtaken
        turn = self._kept[-1]
        turn.put(mark)
        if (since := self._unanswered) is None:
            return
        self._unanswered = None
        waited_seconds = mark.seconds - since.seconds
        turn.voice_to_voice_ms = round(waited_seconds * 1000, 1)
        self._latencies.append((mark.seconds, turn.voice_to_voice_ms))
        bucket = next((n for n, most in enumerate(BUCKETS_SECONDS) if waited_seconds <= most), len(BUCKETS_SECONDS))
        self.totals.latency_buckets[bucket] += 1
        self.totals.latency_seconds += waited_seconds

    def _interrupted(self, mark: Mark) -> None:
        self._unanswered = None
        if self._kept:
            self._kept[-1].put(mark)

    def _first_piece(self, mark: Mark) -> None:
        """Every piece has a mark; a turn keeps the first."""
        if self._kept and not any(one.stage is Stage.FIRST_PIECE for one in self._kept[-1].marks):
            self._kept[-1].put(_short(mark))

    def _generated(self, mark: Mark) -> None:
        if not self._kept:
            return
        turn = self._kept[-1]
        turn.put(mark)
        first = next((one for one in turn.marks if one.stage is Stage.FIRST_TOKEN), None)
        if first is not None and any(one.stage is Stage.MODEL_ASKED for one in turn.marks):
            self.totals.tokens += int(mark.note.split()[0])
            self.totals.writing_seconds += mark.seconds - first.seconds

    def _floor(self, mark: Mark) -> None:
        self._before = [*self._before[-3:], mark]

    def _rehearsal_began(self, mark: Mark) -> None:
        self._rehearsed = mark

    def _rehearsal_ended(self, mark: Mark) -> None:
        """Kept, it belongs to the reply that began with it; dropped, to what the user is saying or the last reply."""
        kept = mark.stage is Stage.REHEARSAL_KEPT
        self.totals.rehearsals["kept" if kept else "dropped"] += 1
        began, self._rehearsed = self._rehearsed, None
        marks = (mark,) if began is None else (began, mark)
        if not kept and self._gathered and len(self._gathered) < MOST_MARKS:
            self._gathered.extend(marks)
        elif self._kept:
            self._kept[-1].put(*marks)

    def _call_began(self, mark: Mark) -> None:
        if self._kept:
            self._kept[-1].put(mark)
            self._calls[mark.note.split()[0]] = self._kept[-1]

    def _call_ended(self, mark: Mark) -> None:
        call, status = mark.note.split()
        self.totals.calls[status] += 1
        if (turn := self._calls.pop(call, None)) is not None:
            turn.put(mark)

    _takers: ClassVar[dict[Stage, Callable[["Turns", Mark], None]]] = {
        Stage.REPLY_STARTED: _reply_started,
        Stage.PLAYBACK_STARTED: _playback_started,
        Stage.INTERRUPTED: _interrupted,
        Stage.FIRST_PIECE: _first_piece,
        Stage.GENERATED: _generated,
        Stage.FLOOR_ASKED: _floor,
        Stage.FLOOR_TAKEN: _floor,
        Stage.REHEARSED: _rehearsal_began,
        Stage.REHEARSAL_KEPT: _rehearsal_ended,
        Stage.REHEARSAL_DROPPED: _rehearsal_ended,
        Stage.CALL_BEGAN: _call_began,
        Stage.CALL_ENDED: _call_ended,
    }

    def _name(self, turn: Turn, event: Event) -> None:
        turn.cause = _CAUSES.get(type(event), "")
        turn.said = str(getattr(event, "text", ""))[:MOST_CHARACTERS] if turn.cause in ("spoken", "typed") else ""
        self.totals.turns[turn.cause or "other"] += 1

    def _is_last(self, number: int) -> bool:
        return bool(self._kept) and self._kept[-1].number == number


def _of_next_utterance(gathered: list[Mark]) -> list[Mark]:
    """What was gathered of an utterance that began after the last endpoint."""
    ends = [place for place, mark in enumerate(gathered) if mark.stage is Stage.ENDPOINT]
    if not ends:
        return []
    starts = [place for place in range(ends[-1], len(gathered)) if gathered[place].stage is Stage.SPEECH_STARTED]
    return gathered[starts[0] :] if starts else []


def _short(mark: Mark) -> Mark:
    if len(mark.note) <= MOST_NOTE_CHARACTERS:
        return mark
    return Mark(stage=mark.stage, seconds=mark.seconds, note=mark.note[:MOST_NOTE_CHARACTERS])
