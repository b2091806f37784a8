"""Whether to hold the reply before it is known that the user speaks; pure, time is a count of frames of 10 ms.

The voice detector needs some 100 ms to be sure, far more while the echo canceller has the reply to take away. So while
the agent's own sound is about, what the canceller leaves is watched: a jump well above all that it left lately is a
*glimpse* of a voice, for which the reply is held at once. If the voice detector finds none, the glimpse *fades*, the
reply goes on, and what caused it counts as left by the canceller from then on.
"""

from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyHoldOptions:
    """A glimpse is `above_left_db` over what the canceller leaves, `above_room_db` over the room and at least
    `least_db` (dB of full scale); it is judged after `judge_frames`, at last after `most_frames`. What the canceller
    leaves is forgotten by `forget_db` a frame, learnt by `learn_db` a frame, and by `false_db` over a false glimpse.
    """

    above_left_db: float = 15.0
    above_room_db: float = 10.0
    least_db: float = -65.0
    judge_frames: int = 24
    most_frames: int = 80
    forget_db: float = 0.1
    learn_db: float = 1.0
    false_db: float = 3.0


class Glimpse(Enum):
    """What a frame decides."""

    CAUGHT = "hold the reply"
    FADED = "go on with it"


QUIETEST_DB = -100.0
ROOM_RISE_DB = 0.02
"""How fast the room's level is learnt upwards, a frame; downwards it is followed at once."""


@dataclass(slots=True)
class EarlyHold:
    """Feed it one level a frame."""

    options: EarlyHoldOptions = field(default_factory=EarlyHoldOptions)
    _left_db: float = -60.0
    _room_db: float | None = None
    _caught_db: float = QUIETEST_DB
    _frames: int | None = None

    @property
    def holding(self) -> bool:
        """Whether a glimpse waits to be judged."""
        return self._frames is not None

    def frame(self, level_db: float, *, own_sound: bool, voice_likely: bool) -> Glimpse | None:
        """What the next frame of 10 ms decides.

        `own_sound`: what the agent says may be in it; `voice_likely`: the voice detector is on its way to a beginning.
        """
        level_db = max(level_db, QUIETEST_DB)
        if self._frames is not None:
            return self._judge(level_db, voice_likely=voice_likely)
        if not own_sound:
            self._learn_room(level_db)
            return None
        room_db = QUIETEST_DB if self._room_db is None else self._room_db
        options = self.options
        least_db = max(self._left_db + options.above_left_db, room_db + options.above_room_db, options.least_db)
        if level_db > least_db:
            self._frames, self._caught_db = 0, level_db
            return Glimpse.CAUGHT
        self._left_db = max(self._left_db - options.forget_db, min(level_db, self._left_db + options.learn_db))
        return None

    def settle(self) -> None:
        """It is known by other means what the glimpse was."""
        self._frames = None

    def _judge(self, level_db: float, *, voice_likely: bool) -> Glimpse | None:
        assert self._frames is not None
        self._frames += 1
        self._caught_db = max(self._caught_db, level_db)
        late = self._frames >= self.options.most_frames
        if self._frames < self.options.judge_frames or (voice_likely and not late):
            return None
        self._frames = None
        self._left_db = max(self._left_db, self._caught_db + self.options.false_db - self.options.above_left_db)
        return Glimpse.FADED

    def _learn_room(self, level_db: float) -> None:
        self._room_db = level_db if self._room_db is None else min(level_db, self._room_db + ROOM_RISE_DB)
