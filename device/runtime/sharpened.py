"""What the voice detector hears of a voice over a reply: without the rumble below voices, and as loud as it likes.

The detector was trained on near, loud voices. One across a small bare room, in whose ringing low notes stand, it hears
for an instant or not at all at the usual level of a microphone; without what lies below 150 Hz and four times as loud
it hears nearly all of it. That is as loud as the room allows: other people's voices in it must stay faint. Everywhere
else it hears the sound as it is, by which the ends of utterances were tuned.
"""

import numpy as np

from device.core.room import NOTHING_DB, Floor
from device.ports import RECOGNITION_HZ, Samples

LOWEST_HZ = 150
TAPS = 161
MOST_DB = 12.0
ROOM_DB = -64.0
"""The room gets no louder than this by it."""

LOUDEST = 0.9
"""No sample does either."""

RISE_DB = 0.03
"""How fast the room's level is learnt upwards, a window; downwards it is followed at once."""


class Sharpener:
    """Give it every window, by one of its two methods, so that one joins the next."""

    def __init__(self) -> None:
        places = np.arange(TAPS) - TAPS // 2
        low = np.sinc(2.0 * LOWEST_HZ / RECOGNITION_HZ * places) * np.hanning(TAPS)
        taps = -low / low.sum()
        taps[TAPS // 2] += 1.0
        self._taps = taps.astype(np.float32)
        self._before: Samples = np.zeros(TAPS - 1, np.float32)
        self._room = Floor(RISE_DB)

    def pass_by(self, window: Samples, level_db: float, *, own_sound: bool) -> None:
        """Nobody speaks over a reply in this window; it is so loud, and `own_sound` says that the reply is in it."""
        self._before = window[-(TAPS - 1) :]
        if not own_sound and level_db > NOTHING_DB:
            self._room.heard(level_db)

    def window(self, window: Samples) -> Samples:
        """A window as it is to be heard, five milliseconds later."""
        joined = np.concatenate((self._before, window))
        self._before = joined[-(TAPS - 1) :]
        high = np.convolve(joined, self._taps, "valid")
        peak = float(np.abs(high).max(initial=0.0))
        sharpened: Samples = (high * np.float32(min(self._gain, LOUDEST / max(peak, 1e-6)))).astype(np.float32)
        return sharpened

    @property
    def _gain(self) -> float:
        room_db = ROOM_DB if self._room.level_db is None else self._room.level_db
        return float(10.0 ** (min(max(ROOM_DB - room_db, 0.0), MOST_DB) / 20.0))
