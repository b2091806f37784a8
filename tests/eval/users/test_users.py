"""Simulated users say what they want in their own way, and what they got is judged by what was done."""

import pytest

from device.config import load
from device.core.entries import CallEnded, CallMade, Record
from device.eval.experiment import Sizes, conduct
from device.eval.users.goals import Outcome, judged
from device.eval.users.personas import PAUSE, PERSONAS, REPLY, REST
from device.eval.users.plan import plan, requests_of

CONFIG = load(environment={}).config
TIMER = ("set_timer", {"duration": "5 minutes"})


def records(*calls: tuple[str, dict, str]) -> list[Record]:
    entries = []
    for number, (name, arguments, status) in enumerate(calls, 1):
        entries += [
            CallMade(call_id=f"c{number}", turn=1, name=name, arguments=arguments),
            CallEnded(call_id=f"c{number}", status=status, text=""),
        ]
    return [
        Record(id=number, wall_seconds=0, boot_seconds=0, boot_id="", context="main", entry=entry)
        for number, entry in enumerate(entries, 1)
    ]


@pytest.mark.parametrize(
    ("calls", "outcome"),
    [
        ([("set_timer", {"duration": "five minutes"}, "done")], Outcome(fulfilled=1, wanted=1, unwanted=0, failed=0)),
        ([("set_timer", {"duration": "9 minutes"}, "done")], Outcome(fulfilled=0, wanted=1, unwanted=1, failed=0)),
        ([("set_timer", {"duration": "5 minutes"}, "failed")], Outcome(fulfilled=0, wanted=1, unwanted=0, failed=1)),
        ([("set_timer", {"duration": "5 minutes"}, "done")] * 2, Outcome(fulfilled=1, wanted=1, unwanted=1, failed=0)),
        ([], Outcome(fulfilled=0, wanted=1, unwanted=0, failed=0)),
    ],
)
def test_a_wish_is_fulfilled_once_by_a_call_that_ended_well(calls, outcome):
    assert judged((TIMER,), records(*calls)) == outcome


def test_all_want_the_same_but_who_changes_their_mind():
    wishes = requests_of(0, 0, 3)
    assert requests_of(0, 0, 3) == wishes != requests_of(0, 1, 3)
    parts = {name: persona(wishes) for name, persona in PERSONAS.items()}
    assert parts["patient"].wanted == parts["interrupting"].wanted == parts["multitasking"].wanted
    assert parts["changing their mind"].wanted != parts["patient"].wanted
    assert [line.when for line in parts["patient"].lines] == [REST] * 3
    assert [line.when for line in parts["interrupting"].lines] == [REST, REPLY, REPLY]
    assert [line.when for line in parts["multitasking"].lines] == [REST, PAUSE, PAUSE]
    assert any("make that" in line.text for line in parts["changing their mind"].lines)


@pytest.mark.models
def test_the_whole_experiment_makes_its_table(tmp_path, artifact_path, monkeypatch):
    artifact_path(CONFIG.models.llm)
    monkeypatch.setattr("device.eval.users.plan.WISHES", 2)
    monkeypatch.delitem(PERSONAS, "patient")
    monkeypatch.delitem(PERSONAS, "changing their mind")
    sizes = Sizes(config=load(overrides=["thinking.max_tokens=48"], environment={}).config, repeats=1)
    result = conduct(plan(sizes), sizes, tmp_path, lambda done, step: None)
    assert result.complete
    assert [row.label for row in result.tables[0].rows] == [*PERSONAS, "all of them"]
