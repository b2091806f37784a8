"""The voice detector's rest while the room is still."""

import numpy as np

from device.runtime.stillness import (
    CAUGHT_UP_WINDOWS,
    LEARNING_WINDOWS,
    LOUDER_DB,
    MOST_STILL_WINDOWS,
    Stillness,
)

ROOM_DB = -60.0


class Listener:
    """A voice detector that notes what it is shown: windows are their own numbers."""

    window_samples = 1

    def __init__(self, probability: float = 0.0) -> None:
        self.shown: list[int] = []
        self.probable = probability

    def probability(self, window) -> float:
        self.shown.append(int(window[0]))
        return self.probable

    def reset(self) -> None:
        self.shown.clear()


def numbered(number: int) -> np.ndarray:
    return np.array([number], np.float32)


def settled(detector: Listener) -> Stillness:
    """It knows the room's level."""
    stillness = Stillness(detector)
    for _ in range(LEARNING_WINDOWS):
        stillness.probability(numbered(0), ROOM_DB, awake=False)
    detector.shown.clear()
    return stillness


def test_the_model_is_asked_until_the_room_is_known():
    detector = Listener()
    stillness = Stillness(detector)
    for number in range(LEARNING_WINDOWS + 10):
        stillness.probability(numbered(number), ROOM_DB, awake=False)
    assert detector.shown == list(range(LEARNING_WINDOWS))


def test_a_window_louder_than_the_room_is_shown_after_the_last_still_ones():
    detector = Listener()
    stillness = settled(detector)
    for number in range(10):
        assert stillness.probability(numbered(number), ROOM_DB, awake=False) == 0.0
    detector.probable = 0.9
    assert stillness.probability(numbered(10), ROOM_DB + LOUDER_DB + 1, awake=False) == 0.9
    assert detector.shown == list(range(10 - CAUGHT_UP_WINDOWS, 11))


def test_who_speaks_is_listened_to_however_softly():
    detector = Listener(0.9)
    assert settled(detector).probability(numbered(1), ROOM_DB - 20, awake=True) == 0.9


def test_a_fan_that_starts_is_the_room_after_a_while():
    detector = Listener()
    stillness = settled(detector)
    for number in range(200):
        stillness.probability(numbered(number), ROOM_DB + 15, awake=False)
    assert 0 < len(detector.shown) < 100


def test_a_voice_is_never_taken_for_the_room():
    detector = Listener(0.9)
    stillness = settled(detector)
    for number in range(200):
        assert stillness.probability(numbered(number), ROOM_DB + 15, awake=False) == 0.9


def test_after_a_reset_the_room_is_learnt_anew():
    detector = Listener()
    stillness = settled(detector)
    stillness.reset()
    stillness.probability(numbered(7), ROOM_DB, awake=False)
    assert detector.shown == [7]


def test_a_still_room_is_looked_at_now_and_then():
    detector = Listener()
    stillness = settled(detector)
    for number in range(MOST_STILL_WINDOWS + 1):
        stillness.probability(numbered(number), ROOM_DB, awake=False)
    assert detector.shown == list(range(MOST_STILL_WINDOWS - CAUGHT_UP_WINDOWS, MOST_STILL_WINDOWS + 1))


def test_who_only_forgets_what_was_said_still_knows_the_room():
    detector = Listener()
    stillness = settled(detector)
    stillness.probability(numbered(3), ROOM_DB, awake=False)
    stillness.forget()
    stillness.probability(numbered(7), ROOM_DB, awake=False)
    assert detector.shown == []
    stillness.probability(numbered(8), ROOM_DB + LOUDER_DB + 1, awake=False)
    assert detector.shown == [7, 8]
