"""How much a quiet microphone is amplified; pure, one level a window of 32 ms.

Rule: the gain moves only while there is something to hear, well above the room, and never by the agent's own sound. It
rises slowly, and only once nothing loud has been heard for a second of sound; it falls at once when something is. So a
microphone of the usual loudness is left alone, to the sample.
"""

from dataclasses import dataclass, field

from device.core.room import NOTHING_DB, Floor


@dataclass(frozen=True, slots=True, kw_only=True)
class GainOptions:
    """Levels are root mean squares in dB of full scale, steps in dB a window.

    Loud sound is brought to `target_db`, by `most_db` at most, and the room to no more than `room_db`. What is more
    than `margin_db` above the target counts as loud; what is `above_room_db` above the room is something to hear.
    """

    target_db: float = -40.0
    margin_db: float = 6.0
    most_db: float = 30.0
    room_db: float = -55.0
    above_room_db: float = 10.0
    rise_db: float = 0.3
    fall_db: float = 1.0
    patience_windows: int = 30


ROOM_RISE_DB = 0.03
"""How fast the room's level is learnt upwards; downwards it is followed at once."""

UNHEARD_DB = -60.0
"""The room before it was heard: a microphone that sends nothing but voices never tells."""


@dataclass(slots=True)
class AutoGain:
    """Feed it one level a window."""

    options: GainOptions = field(default_factory=GainOptions)
    gain_db: float = 0.0
    _room: Floor = field(default_factory=lambda: Floor(ROOM_RISE_DB, UNHEARD_DB))
    _windows_since_loud: int = 0

    def window(self, level_db: float, *, own_sound: bool) -> float:
        """The gain for a window of this level (before amplification); `own_sound`: the agent's voice may be in it."""
        if own_sound or level_db <= NOTHING_DB:
            return self.gain_db
        room_db = self._room.heard(level_db)
        if level_db >= room_db + self.options.above_room_db:
            self._heard(level_db + self.gain_db, room_db)
        return self.gain_db

    def _heard(self, amplified_db: float, room_db: float) -> None:
        options = self.options
        over_db = amplified_db - options.target_db - options.margin_db
        self._windows_since_loud = 0 if over_db > 0 else self._windows_since_loud + 1
        if over_db > 0:
            self.gain_db -= min(options.fall_db, over_db)
        elif self._windows_since_loud > options.patience_windows and amplified_db < options.target_db:
            self.gain_db += options.rise_db
        most_db = min(options.most_db, options.room_db - room_db)
        self.gain_db = max(min(self.gain_db, most_db), 0.0)
