"""The scheduler alone: who is stepped, and how far."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from device.adapters.llm_scheduler import Scheduler, Share, Urgency

BATCH = 8
FOREGROUND, SPECULATIVE, BACKGROUND = Urgency


def shares(scheduler: Scheduler) -> dict[int, int]:
    return {share.sequence: share.tokens for share in scheduler.next_batch()}


def test_nothing_is_stepped_when_nothing_has_started():
    assert Scheduler(batch_tokens=BATCH).next_batch() == ()


def test_a_long_prompt_is_computed_in_chunks_no_larger_than_a_batch():
    scheduler = Scheduler(batch_tokens=BATCH)
    scheduler.start(0, 19)
    taken = []
    while batch := scheduler.next_batch():
        taken.append(shares(scheduler))
        scheduler.computed(batch[0])
    assert taken == [{0: 8}, {0: 8}, {0: 3}]


def test_a_foreground_request_is_in_the_very_next_batch_and_alone_there():
    scheduler = Scheduler(batch_tokens=BATCH)
    scheduler.set_urgency(1, BACKGROUND)
    scheduler.start(1, 1000)
    assert shares(scheduler) == {1: 8}
    scheduler.start(0, 1)
    assert shares(scheduler) == {0: 1}
    scheduler.stop(0)
    assert shares(scheduler) == {1: 8}


def test_a_speculation_gives_way_to_the_foreground_and_comes_before_the_background():
    scheduler = Scheduler(batch_tokens=BATCH)
    scheduler.set_urgency(1, SPECULATIVE)
    scheduler.set_urgency(2, BACKGROUND)
    scheduler.start(2, 4)
    scheduler.start(1, 4)
    assert shares(scheduler) == {1: 4}
    scheduler.start(0, 4)
    assert shares(scheduler) == {0: 4}


def test_what_generates_gets_its_token_in_every_batch_before_any_prompt():
    scheduler = Scheduler(batch_tokens=BATCH)
    scheduler.start(0, 100)
    scheduler.start(1, 1)
    scheduler.computed(Share(sequence=1, tokens=1))
    scheduler.generated(1)
    assert shares(scheduler) == {1: 1, 0: 7}


def test_background_work_rests_while_it_is_held_and_goes_on_afterwards():
    scheduler = Scheduler(batch_tokens=BATCH)
    scheduler.set_urgency(1, BACKGROUND)
    scheduler.start(1, 4)
    scheduler.hold(BACKGROUND)
    assert scheduler.next_batch() == ()
    scheduler.start(0, 4)
    assert shares(scheduler) == {0: 4}
    scheduler.hold(FOREGROUND)
    assert scheduler.next_batch() == ()
    scheduler.stop(0)
    scheduler.hold(None)
    assert shares(scheduler) == {1: 4}


def test_a_sequence_is_scheduled_once():
    scheduler = Scheduler(batch_tokens=BATCH)
    scheduler.start(0, 4)
    with pytest.raises(ValueError, match="sequence 0"):
        scheduler.start(0, 4)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=BATCH))
def test_prompts_of_one_urgency_finish_in_the_order_they_came(lengths):
    scheduler = Scheduler(batch_tokens=BATCH)
    left = dict(enumerate(lengths))
    for sequence, length in left.items():
        scheduler.start(sequence, length)
    finished = []
    while batch := scheduler.next_batch():
        for share in batch:
            scheduler.computed(share)
            left[share.sequence] -= share.tokens
            if not left[share.sequence]:
                scheduler.stop(share.sequence)
                finished.append(share.sequence)
    assert finished == sorted(left)


@given(
    prompts=st.dictionaries(st.integers(1, BATCH - 1), st.tuples(st.integers(1, 10_000), st.sampled_from(Urgency))),
    arrival=st.integers(0, 20),
)
def test_however_long_the_prompts_are_a_token_in_the_foreground_is_in_the_next_batch(prompts, arrival):
    scheduler = Scheduler(batch_tokens=BATCH)
    scheduler.start(0, 1)
    scheduler.computed(Share(sequence=0, tokens=1))
    for sequence, (tokens, urgency) in prompts.items():
        scheduler.set_urgency(sequence, urgency)
        scheduler.start(sequence, tokens)
    for _ in range(arrival):
        for share in scheduler.next_batch():
            scheduler.computed(share)
    scheduler.generated(0)
    batch = shares(scheduler)
    assert batch[0] == 1
    assert sum(batch.values()) <= BATCH


class AnyTraffic(RuleBasedStateMachine):
    """Any order of starts, steps, stops, holds and changes of urgency."""

    def __init__(self) -> None:
        super().__init__()
        self.scheduler = Scheduler(batch_tokens=BATCH)
        self.left: dict[int, int] = {}
        self.generating: set[int] = set()
        self.urgency = dict.fromkeys(range(BATCH), FOREGROUND)
        self.held: Urgency | None = None

    @rule(sequence=st.integers(0, BATCH - 1), tokens=st.integers(1, 50))
    def start(self, sequence, tokens):
        if sequence not in self.left:
            self.scheduler.start(sequence, tokens)
            self.left[sequence] = tokens

    @rule(sequence=st.integers(0, BATCH - 1))
    def stop(self, sequence):
        self.scheduler.stop(sequence)
        self.left.pop(sequence, None)
        self.generating.discard(sequence)

    @rule(sequence=st.integers(0, BATCH - 1), urgency=st.sampled_from(Urgency))
    def set_urgency(self, sequence, urgency):
        self.scheduler.set_urgency(sequence, urgency)
        self.urgency[sequence] = urgency

    @rule(urgency=st.sampled_from([None, *Urgency]))
    def hold(self, urgency):
        self.scheduler.hold(urgency)
        self.held = urgency

    @precondition(lambda self: self.scheduler.next_batch())
    @rule()
    def step(self):
        for share in self.scheduler.next_batch():
            self.scheduler.computed(share)
            self.left[share.sequence] -= share.tokens
            if not self.left[share.sequence]:
                self.scheduler.generated(share.sequence)
                self.left[share.sequence] = 1
                self.generating.add(share.sequence)

    @invariant()
    def a_batch_is_what_the_rules_say(self):
        batch = shares(self.scheduler)
        runnable = {s for s in self.left if self.held is None or self.urgency[s] < self.held}
        assert set(batch) <= runnable
        assert bool(batch) == bool(runnable)
        if not runnable:
            return
        first = min(self.urgency[s] for s in runnable)
        assert all(self.urgency[s] == first for s in batch)
        assert sum(batch.values()) == min(BATCH, sum(self.left[s] for s in runnable if self.urgency[s] == first))
        assert all(1 <= tokens <= self.left[s] for s, tokens in batch.items())
        assert {s for s in self.generating & runnable if self.urgency[s] == first} <= set(batch)


TestAnyTraffic = AnyTraffic.TestCase
