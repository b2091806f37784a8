"""The record of the KV cache, against a memory that knows what llama.cpp's would hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from device.adapters.llm_cache import SequenceCache

SEQUENCES = 3
PROMPTS = st.lists(st.integers(0, 2), max_size=8)
ANY = st.integers(0, SEQUENCES - 1)


class CellMemory:
    """Cells that sequences own in common; `whole` cannot forget a part, like a recurrent model."""

    def __init__(self, *, whole: bool = False) -> None:
        self.held: list[list[int]] = [[] for _ in range(SEQUENCES)]
        self.cells = 0
        self._whole = whole

    def compute(self, sequence: int, amount: int) -> None:
        self.held[sequence] += range(self.cells, self.cells + amount)
        self.cells += amount

    def remove(self, sequence: int, start: int) -> bool:
        if self._whole and 0 < start < len(self.held[sequence]):
            return False
        del self.held[sequence][start:]
        return True

    def copy(self, parent: int, child: int) -> None:
        assert not self.held[child]
        self.held[child] = list(self.held[parent])


def cache_with(memory: CellMemory, *tokens: int) -> SequenceCache:
    cache = SequenceCache(memory, sequences=SEQUENCES)
    memory.compute(0, len(tokens))
    cache.computed(0, tokens)
    return cache


def test_a_prompt_that_grew_reuses_all_that_it_had():
    cache = cache_with(CellMemory(), 1, 2, 3)
    assert cache.reuse(0, [1, 2, 3, 4, 5], leave=1) == 3


def test_a_prompt_that_changed_is_cut_where_it_changed():
    memory = CellMemory()
    cache = cache_with(memory, 1, 2, 3)
    assert cache.reuse(0, [1, 9, 3, 4], leave=1) == 1
    assert list(cache.tokens(0)) == [1]
    assert len(memory.held[0]) == 1


def test_a_prompt_that_is_all_there_leaves_its_last_token_to_compute():
    cache = cache_with(CellMemory(), 1, 2, 3)
    assert cache.reuse(0, [1, 2, 3], leave=1) == 2


def test_a_prefill_of_what_is_there_leaves_nothing():
    cache = cache_with(CellMemory(), 1, 2, 3)
    assert cache.reuse(0, [1, 2, 3], leave=0) == 3
    assert cache.reuse(0, [1, 2], leave=0) == 2
    assert list(cache.tokens(0)) == [1, 2]


def test_a_model_that_cannot_forget_a_part_starts_again():
    memory = CellMemory(whole=True)
    cache = cache_with(memory, 1, 2, 3)
    assert cache.reuse(0, [1, 2, 4], leave=1) == 0
    assert not cache.tokens(0)
    assert not memory.held[0]


def test_shared_cells_are_counted_once():
    memory = CellMemory()
    cache = cache_with(memory, 1, 2, 3)
    cache.fork(0, 1)
    assert cache.used_cells() == 3
    memory.compute(1, 1)
    cache.computed(1, [4])
    cache.clear(0)
    assert cache.used_cells() == 4


@given(held=PROMPTS, prompt=PROMPTS, leave=st.integers(0, 1))
def test_what_is_reused_is_a_common_prefix_and_the_longest_that_is_allowed(held, prompt, leave):
    cache = cache_with(CellMemory(), *held)
    kept = cache.reuse(0, prompt, leave=leave)
    assert held[:kept] == prompt[:kept] == list(cache.tokens(0))
    assert kept <= max(len(prompt) - leave, 0)
    longer = kept + 1
    assert longer > min(len(held), len(prompt) - leave) or held[:longer] != prompt[:longer]


class RecordAndMemory(RuleBasedStateMachine):
    """Whatever is done, the record has as many tokens as the memory has cells."""

    whole = False

    def __init__(self) -> None:
        super().__init__()
        self.memory = CellMemory(whole=self.whole)
        self.cache = SequenceCache(self.memory, sequences=SEQUENCES)

    @rule(sequence=ANY, prompt=PROMPTS, leave=st.integers(0, 1))
    def bring(self, sequence, prompt, leave):
        rest = prompt[self.cache.reuse(sequence, prompt, leave=leave) :]
        self.memory.compute(sequence, len(rest))
        self.cache.computed(sequence, rest)
        assert list(self.cache.tokens(sequence)) == prompt

    @rule(parent=ANY, child=ANY)
    def fork(self, parent, child):
        self.cache.fork(parent, child)
        assert self.cache.tokens(child) == self.cache.tokens(parent)

    @rule(sequence=ANY)
    def clear(self, sequence):
        self.cache.clear(sequence)

    @invariant()
    def they_agree(self):
        assert [self.cache.length(s) for s in range(SEQUENCES)] == [len(held) for held in self.memory.held]
        assert self.cache.used_cells() == len(set().union(*self.memory.held))


class RecordAndRecurrentMemory(RecordAndMemory):
    whole = True


TestRecordAndMemory = RecordAndMemory.TestCase
TestRecordAndRecurrentMemory = RecordAndRecurrentMemory.TestCase


def test_a_fork_onto_itself_changes_nothing():
    cache = cache_with(CellMemory(), 1, 2)
    cache.fork(0, 0)
    assert list(cache.tokens(0)) == [1, 2]


@pytest.mark.parametrize("length", [0, 2, 5])
def test_a_cut_keeps_the_first_tokens(length):
    cache = cache_with(CellMemory(), 1, 2, 3)
    assert cache.cut(0, length)
    assert list(cache.tokens(0)) == [1, 2, 3][:length]
