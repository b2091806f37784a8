"""Whether to hold the reply before it is known that the user speaks; pure, time is a count of frames of 10 ms.

The voice detector needs some 100 ms to be sure, far more while the echo canceller has the reply to take away. So while
the agent's own sound is about, what is left of it is watched: a jump well above all that was left lately, or a lesser
one that lasts, is a *glimpse* of a voice, for which the reply is held at once. If the voice detector finds none, the
glimpse *fades*, the reply goes on, and what caused it counts as left of the echo from then on.

What is watched is either the level of what the canceller leaves, or by how much it exceeds what the echo explains
(`EXCESS`), which tells sooner: a canceller takes a voice away, too, where it is mixed with an echo.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum

from device.core.room import Floor


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyHoldOptions:
    """A glimpse is `above_left_db` over the most that was left lately, or on the average of `lasting_frames`
    `lasting_above_left_db` over the most that this was; `above_room_db` over the room and at least `least_db`. It is
    `clear` that it is no echo where a frame is `clear_db` over what was left. What was left counts `later_frames`
    later, so that a voice that swells does not count as left by itself, and is forgotten by `forget_db` a frame.
    What is heard in the room before a reply, as other people's talk, goes on over it: as much as `room_left_db` of
    that counts as left, too, but no more, since it may be somebody who begins to talk to the agent.

    A glimpse fades when `quiet_frames` in a row, after `judge_frames` at the earliest, were none by themselves and no
    voice was likely, and at last after `most_frames`: "Wait" may be followed by a pause.
    """

    left_at_first_db: float = -60.0
    room_left_db: float = -100.0
    above_left_db: float = 8.0
    lasting_frames: int = 1
    lasting_above_left_db: float = 8.0
    above_room_db: float = 10.0
    least_db: float = -65.0
    clear_db: float = 20.0
    later_frames: int = 15
    forget_db: float = 0.03
    judge_frames: int = 40
    quiet_frames: int = 15
    most_frames: int = 100


EXCESS = EarlyHoldOptions(
    left_at_first_db=0.0,
    room_left_db=3.0,
    above_left_db=5.0,
    lasting_frames=4,
    lasting_above_left_db=2.5,
    above_room_db=3.0,
    least_db=2.0,
    clear_db=10.0,
    forget_db=0.02,
    judge_frames=60,
)
"""For what is left over by the echo, in dB."""


class Glimpse(Enum):
    """What a frame decides."""

    CAUGHT = "hold the reply"
    FADED = "go on with it"


QUIETEST_DB = -100.0
ROOM_RISE_DB = 0.1
"""How fast the room's level is learnt upwards, a frame; downwards it is followed at once."""


@dataclass(slots=True)
class _Left:
    """The most that was left lately, without what came only just now."""

    most_db: float
    _lately: deque[float] = field(default_factory=deque)

    def learn(self, level_db: float, options: EarlyHoldOptions) -> None:
        self._lately.append(level_db)
        left_db = self._lately.popleft() if len(self._lately) > options.later_frames else QUIETEST_DB
        self.most_db = max(self.most_db - options.forget_db, left_db)

    def forget_lately(self) -> None:
        self._lately.clear()


@dataclass(slots=True)
class EarlyHold:
    """Feed it one level a frame."""

    options: EarlyHoldOptions = field(default_factory=EarlyHoldOptions)
    _left: _Left = field(init=False)
    _lasting_left: _Left = field(init=False)
    _latest: deque[float] = field(init=False)
    _room: Floor = field(default_factory=lambda: Floor(ROOM_RISE_DB))
    _caught_db: float = QUIETEST_DB
    _caught_lasting_db: float = QUIETEST_DB
    _frames: int | None = None
    _quiet_frames: int = 0
    _voiced: bool = False

    def __post_init__(self) -> None:
        self._left, self._lasting_left = _Left(self.options.left_at_first_db), _Left(self.options.left_at_first_db)
        self._latest = deque(maxlen=self.options.lasting_frames)

    @property
    def holding(self) -> bool:
        """Whether a glimpse waits to be judged."""
        return self._frames is not None

    @property
    def clear(self) -> bool:
        """Whether the glimpse stands out so far of what was left before it that it is no echo."""
        return self.holding and self._caught_db - self._left.most_db >= self.options.clear_db

    def frame(self, level_db: float, *, own_sound: bool, voice_likely: bool) -> Glimpse | None:
        """What the next frame of 10 ms decides.

        `own_sound`: what the agent says may be in it; `voice_likely`: the voice detector is on its way to a beginning.
        """
        level_db = max(level_db, QUIETEST_DB)
        self._latest.append(level_db)
        lasting_db = sum(self._latest) / len(self._latest) if self._lasts else QUIETEST_DB
        stands_out = self._stands_out(level_db, lasting_db)
        if self._frames is not None:
            self._caught_db = max(self._caught_db, level_db)
            self._caught_lasting_db = max(self._caught_lasting_db, lasting_db)
            return self._judge(self._frames + 1, stands_out=stands_out, voice_likely=voice_likely)
        if not own_sound:
            self._room.heard(level_db)
            most_db = self.options.room_left_db
            self._learn_left(min(level_db, most_db), min(lasting_db, most_db))
            return None
        if stands_out:
            self._frames, self._quiet_frames, self._voiced = 0, 0, False
            self._caught_db, self._caught_lasting_db = level_db, lasting_db
            self._forget_lately()
            return Glimpse.CAUGHT
        self._learn_left(level_db, lasting_db)
        return None

    def settle(self) -> None:
        """It is known by other means what the glimpse was."""
        self._frames = None
        self._forget_lately()

    def _learn_left(self, level_db: float, lasting_db: float) -> None:
        self._left.learn(level_db, self.options)
        self._lasting_left.learn(lasting_db, self.options)

    def _forget_lately(self) -> None:
        self._left.forget_lately()
        self._lasting_left.forget_lately()
        self._latest.clear()

    @property
    def _lasts(self) -> bool:
        return len(self._latest) == self.options.lasting_frames

    def _judge(self, frames: int, *, stands_out: bool, voice_likely: bool) -> Glimpse | None:
        options = self.options
        self._frames = frames
        self._quiet_frames = 0 if stands_out else self._quiet_frames + 1
        self._voiced = self._voiced or voice_likely
        quiet = self._quiet_frames >= options.quiet_frames and not self._voiced
        if frames < options.most_frames and not (quiet and frames >= options.judge_frames):
            return None
        self._frames = None
        if not self._voiced:
            self._left.most_db = max(self._left.most_db, self._caught_db - options.above_left_db)
            lasting_db = self._caught_lasting_db - options.lasting_above_left_db
            self._lasting_left.most_db = max(self._lasting_left.most_db, lasting_db)
        return Glimpse.FADED

    def _stands_out(self, level_db: float, lasting_db: float) -> bool:
        options, room_db = self.options, QUIETEST_DB if self._room.level_db is None else self._room.level_db
        least_db = max(room_db + options.above_room_db, options.least_db)
        return level_db > max(self._left.most_db + options.above_left_db, least_db) or lasting_db > max(
            self._lasting_left.most_db + options.lasting_above_left_db, least_db
        )
