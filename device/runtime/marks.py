"""When each stage of a turn happened: a ring in memory, for timelines, benchmarks and metrics.

Marks are not part of the conversation and need not survive, so they never touch the ledger or the disk.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from device.ports import Clock


class Stage(StrEnum):
    """The stages between the user's last sound and the reply's first."""

    GLIMPSED = "perhaps a voice"
    SPEECH_STARTED = "speech started"
    WOKEN = "wake word"
    SILENCE_BEGAN = "silence began"
    PAUSED = "pause noticed"
    RECOGNIZED = "words recognized"
    TURN_JUDGED = "turn judged"
    ENDPOINT = "endpoint"
    REPLY_STARTED = "reply started"
    FIRST_TOKEN = "first token"  # noqa: S105
    FIRST_PIECE = "first piece of text"
    FIRST_CHUNK = "first sound made"
    PLAYBACK_STARTED = "first sound out"
    GENERATED = "text complete"
    PLAYBACK_FINISHED = "last sound out"
    INTERRUPTED = "interrupted"


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

    def add(self, stage: Stage, note: str = "", *, ago_seconds: float = 0.0) -> None:
        """Note that `stage` was reached `ago_seconds` ago; callable from any thread."""
        self.put(self.now(stage, note, ago_seconds=ago_seconds))

    def now(self, stage: Stage, note: str = "", *, ago_seconds: float = 0.0) -> Mark:
        """A mark of this moment, for `put` to note later: if it turns out to count."""
        return Mark(stage=stage, seconds=self._clock.monotonic_seconds() - ago_seconds, note=note)

    def put(self, mark: Mark) -> None:
        """Note it; callable from any thread."""
        self._ring.append(mark)

    def clear(self) -> None:
        """Forget all of them."""
        self._ring.clear()

    def since(self, seconds: float = float("-inf")) -> tuple[Mark, ...]:
        """All marks that are kept, from `seconds` of the monotonic clock on."""
        return tuple(mark for mark in self._ring if mark.seconds >= seconds)
