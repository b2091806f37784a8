"""Whose the cells are, on a memory that does as it is told."""

import pytest

from device.adapters.llm_cache import SequenceCache
from device.adapters.llm_cells import Cells
from device.adapters.llm_scheduler import Scheduler
from device.errors import GenerationError
from device.ports import Urgency
from tests.adapters.cell_memory import CellMemory

DIALOGUE, TASK, OTHER = 0, 1, 2


@pytest.fixture
def cache() -> SequenceCache:
    return SequenceCache(CellMemory(sequences=3), sequences=3)


@pytest.fixture
def cells(cache) -> Cells:
    scheduler = Scheduler(batch_tokens=8)
    scheduler.set_urgency(TASK, Urgency.BACKGROUND)
    scheduler.set_urgency(OTHER, Urgency.SPECULATIVE)
    return Cells(cache, scheduler, context_tokens=10, task_tokens=6)


def test_a_task_may_be_longer_than_the_dialogue_by_what_it_has_of_its_own(cells):
    assert (cells.longest(DIALOGUE), cells.longest(TASK)) == (10, 16)


def test_what_a_task_shares_with_the_dialogue_costs_it_nothing(cache, cells):
    cache.computed(DIALOGUE, range(10))
    cache.fork(DIALOGUE, TASK)
    cells.admit(growth=6, promised=0)


def test_a_task_is_refused_what_others_hold_or_were_promised(cache, cells):
    cache.computed(TASK, range(2))
    cells.admit(growth=3, promised=1)
    with pytest.raises(GenerationError, match="needs 4 tokens .* but 3 of 6 are free; wait for other tasks"):
        cells.admit(growth=4, promised=1)
    with pytest.raises(GenerationError, match="but 0 of 6 are free"):
        cells.admit(growth=1, promised=9)


def test_what_the_dialogue_let_go_of_is_the_tasks_alone(cache, cells):
    cache.computed(DIALOGUE, range(5))
    cache.fork(DIALOGUE, TASK)
    cache.clear(DIALOGUE)
    with pytest.raises(GenerationError, match="1 of 6 are free"):
        cells.admit(growth=2, promised=0)


def test_nobody_is_a_victim_while_there_are_cells(cache, cells):
    cache.computed(TASK, range(6))
    cache.computed(DIALOGUE, range(8))
    assert cells.victim(2, working=[TASK]) is None


def test_the_first_victim_is_one_that_nobody_waits_for_and_then_the_largest(cache, cells):
    cache.computed(TASK, range(9))
    cache.computed(OTHER, range(4))
    cache.computed(DIALOGUE, range(3))
    assert cells.victim(1, working=[TASK]) == OTHER
    assert cells.victim(1, working=[TASK, OTHER]) == TASK
    cache.clear(TASK)
    cache.computed(DIALOGUE, range(9))
    assert cells.victim(1, working=[TASK, OTHER]) == OTHER


def test_a_task_that_only_shares_the_dialogues_cells_is_no_victim(cache, cells):
    cache.computed(DIALOGUE, range(16))
    cache.fork(DIALOGUE, TASK)
    assert cells.victim(1, working=[]) is None
