"""The comparison of answers' times, small, with a script for a model: both agents are real, in processes of their own."""

import pytest

from device.config import load
from device.eval import latency, pairs
from device.eval.experiment import Sizes, conduct


def test_one_call_is_one_whatever_the_number_of_operations():
    found = pairs.combinations((1, 4))
    assert ("one call", 1) in found
    assert ("one call", 4) not in found
    assert ("many calls", 4) in found


def case(async_s: float, sync_s: float | None, heard: int = 2) -> dict:
    return {"facts": 2, "async": {"all_s": async_s, "heard": 2}, "sync": {"all_s": sync_s, "heard": heard}}


def test_times_are_compared_workload_by_workload():
    cases = [case(1.0, 2.0), case(10.0, 20.0), case(5.0, None, heard=0)]
    assert pairs.times_sooner(cases, "all_s").value == pytest.approx(2.0)
    assert [figure.value for figure in pairs.completed(cases)] == [1.0, pytest.approx(4 / 6)]


def test_both_agents_tell_every_answer_of_every_kind(tmp_path, monkeypatch):
    monkeypatch.setattr(latency, "OPERATIONS", (1, 2))
    monkeypatch.setattr(latency, "SCALE", 0.02)
    sizes = Sizes(config=load(environment={}).config, repeats=1, script=True)
    result = conduct(latency.plan(sizes), sizes, tmp_path, lambda done, step: None)
    assert (tmp_path / "latency-script.json").exists()
    pooled, each = result.tables
    assert [row.label for row in pooled.rows][-3:] == ["1 operation", "2 operations", "all of these"]
    for row in (*pooled.rows, *each.rows):
        assert [cell.value for cell in row.cells[5:]] == [1.0, 1.0], row.label
