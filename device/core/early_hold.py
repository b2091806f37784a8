"""Whether to hold the reply before it is known that the user speaks; pure, time is a count of frames of 10 ms.

The voice detector needs some 100 ms to be sure, far more while the echo canceller has the reply to take away. So while
the agent's own sound is about, what the canceller leaves is watched: a jump well above all that it left lately is a
*glimpse* of a voice, for which the reply is held at once. If the voice detector finds none, the glimpse *fades*, the
reply goes on, and what caused it counts as left by the canceller from then on.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyHoldOptions:
    """A glimpse is `above_left_db` over the most that the canceller left lately, `above_room_db` over the room and at
    least `least_db` (dB of full scale). What was left counts `later_frames` later, so that a voice that swells does not
    count as left by itself, and is forgotten by `forget_db` a frame.

    A glimpse fades when `quiet_frames` in a row, after `judge_frames` at the earliest, were none by themselves and no
    voice was likely, and at last after `most_frames`: "Wait" may be followed by a pause.
    """

    above_left_db: float = 8.0
    above_room_db: float = 10.0
    least_db: float = -65.0
    later_frames: int = 15
    forget_db: float = 0.03
    judge_frames: int = 40
    quiet_frames: int = 15
    most_frames: int = 100


class Glimpse(Enum):
    """What a frame decides."""

    CAUGHT = "hold the reply"
    FADED = "go on with it"


QUIETEST_DB = -100.0
LEFT_AT_FIRST_DB = -60.0
ROOM_RISE_DB = 0.1
"""How fast the room's level is learnt upwards, a frame; downwards it is followed at once."""


@dataclass(slots=True)
class EarlyHold:
    """Feed it one level a frame."""

    options: EarlyHoldOptions = field(default_factory=EarlyHoldOptions)
    _left_db: float = LEFT_AT_FIRST_DB
    _lately: deque[float] = field(default_factory=deque)
    _room_db: float | None = None
    _caught_db: float = QUIETEST_DB
    _frames: int | None = None
    _quiet_frames: int = 0
    _voiced: bool = False

    @property
    def holding(self) -> bool:
        """Whether a glimpse waits to be judged."""
        return self._frames is not None

    @property
    def clearance_db(self) -> float:
        """By how much the glimpse stands out of what the canceller left before it; 0 without one."""
        return self._caught_db - self._left_db if self.holding else 0.0

    def frame(self, level_db: float, *, own_sound: bool, voice_likely: bool) -> Glimpse | None:
        """What the next frame of 10 ms decides.

        `own_sound`: what the agent says may be in it; `voice_likely`: the voice detector is on its way to a beginning.
        """
        level_db = max(level_db, QUIETEST_DB)
        if self._frames is not None:
            return self._judge(self._frames + 1, level_db, voice_likely=voice_likely)
        if not own_sound:
            self._learn_room(level_db)
            return None
        if level_db > self._least_db():
            self._frames, self._quiet_frames, self._caught_db = 0, 0, level_db
            self._voiced = False
            self._lately.clear()
            return Glimpse.CAUGHT
        self._lately.append(level_db)
        left_db = self._lately.popleft() if len(self._lately) > self.options.later_frames else QUIETEST_DB
        self._left_db = max(self._left_db - self.options.forget_db, left_db)
        return None

    def settle(self) -> None:
        """It is known by other means what the glimpse was."""
        self._frames = None
        self._lately.clear()

    def _judge(self, frames: int, level_db: float, *, voice_likely: bool) -> Glimpse | None:
        options = self.options
        self._frames = frames
        self._caught_db = max(self._caught_db, level_db)
        self._quiet_frames = 0 if level_db > self._least_db() else self._quiet_frames + 1
        self._voiced = self._voiced or voice_likely
        quiet = self._quiet_frames >= options.quiet_frames and not self._voiced
        if frames < options.most_frames and not (quiet and frames >= options.judge_frames):
            return None
        self._frames = None
        if not self._voiced:
            self._left_db = max(self._left_db, self._caught_db - options.above_left_db)
        return Glimpse.FADED

    def _least_db(self) -> float:
        """What is louder than this is a glimpse."""
        options, room_db = self.options, QUIETEST_DB if self._room_db is None else self._room_db
        return max(self._left_db + options.above_left_db, room_db + options.above_room_db, options.least_db)

    def _learn_room(self, level_db: float) -> None:
        self._room_db = level_db if self._room_db is None else min(level_db, self._room_db + ROOM_RISE_DB)
