"""The record of the KV cache, against a memory that knows what llama.cpp's would hold."""

from collections.abc import Iterable
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from device.adapters.llm_cache import SequenceCache
from tests.adapters.cell_memory import CellMemory

SEQUENCES = 3
PROMPTS = st.lists(st.integers(0, 2), max_size=8)
ANY = st.integers(0, SEQUENCES - 1)


def cache_with(memory: CellMemory, *tokens: int, shortest_move: int = 2) -> SequenceCache:
    cache = SequenceCache(memory, sequences=SEQUENCES, shortest_move=shortest_move)
    compute(memory, cache, 0, tokens)
    return cache


def compute(memory: CellMemory, cache: SequenceCache, sequence: int, tokens: Iterable[int]) -> None:
    memory.compute(sequence, list(tokens))
    cache.computed(sequence, list(tokens))


def test_a_prompt_that_grew_reuses_all_that_it_had():
    cache = cache_with(CellMemory(sequences=SEQUENCES), 1, 2, 3)
    assert cache.reuse(0, [1, 2, 3, 4, 5], leave=1) == 3


def test_a_prompt_that_changed_is_cut_where_it_changed():
    memory = CellMemory(sequences=SEQUENCES)
    cache = cache_with(memory, 1, 2, 3)
    assert cache.reuse(0, [1, 9, 3, 4], leave=1) == 1
    assert list(cache.tokens(0)) == [1]
    assert len(memory.held[0]) == 1


def test_a_prompt_that_is_all_there_leaves_its_last_token_to_compute():
    cache = cache_with(CellMemory(sequences=SEQUENCES), 1, 2, 3)
    assert cache.reuse(0, [1, 2, 3], leave=1) == 2


def test_a_prefill_of_what_is_there_leaves_nothing():
    cache = cache_with(CellMemory(sequences=SEQUENCES), 1, 2, 3)
    assert cache.reuse(0, [1, 2, 3], leave=0) == 3
    assert cache.reuse(0, [1, 2], leave=0) == 2
    assert list(cache.tokens(0)) == [1, 2]


def test_a_model_that_cannot_forget_a_part_starts_again():
    memory = CellMemory(sequences=SEQUENCES, whole=True)
    cache = cache_with(memory, 1, 2, 3)
    assert cache.reuse(0, [1, 2, 4], leave=1) == 0
    assert not cache.tokens(0)
    assert not memory.held[0]


def test_shared_cells_are_counted_once():
    memory = CellMemory(sequences=SEQUENCES)
    cache = cache_with(memory, 1, 2, 3)
    cache.fork(0, 1)
    assert cache.used_cells() == 3
    compute(memory, cache, 1, [4])
    assert cache.cells_beside([1], [0]) == 1
    assert cache.cells_beside([0, 1], []) == 4
    cache.clear(0)
    assert cache.used_cells() == 4
    assert cache.cells_beside([1], [0]) == 4


FIXED, OLD, LATER, NEW = [7, 8], [1, 2, 3], [1, 4, 5, 6], [9, 9]
UNMOVED = 3
"""The fixed part, and the opening that all turns have."""


@pytest.mark.parametrize("leave", [0, 1])
def test_when_old_turns_left_the_prompt_the_later_ones_move_up_and_are_not_computed_again(leave):
    memory = CellMemory(sequences=SEQUENCES)
    cache = cache_with(memory, *FIXED, *OLD, *LATER)
    assert cache.reuse(0, FIXED + LATER + NEW, leave=leave) == len(FIXED + LATER)
    assert memory.read(0) == list(cache.tokens(0)) == FIXED + LATER


def test_a_reply_that_was_cut_short_at_the_same_time_is_cut_after_the_move():
    memory = CellMemory(sequences=SEQUENCES)
    cache = cache_with(memory, *FIXED, *OLD, *LATER, 3, 3, 3)
    assert cache.reuse(0, FIXED + LATER + NEW, leave=1) == len(FIXED + LATER)
    assert memory.read(0) == FIXED + LATER


def test_of_two_stretches_that_could_move_the_longer_one_does():
    memory = CellMemory(sequences=SEQUENCES)
    cache = cache_with(memory, *FIXED, 3, 1, 4, 2, 3, 1, 4, 5, 6)
    assert cache.reuse(0, FIXED + [1, 4, 5, 6] + NEW, leave=1) == 6
    assert memory.read(0) == FIXED + [1, 4, 5, 6]


def test_cells_that_another_sequence_shares_do_not_move():
    memory = CellMemory(sequences=SEQUENCES)
    cache = cache_with(memory, *FIXED, *OLD, *LATER)
    cache.fork(0, 1)
    assert cache.reuse(0, FIXED + LATER + NEW, leave=1) == UNMOVED
    assert memory.read(1) == FIXED + OLD + LATER


def test_a_fork_that_shares_only_what_stays_in_its_place_is_no_hindrance():
    memory = CellMemory(sequences=SEQUENCES)
    cache = cache_with(memory, *FIXED)
    cache.fork(0, 1)
    compute(memory, cache, 0, OLD + LATER)
    assert cache.reuse(0, FIXED + LATER + NEW, leave=1) == len(FIXED + LATER)
    assert memory.read(1) == FIXED


def test_fewer_tokens_than_are_worth_it_do_not_move():
    cache = cache_with(CellMemory(sequences=SEQUENCES), *FIXED, *OLD, *LATER, shortest_move=5)
    assert cache.reuse(0, FIXED + LATER + NEW, leave=1) == UNMOVED


@pytest.mark.parametrize(
    ("memory", "kept"),
    [(CellMemory(sequences=SEQUENCES, rigid=True), UNMOVED), (CellMemory(sequences=SEQUENCES, whole=True), 0)],
)
def test_a_model_whose_cells_cannot_move_computes_them_again(memory, kept):
    cache = cache_with(memory, *FIXED, *OLD, *LATER)
    assert cache.reuse(0, FIXED + LATER + NEW, leave=1) == kept
    assert memory.read(0) == (FIXED + OLD)[:kept]


@given(held=PROMPTS, prompt=PROMPTS, leave=st.integers(0, 1))
def test_without_moves_what_is_reused_is_the_longest_common_prefix_that_is_allowed(held, prompt, leave):
    cache = cache_with(CellMemory(sequences=SEQUENCES, rigid=True), *held)
    kept = cache.reuse(0, prompt, leave=leave)
    assert held[:kept] == prompt[:kept] == list(cache.tokens(0))
    assert kept <= max(len(prompt) - leave, 0)
    longer = kept + 1
    assert longer > min(len(held), len(prompt) - leave) or held[:longer] != prompt[:longer]


@given(fixed=PROMPTS, old=PROMPTS, later=PROMPTS, new=PROMPTS)
def test_of_turns_that_stayed_in_the_prompt_nothing_is_computed_again(fixed, old, later, new):
    memory = CellMemory(sequences=SEQUENCES)
    cache = cache_with(memory, *fixed, *old, *later, shortest_move=1)
    assert cache.reuse(0, fixed + later + new, leave=0) >= len(fixed + later)


class RecordAndMemory(RuleBasedStateMachine):
    """Whatever is done, the record has the tokens that the memory's cells have, each at its position."""

    memory_is: ClassVar[dict[str, bool]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.memory = CellMemory(sequences=SEQUENCES, **self.memory_is)
        self.cache = SequenceCache(self.memory, sequences=SEQUENCES, shortest_move=1)

    @rule(sequence=ANY, prompt=PROMPTS, leave=st.integers(0, 1))
    def bring(self, sequence, prompt, leave):
        kept = self.cache.reuse(sequence, prompt, leave=leave)
        assert kept <= max(len(prompt) - leave, 0)
        compute(self.memory, self.cache, sequence, prompt[kept:])
        assert list(self.cache.tokens(sequence)) == prompt

    @rule(sequence=ANY, stretch=st.tuples(st.integers(0, 8), st.integers(0, 8)), new=PROMPTS)
    def drop_a_stretch(self, sequence, stretch, new):
        held = list(self.cache.tokens(sequence))
        self.bring(sequence, held[: min(stretch)] + held[max(stretch) :] + new, 1)

    @rule(parent=ANY, child=ANY)
    def fork(self, parent, child):
        self.cache.fork(parent, child)
        assert self.cache.tokens(child) == self.cache.tokens(parent)

    @rule(sequence=ANY)
    def clear(self, sequence):
        self.cache.clear(sequence)

    @invariant()
    def they_agree(self):
        assert [list(self.cache.tokens(s)) for s in range(SEQUENCES)] == [self.memory.read(s) for s in range(SEQUENCES)]
        assert self.cache.used_cells() == len(set().union(*self.memory.held))


class RecordAndRecurrentMemory(RecordAndMemory):
    memory_is: ClassVar = {"whole": True}


class RecordAndRigidMemory(RecordAndMemory):
    memory_is: ClassVar = {"rigid": True}


TestRecordAndMemory = RecordAndMemory.TestCase
TestRecordAndRecurrentMemory = RecordAndRecurrentMemory.TestCase
TestRecordAndRigidMemory = RecordAndRigidMemory.TestCase


def test_a_fork_onto_itself_changes_nothing():
    cache = cache_with(CellMemory(sequences=SEQUENCES), 1, 2)
    cache.fork(0, 0)
    assert list(cache.tokens(0)) == [1, 2]


@pytest.mark.parametrize("length", [0, 2, 5])
def test_a_cut_keeps_the_first_tokens(length):
    cache = cache_with(CellMemory(sequences=SEQUENCES), 1, 2, 3)
    assert cache.cut(0, length)
    assert list(cache.tokens(0)) == [1, 2, 3][:length]
