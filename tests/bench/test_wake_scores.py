"""One listening, and what would have woken agents of every sensitivity."""

import numpy as np

from device.bench.wake_scores import REST_LOOKS, NotedWakeDetector, wakes


class Counting:
    """A detector that grows surer with every look."""

    phrase, lookback_samples = "hey you", 100

    def begin(self, before):
        self.sure = 0.0

    def hear(self, samples):
        self.sure += 0.25
        return self.sure


def test_what_was_noted_wakes_nobody():
    noted = NotedWakeDetector(Counting())
    for _ in range(2):
        noted.begin(np.zeros(0, np.float32))
        assert [noted.hear(np.zeros(1, np.float32)) for _ in range(3)] == [0.0] * 3
    assert noted.rows == [[0.25, 0.5, 0.75]] * 2
    assert noted.phrase == "hey you"


def test_the_surest_look_of_a_row_decides():
    rows = [[0.1, 0.6, 0.2], [0.1], []]
    assert [wakes(rows, sensitivity) for sensitivity in (0.95, 0.5, 0.4, 0.3)] == [2, 1, 1, 0]


def test_who_was_woken_is_not_woken_again_at_once():
    name = [0.9, 0.9, 0.9]
    assert wakes([name], 0.5) == 1
    assert wakes([name + [0.0] * REST_LOOKS + name], 0.5) == 2
    assert wakes([name + [0.0] * 5 + name], 0.5) == 1
