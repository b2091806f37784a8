"""How many threads a step may use, by what the steps before it got of the cores."""

from hypothesis import given
from hypothesis import strategies as st

from device.adapters.llm_crowding import CROWDED_STEPS, FIRST_WAIT_SECONDS, MOST_WAIT_SECONDS, Crowding

STEP_SECONDS = 0.02


class Steps:
    """An engine that wants so many threads, among programs that take cores from it while it uses more than `free`."""

    def __init__(self, wanted: int, free: int) -> None:
        self.wanted, self.free = wanted, free
        self.crowding, self.now_seconds = Crowding(), 0.0

    def step(self) -> int:
        threads = self.crowding.threads(self.wanted, self.now_seconds)
        self.now_seconds += STEP_SECONDS
        busy = STEP_SECONDS if threads <= self.free else 0.6 * STEP_SECONDS
        self.crowding.stepped(threads, took_seconds=STEP_SECONDS, busy_seconds=busy, now_seconds=self.now_seconds)
        return threads

    def steps(self, seconds: float) -> list[int]:
        return [self.step() for _ in range(round(seconds / STEP_SECONDS))]


def test_alone_every_step_gets_the_threads_it_wants():
    assert set(Steps(4, free=4).steps(5)) == {4}


def test_crowded_steps_take_threads_away_until_the_rest_has_cores():
    used = Steps(4, free=2).steps(0.5)
    assert used[:CROWDED_STEPS] == [4] * CROWDED_STEPS
    assert used[-1] == 2


def test_one_crowded_step_says_nothing():
    steps = Steps(2, free=1)
    steps.step()
    steps.free = 2
    assert set(steps.steps(1)) == {2}


def test_the_last_thread_stays():
    assert Steps(2, free=0).steps(1)[-1] == 1


def test_what_is_crowded_for_long_is_tried_more_and_more_seldom():
    steps = Steps(2, free=1)
    steps.steps(60)
    tried = steps.steps(80).count(2)
    assert 0 < tried <= CROWDED_STEPS * (80 / MOST_WAIT_SECONDS + 1)


def test_when_the_others_are_done_all_threads_come_back():
    steps = Steps(4, free=1)
    steps.steps(60)
    steps.free = 4
    steps.steps(5 * MOST_WAIT_SECONDS)
    assert set(steps.steps(1)) == {4}
    steps.free = 3
    steps.steps(0.2)
    assert 4 in steps.steps(2 * FIRST_WAIT_SECONDS)


@given(
    wanted=st.integers(1, 8),
    shares=st.lists(st.tuples(st.floats(0, 1.5), st.floats(0, 0.2), st.floats(0, 5)), max_size=60),
)
def test_there_is_always_at_least_one_thread_and_never_more_than_wanted(wanted, shares):
    crowding, now = Crowding(), 0.0
    for share, took, pause in shares:
        threads = crowding.threads(wanted, now)
        assert 1 <= threads <= wanted
        now += took + pause
        crowding.stepped(threads, took_seconds=took, busy_seconds=share * took, now_seconds=now)
