"""Lets the voice detector rest while the room is as still as it was.

Half of what listening costs while nobody speaks is the detector's model. A voice makes a window louder, so while
nobody speaks a window that is no louder than the room holds none; the model is asked again with the first one that
is, and gets the last still ones first, since it carries a state.
"""

from collections import deque

from device.core.room import Quiet
from device.ports import Samples, VoiceDetector

LOUDER_DB = 1.0
"""A window is still that is no louder than the room by more than this, three times what steady noise varies by."""

LEARNING_WINDOWS = 32
"""So many windows of the room are looked at by the model before its level is believed, a second."""

CAUGHT_UP_WINDOWS = 4
"""So many still windows are shown to the model before the first one that is not."""

MOST_STILL_WINDOWS = 16
"""The model looks at the last of so many still windows in any case: a voice may hide in noise."""


class Stillness:
    """A voice detector that is asked only where a voice may be."""

    def __init__(self, detector: VoiceDetector) -> None:
        self._detector = detector
        self._missed: deque[Samples] = deque(maxlen=CAUGHT_UP_WINDOWS)
        self._room = Quiet()
        self._still_windows = 0

    def probability(self, window: Samples, level_db: float, *, awake: bool) -> float:
        """Probability of speech in the next window; the model is always asked while it is `awake`."""
        if not awake and self._still(level_db) and self._still_windows < MOST_STILL_WINDOWS:
            self._still_windows += 1
            self._missed.append(window)
            self._room.heard(level_db)
            return 0.0
        self._still_windows = 0
        while self._missed:
            self._detector.probability(self._missed.popleft())
        probability = self._detector.probability(window)
        if not awake:
            self._room.heard(level_db, probability)
        return probability

    def forget(self) -> None:
        """Forget what was said before, but not the room."""
        self._missed.clear()
        self._detector.reset()

    def reset(self) -> None:
        """Forget the room, too: another microphone may be in another one."""
        self.forget()
        self._room = Quiet()

    def _still(self, level_db: float) -> bool:
        room_db = self._room.level_db
        return room_db is not None and self._room.windows >= LEARNING_WINDOWS and level_db <= room_db + LOUDER_DB
