"""The engine's steps, one at a time and by hand, on a context that computes with small numbers."""

import math
import time
from types import SimpleNamespace

import numpy as np
import pytest

from device.adapters.llm_cache import SequenceCache
from device.adapters.llm_cells import Cells
from device.adapters.llm_crowding import LEAST_STEP_SECONDS
from device.adapters.llm_requests import Finished, Request
from device.adapters.llm_scheduler import Scheduler
from device.adapters.llm_worker import Parts, Worker
from device.errors import GenerationError
from device.ports import Likelihood, Sampling, Token, Urgency
from tests.adapters.cell_memory import CellMemory

BATCH, CONTEXT_TOKENS, TASK_TOKENS, SEQUENCES = 4, 32, 8, 4
END = 99


class CountingContext:
    """Its model says after each token the next number, and the end after 90.

    It fails for sequences in `broken`, and where it has no cell left.
    """

    cells = CONTEXT_TOKENS + TASK_TOKENS

    def __init__(self) -> None:
        self.memory = CellMemory(sequences=SEQUENCES)
        self.remove, self.shift, self.copy = self.memory.remove, self.memory.shift, self.memory.copy
        self.batches: list[dict[int, list[int]]] = []
        self.broken: set[int] = set()
        self.threads: list[int] = []
        self.closed = 0
        self._rows: list[int] = []

    @property
    def held(self) -> list[list[int]]:
        return [self.memory.read(sequence) for sequence in range(SEQUENCES)]

    def use_threads(self, threads):
        self.threads.append(threads)

    def compute(self, stretches):
        used = len(set().union(*self.memory.held)) + sum(len(stretch.tokens) for stretch in stretches)
        if used > self.cells or self.broken & {stretch.sequence for stretch in stretches}:
            return None
        self.batches.append({s.sequence: list(s.tokens) for s in stretches})
        for stretch in stretches:
            assert stretch.start == len(self.memory.held[stretch.sequence])
            self.memory.compute(stretch.sequence, list(stretch.tokens))
        self._rows, last = [], []
        for stretch in stretches:
            wanted = {stretch.weighed} | ({len(stretch.tokens) - 1} if stretch.logits else set())
            self._rows += [token if number in wanted else -1 for number, token in enumerate(stretch.tokens)]
            last.append(len(self._rows) - 1)
        return last

    def logits(self, row):
        last = self._rows[row]
        assert last >= 0, "these logits were not asked for"
        values = np.zeros(100, dtype=np.float32)
        values[END if last >= 90 else last + 1] = 1.0
        return values

    def close(self):
        self.closed += 1


class Bench:
    """A worker without its thread, and what its requests were given."""

    def __init__(self) -> None:
        self.context = CountingContext()
        self.freed = 0
        vocabulary = SimpleNamespace(size=100, end_tokens={END}, piece=lambda token: bytes([token]))
        scheduler, cache = Scheduler(batch_tokens=BATCH), SequenceCache(self.context, sequences=SEQUENCES)
        self.worker = Worker(
            parts=Parts(free_weights=self.free, context=self.context, grammars=SimpleNamespace(close=lambda: None)),
            vocabulary=vocabulary,
            scheduler=scheduler,
            cache=cache,
            cells=Cells(cache, scheduler, context_tokens=CONTEXT_TOKENS, task_tokens=TASK_TOKENS),
            threads=2,
        )

    def free(self) -> None:
        assert self.context.closed, "the weights must outlive the context"
        self.freed += 1

    def ask(self, sequence, prompt, sampling=None, *, position=None, tokens=frozenset({1})) -> tuple[Request, list]:
        given: list = []
        asked = None if position is None else Likelihood(position=position, tokens=tokens, tell=given.append)
        request = Request(
            sequence=sequence, prompt=tuple(prompt), sampling=sampling, deliver=given.append, likelihood=asked
        )
        self.worker.requests.accept(request)
        return request, given

    def steps(self, number: int = 1000) -> None:
        while number and self.worker.scheduler.next_batch():
            self.worker._step()
            number -= 1


@pytest.fixture
def bench() -> Bench:
    return Bench()


def ids(given: list) -> list[int]:
    return [item.id for item in given if isinstance(item, Token)]


def error(given: list) -> str:
    assert isinstance(given[-1], GenerationError)
    return str(given[-1])


def test_a_reply_ends_at_the_end_token_which_is_not_given(bench):
    _, given = bench.ask(0, [86, 87], Sampling())
    bench.steps()
    assert ids(given) == [88, 89, 90]
    assert given[-1] == Finished(computed=2 + 3)


def test_a_reply_ends_after_max_tokens_without_computing_the_last_one(bench):
    _, given = bench.ask(0, [1, 2], Sampling(max_tokens=3))
    bench.steps()
    assert ids(given) == [3, 4, 5]
    assert bench.context.held[0] == [1, 2, 3, 4]


@pytest.mark.parametrize("position", [1, 3, 4, 5, 6])
def test_how_likely_something_follows_a_place_of_the_prompt_is_told_before_the_reply(bench, position):
    prompt = [1, 2, 3, 4, 5, 6]
    likely, unlikely = frozenset({position + 1, 60}), frozenset({50, 60})
    for tokens, odds in ((likely, math.e + 1), (unlikely, 2)):
        for _ in range(2):  # the second time the cache holds all of the prompt
            _, given = bench.ask(0, prompt, Sampling(max_tokens=1), position=position, tokens=tokens)
            bench.steps()
            assert given[0].likelihood == pytest.approx(math.log(odds / (math.e + 99)))
            assert ids(given) == [7]


@pytest.mark.parametrize("position", [0, 4])
def test_only_what_follows_the_prompts_own_tokens_can_be_weighed(bench, position):
    _, given = bench.ask(0, [1, 2, 3], Sampling(), position=position)
    assert "no such place" in error(given)


def test_no_tokens_may_be_wanted(bench):
    _, given = bench.ask(0, [1, 2], Sampling(max_tokens=0))
    bench.steps()
    assert given == [Finished(computed=2)]


def test_the_second_turn_computes_only_its_growth(bench):
    bench.ask(0, [1, 2, 3], Sampling(max_tokens=3))
    bench.steps()
    _, given = bench.ask(0, [1, 2, 3, 4, 5, 6, 50, 51], Sampling(max_tokens=1))
    bench.steps()
    assert ids(given) == [52]
    assert given[-1] == Finished(computed=3)
    assert bench.worker.counters().tokens_reused == 5


def test_a_prefill_brings_the_cache_to_exactly_the_prompt(bench):
    bench.ask(0, [1, 2, 3, 4, 5])
    bench.steps()
    _, given = bench.ask(0, [1, 2])
    assert given == [Finished(computed=0)]
    assert bench.context.held[0] == [1, 2]
    _, given = bench.ask(0, [])
    assert given == [Finished(computed=0)]
    assert bench.context.held[0] == []


def test_cancelling_a_long_prefill_takes_effect_after_the_chunk_and_keeps_what_was_computed(bench):
    request, given = bench.ask(0, range(20))
    bench.steps(2)
    bench.worker.requests.cancel(request)
    bench.steps()
    assert given == []
    assert bench.context.held[0] == list(range(2 * BATCH))
    _, given = bench.ask(0, range(10))
    bench.steps()
    assert given == [Finished(computed=2)]


def test_cancelling_a_reply_leaves_a_cache_that_the_next_turn_can_use(bench):
    request, given = bench.ask(0, [1, 2], Sampling())
    bench.steps(3)
    bench.worker.requests.cancel(request)
    bench.worker.requests.cancel(request)
    assert ids(given) == [3, 4, 5]
    _, given = bench.ask(0, [1, 2, 3, 60], Sampling(max_tokens=2))
    bench.steps()
    assert ids(given) == [61, 62]
    assert given[-1] == Finished(computed=2)


def test_requests_of_one_sequence_are_served_one_after_another(bench):
    _, first = bench.ask(0, [1, 2], Sampling(max_tokens=2))
    waiting, never = bench.ask(0, [7], Sampling(max_tokens=2))
    _, last = bench.ask(0, [1, 2, 3, 4], Sampling(max_tokens=2))
    bench.worker.requests.cancel(waiting)
    bench.steps()
    assert (ids(first), never, ids(last)) == ([3, 4], [], [5, 6])


def test_a_foreground_token_waits_for_one_step_of_a_background_prompt_at_most(bench):
    bench.worker.scheduler.set_urgency(1, Urgency.BACKGROUND)
    bench.ask(1, range(8))
    bench.steps(1)
    bench.ask(0, [5], Sampling(max_tokens=3))
    bench.steps(4)
    assert [list(batch) for batch in bench.context.batches] == [[1], [0], [0], [0], [1]]


def test_a_fork_goes_its_own_way_and_neither_disturbs_the_other(bench):
    bench.ask(0, [1, 2, 3])
    bench.steps()
    bench.worker.fork(0, 1)
    _, parent = bench.ask(0, [1, 2, 3, 10], Sampling(max_tokens=2))
    _, child = bench.ask(1, [1, 2, 3, 20], Sampling(max_tokens=2))
    bench.steps()
    assert (ids(parent), ids(child)) == ([11, 12], [21, 22])
    assert bench.worker.counters().tokens_computed == 3 + 2 + 2
    assert bench.worker.counters().cells_used == 3 + 2 + 2


def test_a_sequence_that_is_forked_over_or_released_fails_what_it_was_doing(bench):
    _, overtaken = bench.ask(1, [1, 2], Sampling())
    _, released = bench.ask(2, [1, 2], Sampling())
    bench.steps(2)
    bench.worker.fork(0, 1)
    bench.worker.release(2)
    assert "fork" in error(overtaken)
    assert "released" in error(released)
    assert bench.worker.scheduler.next_batch() == ()
    assert bench.context.held == [[], [], [], []]


def test_a_step_that_fails_takes_only_the_guilty_sequence_with_it(bench):
    _, good = bench.ask(0, [1], Sampling(max_tokens=4))
    _, bad = bench.ask(1, [50], Sampling(max_tokens=4))
    bench.steps(2)
    bench.context.broken = {1}
    bench.steps()
    assert ids(good) == [2, 3, 4, 5]
    assert ids(bad) == [51, 52]
    assert "could not compute" in error(bad)
    assert bench.context.held[1] == []
    bench.context.broken = set()
    _, again = bench.ask(1, [50], Sampling(max_tokens=1))
    bench.steps()
    assert ids(again) == [51]


def test_a_step_of_many_that_fails_is_taken_one_by_one_and_no_token_is_lost_or_said_twice(bench):
    given = [bench.ask(sequence, [10 * sequence], Sampling(max_tokens=4))[1] for sequence in range(SEQUENCES)]
    bench.steps(2)
    bench.context.broken = {2}
    bench.steps(1)
    bench.context.broken = set()
    bench.steps()
    assert [ids(replies) for replies in given] == [[1, 2, 3, 4], [11, 12, 13, 14], [21, 22], [31, 32, 33, 34]]
    assert [len(batch) for batch in bench.context.batches] == [4, 4, 1, 1, 1, 3]


def test_a_cancellation_costs_no_step_after_the_one_under_way(bench):
    request, given = bench.ask(0, [1], Sampling(max_tokens=30))
    bench.steps(3)
    before = bench.worker.counters()
    bench.worker.requests.cancel(request)
    bench.steps()
    assert bench.worker.counters() == before
    assert len(given) == before.tokens_generated == before.steps == 3


def test_a_task_that_might_outgrow_what_tasks_share_is_refused_before_its_first_step(bench):
    for task in (1, 2):
        bench.worker.scheduler.set_urgency(task, Urgency.BACKGROUND)
    bench.ask(0, range(30))
    bench.steps()
    bench.worker.fork(0, 1)
    _, fits = bench.ask(1, [*range(30), 50], Sampling(max_tokens=4))
    _, refused = bench.ask(2, [60], Sampling(max_tokens=3))
    assert "needs 4 tokens of memory besides the conversation's, but 3 of 8 are free" in error(refused)
    bench.steps()
    assert ids(fits) == [51, 52, 53, 54]
    _, prefilled = bench.ask(2, [60, 61, 62])
    bench.steps()
    assert prefilled == [Finished(computed=3)]


def test_where_the_dialogue_lacks_cells_a_task_ends_for_it(bench):
    for task in (1, 2):
        bench.worker.scheduler.set_urgency(task, Urgency.BACKGROUND)
    bench.ask(0, range(20))
    bench.steps()
    bench.worker.fork(0, 1)
    _, ended = bench.ask(1, [*range(20), 50], Sampling(max_tokens=4))
    _, spared = bench.ask(2, [70], Sampling(max_tokens=1))
    bench.steps(2)
    bench.worker.scheduler.hold(Urgency.BACKGROUND)
    _, dialogue = bench.ask(0, range(40, 68), Sampling(max_tokens=2))
    bench.steps()
    assert ids(dialogue) == [68, 69]
    assert error(ended) == "The task was ended because the conversation needs its memory."
    bench.worker.scheduler.hold(None)
    bench.steps()
    assert ids(spared) == [71]


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        (range(CONTEXT_TOKENS), "prompt of 32 tokens does not fit"),
        ([], "no prompt"),
        ([1, 100], "not in the language model's vocabulary"),
        ([-1], "not in the language model's vocabulary"),
    ],
)
def test_an_impossible_prompt_is_refused_in_a_sentence_and_the_engine_goes_on(bench, prompt, sentence):
    _, given = bench.ask(0, prompt, Sampling())
    assert sentence in error(given)
    _, given = bench.ask(0, [1], Sampling(max_tokens=1))
    bench.steps()
    assert ids(given) == [2]


def test_a_reply_that_reaches_the_end_of_the_context_ends_there(bench):
    _, given = bench.ask(0, range(CONTEXT_TOKENS - 3), Sampling(max_tokens=100))
    bench.steps()
    assert len(ids(given)) == 3
    assert isinstance(given[-1], Finished)


def test_the_number_of_threads_is_taken_over_at_the_next_step(bench):
    bench.ask(0, [1], Sampling(max_tokens=3))
    bench.steps(1)
    bench.worker.use_threads(1)
    bench.steps()
    assert bench.context.threads == [2, 1, 1]


@pytest.mark.parametrize(("within", "then"), [(False, [2, 2, 1]), (True, [2, 2, 2])])
def test_crowded_by_the_agent_s_own_recognizer_a_step_says_nothing_of_other_programs(bench, within, then):
    """It waits for a core for most of the time: that counts, unless another stage began meanwhile."""
    compute = bench.context.compute

    def slowly(stretches):
        if within:
            bench.worker.use_threads(2)
        time.sleep(2 * LEAST_STEP_SECONDS)
        return compute(stretches)

    bench.context.compute = slowly
    bench.ask(0, [1], Sampling(max_tokens=3))
    bench.steps()
    assert bench.context.threads == then


def test_at_the_end_everyone_is_answered_and_everything_freed_in_order(bench):
    _, begun = bench.ask(0, [1], Sampling())
    result = bench.worker.mailbox.call(lambda: 7)
    bench.worker.mailbox.close()
    bench.worker.run()
    assert "closed" in error(begun)
    assert result.result(timeout=0) == 7
    assert (bench.context.closed, bench.freed) == (1, 1)
