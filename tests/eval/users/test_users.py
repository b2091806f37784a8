"""Simulated users say what they want in their own way, and what they got is judged by what was done."""

import pytest

from device.config import load
from device.core.entries import CallEnded, CallMade, Record
from device.core.toolspec import checked
from device.eval.experiment import Sizes, conduct
from device.eval.users.goals import Outcome, judged
from device.eval.users.personas import PAUSE, PERSONAS, REPLY, REST
from device.eval.users.plan import plan
from device.eval.users.shop import shop_tools
from device.eval.users.wishes import SERVICE, SETTINGS, Wish, wishes
from device.eval.users.worded import says

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


@pytest.mark.parametrize("setting", SETTINGS)
def test_all_want_the_same_but_who_changes_their_mind(setting):
    found = wishes(setting, 0, 0, 3)
    assert wishes(setting, 0, 0, 3) == found != wishes(setting, 0, 1, 3)
    parts = {name: persona(found) for name, persona in PERSONAS.items()}
    assert parts["patient"].wanted == parts["interrupting"].wanted == parts["multitasking"].wanted
    assert parts["changing their mind"].wanted != parts["patient"].wanted
    assert [line.when for line in parts["patient"].lines] == [REST] * 3
    assert [line.when for line in parts["interrupting"].lines] == [REST, REPLY, REPLY]
    assert [line.when for line in parts["multitasking"].lines] == [REST, PAUSE, PAUSE]
    assert any("no wait" in line.text for line in parts["changing their mind"].lines)


@pytest.mark.parametrize("setting", SETTINGS)
def test_plain_words_say_the_wish_and_those_of_another_do_not(setting):
    found = {one.said: one for number in range(20) for one in wishes(setting, 7, number, 4)}
    for wish in found.values():
        assert says(wish.said, wish)
        assert not wish.corrected or says(wish.corrected.said, wish.corrected)
        assert not wish.corrected or not says(wish.said, wish.corrected)
        others = [other for other in found.values() if other.wanted != wish.wanted]
        assert not any(says(other.said, wish) for other in others)


@pytest.mark.parametrize(
    ("line", "accepted"),
    [
        ("Could you time five minutes for me?", True),
        ("Set a timer.", False),
        ("Set a timer for 5 minutes, or for 9.", False),
        ("Sure, I set a timer for 5 minutes.", False),
        ("Tell me about 5 minutes.", False),
        ("A timer for 5 minutes please\nassistant: Done.", False),
    ],
)
def test_a_line_is_taken_only_if_it_says_the_wish(line, accepted):
    wish = Wish(said="Set a timer for 5 minutes.", wanted=(TIMER,), needs=(("timer", "time"), ("minutes",)))
    assert says(line, wish) is accepted


async def test_every_wish_of_the_shop_can_be_granted():
    tools = shop_tools()
    for number in range(10):
        for wish in wishes(SERVICE, 0, number, 4):
            ((name, arguments),) = wish.wanted
            assert checked(tools[name].spec, arguments) == arguments


@pytest.mark.models
def test_the_whole_experiment_makes_its_table(tmp_path, artifact_path, monkeypatch):
    artifact_path(CONFIG.models.llm)
    monkeypatch.setattr("device.eval.users.plan.WISHES", 2)
    monkeypatch.setattr("device.eval.users.plan.SETTINGS", (SERVICE,))
    for name in ("patient", "multitasking", "changing their mind"):
        monkeypatch.delitem(PERSONAS, name)
    sizes = Sizes(config=load(overrides=["thinking.max_tokens=48"], environment={}).config, repeats=1)
    result = conduct(plan(sizes), sizes, tmp_path, lambda done, step: None)
    assert result.complete
    by_rule, _, by_model, _, playing = result.tables
    assert [row.label for row in by_rule.rows] == [row.label for row in by_model.rows]
    assert playing.rows[-1].cells[0].n == 2
    assert playing.rows[-1].cells[2].n == 4
