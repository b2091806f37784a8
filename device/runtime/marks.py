"""When each stage of a turn happened: a ring in memory, for timelines, benchmarks and metrics.

Marks are not part of the conversation and need not survive, so they never touch the ledger or the disk. To make one
costs a microsecond or two on any thread; what becomes of it is worked out later (`device.runtime.turns`).
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from device.ports import Clock


class Stage(StrEnum):
    """What is noted of a turn, in about the order in which it happens."""

    GLIMPSED = "perhaps a voice"
    SPEECH_STARTED = "speech started"
    WOKEN = "wake word"
    READ_AHEAD_BEGAN = "reading ahead"
    READ_AHEAD = "read ahead"
    SILENCE_BEGAN = "silence began"
    PAUSED = "pause noticed"
    RECOGNIZED = "words recognized"
    REHEARSED = "reply rehearsed"
    REHEARSAL_KEPT = "rehearsal kept"
    REHEARSAL_DROPPED = "rehearsal dropped"
    TURN_JUDGED = "turn judged"
    ENDPOINT = "endpoint"
    FLOOR_ASKED = "floor asked for"
    FLOOR_TAKEN = "floor taken"
    REPLY_STARTED = "reply started"
    MODEL_ASKED = "model asked"
    FIRST_TOKEN = "first token"  # noqa: S105
    FIRST_PIECE = "first piece of text"
    FIRST_CHUNK = "first sound made"
    PLAYBACK_STARTED = "first sound out"
    GENERATED = "text complete"
    PLAYBACK_FINISHED = "last sound out"
    INTERRUPTED = "interrupted"
    CALL_BEGAN = "call began"
    CALL_ENDED = "call ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stage was reached at `seconds` of the monotonic clock; `note` says with what."""

    stage: Stage
    seconds: float
    note: str = ""


class Marks:
    """The last `capacity` marks, oldest first."""

    def __init__(self, clock: Clock, *, capacity: int = 4096) -> None:
        self._clock = clock
        self._ring: deque[Mark] = deque(maxlen=capacity)
        self._unread: deque[Mark] = deque(maxlen=capacity)

    def add(self, stage: Stage, note: str = "", *, ago_seconds: float = 0.0) -> None:
        """Note that `stage` was reached `ago_seconds` ago; callable from any thread."""
        self.put(self.now(stage, note, ago_seconds=ago_seconds))

    def now(self, stage: Stage, note: str = "", *, ago_seconds: float = 0.0) -> Mark:
        """A mark of this moment, for `put` to note later: if it turns out to count."""
        return Mark(stage=stage, seconds=self._clock.monotonic_seconds() - ago_seconds, note=note)

    def put(self, mark: Mark) -> None:
        """Note it; callable from any thread."""
        self._ring.append(mark)
        self._unread.append(mark)

    def clear(self) -> None:
        """Forget all of them."""
        self._ring.clear()
        self._unread.clear()

    def unread(self) -> Iterator[Mark]:
        """Every mark since this was asked last, in the order in which they were put; for one reader, on any thread."""
        while self._unread:
            yield self._unread.popleft()

    def since(self, seconds: float = float("-inf")) -> tuple[Mark, ...]:
        """All marks that are kept, from `seconds` of the monotonic clock on."""
        return tuple(mark for mark in self._ring if mark.seconds >= seconds)
