"""Parallel thinking up to its limits and past them, small, and the experiment as a whole."""

import pytest

from device.config import load
from device.core.contexts import Waits
from device.eval.experiment import Sizes, conduct
from device.eval.forks.deadlocks import deadlocks
from device.eval.forks.limits import depth, limits
from device.eval.forks.plan import plan
from device.eval.forks.storms import storm

CONFIG = load(environment={}).config
ALLOWED = CONFIG.tasks.children


@pytest.mark.parametrize("forks", [True, False])
@pytest.mark.parametrize("wanted", [1, ALLOWED, ALLOWED + 3])
def test_as_many_tasks_are_begun_as_are_allowed_and_every_place_is_free_again(wanted, forks):
    found = limits(CONFIG, wanted, forks=forks)
    assert found["begun"] == found["done"] == min(wanted, ALLOWED)
    assert found["refused"] == max(wanted - ALLOWED, 0)
    assert found["begun_again"] == ALLOWED
    assert found["ended_once"]
    assert found["free"]


def test_no_task_is_deeper_than_the_limit():
    found = depth(CONFIG, 5)
    assert (found["begun"], found["refused"]) == (CONFIG.tasks.depth, 1)
    assert found["ended_once"]
    assert found["free"]


@pytest.mark.parametrize("seed", range(4))
def test_calls_that_wait_for_each_other_all_end(seed):
    found = deadlocks(CONFIG, f"{seed}", 6, circles=True)
    assert found["ended_once"]
    assert found["free"]
    assert found["circular"] or not found["refused"]


def test_calls_that_wait_for_earlier_ones_are_never_refused():
    found = deadlocks(CONFIG, "seed", 6, circles=False)
    assert (found["circular"], found["refused"], found["ended_once"]) == (False, 0, True)


def test_an_agent_that_allowed_circles_would_be_found_out(monkeypatch):
    monkeypatch.setattr(Waits, "_path", lambda self, start, goal: None)
    monkeypatch.setattr("device.eval.forks.errands.TIMEOUT_SECONDS", 0.3)
    found = deadlocks(CONFIG, "seed", 8, circles=True)
    assert found["circular"]
    assert found["refused"] == 0


def test_a_storm_of_cancellations_leaves_nothing_behind():
    found = storm(CONFIG, "seed", 12)
    assert found["cancelled"] > 6
    assert found["ended_once"]
    assert found["free"]
    assert found["answers"]


def test_the_whole_experiment_makes_its_tables_without_a_model(tmp_path):
    sizes = Sizes(config=CONFIG, repeats=1, script=True)
    result = conduct(plan(sizes), sizes, tmp_path, lambda done, step: None)
    assert result.complete
    assert len(result.tables) == 4
    assert all(len(row.cells) == len(table.columns) for table in result.tables for row in table.rows)


@pytest.mark.models
def test_answers_beside_tasks_are_measured_with_the_real_model(tmp_path, artifact_path):
    import asyncio

    from device.eval.forks.foreground import beside

    artifact_path(CONFIG.models.llm)
    runs = asyncio.run(beside(CONFIG, "seed", (0, 2)))["runs"]
    assert {run["tasks"]: run["at_work"] for run in runs} == {0: 0, 2: 2}
    assert all(run["first_words_s"] > 0 for run in runs)
