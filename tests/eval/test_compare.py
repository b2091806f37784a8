"""The comparison where the model decides, small, with a director in its place."""

from device.config import load
from device.eval import bfcl, compare
from device.eval.experiment import Sizes, conduct
from device.eval.workloads import KINDS

CONFIG = load(environment={}).config


def test_what_was_done_and_what_it_cost_is_told_of_both_agents(tmp_path, monkeypatch):
    monkeypatch.setattr(compare, "OPERATIONS", (1,))
    monkeypatch.setattr(compare, "SCALE", 0.02)
    sizes = Sizes(config=CONFIG, repeats=1, script=True)
    result = conduct(compare.plan(sizes), sizes, tmp_path, lambda done, step: None)
    done, cost = result.tables
    assert [row.label for row in done.rows] == [*KINDS, "all of these"]
    assert all([cell.value for cell in row.cells[:2]] == [1.0, 1.0] for row in done.rows)
    assert all(cell.value > 0 for row in cost.rows for cell in row.cells)


def test_without_the_leaderboard_s_requests_it_says_how_to_get_them(monkeypatch):
    monkeypatch.setattr(bfcl, "is_here", lambda: False)
    plan = compare.plan(Sizes(config=CONFIG))
    assert not any(step.startswith(compare.LEADERBOARD) for step in plan.steps)
    assert any("device models fetch bfcl" in one for one in plan.not_measured)
    monkeypatch.setattr(bfcl, "is_here", lambda: True)
    steps = [step for step in compare.plan(Sizes(config=CONFIG)).steps if step.startswith(compare.LEADERBOARD)]
    assert len(steps) == len(bfcl.CATEGORIES) * compare.REQUESTS


def test_so_many_requests_are_put_as_are_asked_for(monkeypatch):
    monkeypatch.setattr(compare.bfcl, "is_here", lambda: True)
    plan = compare.plan(Sizes(config=CONFIG, requests=2))
    assert sum(step.startswith(compare.LEADERBOARD) for step in plan.steps) == 2 * len(compare.bfcl.CATEGORIES)
    assert "--requests 2" in Sizes(config=CONFIG, requests=2).command("compare")
