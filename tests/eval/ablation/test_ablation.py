"""What each mechanism is worth: judged with a scripted model, and once as a whole with the real one."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from device.adapters.fakes.llm import ScriptedModel
from device.bench.overlap.workloads import Fact
from device.bench.tool_choice import Case
from device.config import load
from device.core.context import Conversation
from device.core.entries import Record, ReplyEnded, ReplyStarted, UserSaid
from device.core.prompt.spans import encode
from device.eval.ablation import choosing, forms, history, thinking, waiting
from device.eval.ablation.plan import plan
from device.eval.experiment import Sizes, conduct
from device.eval.workloads import TOOLS

CONFIG = load(environment={}).config


async def test_every_variant_gets_what_it_is_left_with():
    call = json.dumps({"name": "look", "arguments": {"what": "boiler"}})
    model = ScriptedModel(lambda prompt: call)
    request = Case(utterance="Look at the boiler.", wanted=(("look", {"what": "boiler"}),))
    found = await choosing.choosing(CONFIG, model, TOOLS, request)
    assert all(one["choice"] and one["arguments"] for one in found["variants"].values())
    assert [bool(one.grammar) for one in model.samplings] == [variant.held for variant in choosing.VARIANTS.values()]
    assert [one.leaning is not None for one in model.samplings] == [v.leaning for v in choosing.VARIANTS.values()]


def test_a_riddle_s_question_does_not_hold_its_answer():
    for seed in range(20):
        one = thinking.riddle(str(seed))
        assert one.key in one.fact.lower()
        assert one.key not in one.question.lower()


def test_tables_have_a_row_for_every_variant_and_way():
    ways = {way: {"answer": "Oslo", "right": way == "fork", "seconds": 1.0} for way in thinking.WAYS}
    made = thinking.table([{"ways": ways}])
    assert [row.cells[0].value for row in made.rows] == [1.0, 0.0, 0.0, 0.0]


def test_every_form_shows_the_model_what_came_late():
    one = forms.late("3")
    model = ScriptedModel(lambda prompt: "")
    for form in forms.FORMS:
        shown = model.decode(encode(forms._renderer(CONFIG, model, form).render(one.messages), model)).decode()
        assert all(fact.text in shown for fact in one.facts)
        assert ("notification" in shown) is (form == "chatml"), form
    plain = forms._renderer(CONFIG, model, "plain").render(one.messages)
    assert "running" not in "".join(span.text for span in plain)


@pytest.mark.parametrize(
    ("said", "told", "mixed"),
    [
        ("The oven shows 21. The attic shows 85.", 2, 0),
        ("The oven shows 21, and the attic shows 85.", 2, 0),
        ("The oven shows 85. The attic shows 21.", 0, 2),
        ("The oven shows 21.", 1, 0),
        ("21 and 85.", 0, 0),
    ],
)
def test_a_result_is_told_if_its_own_number_stands_by_it(said, told, mixed):
    facts = [Fact(text="", keys=("oven", "21")), Fact(text="", keys=("attic", "85"))]
    assert forms.judged(said, facts) == {"facts": 2, "told": told, "mixed": mixed}


def test_a_plain_history_takes_for_said_what_was_cut_off():
    entries = [
        UserSaid(text="Hello."),
        ReplyStarted(turn=1),
        ReplyEnded(turn=1, generated="Good day to you.", heard="Good", interrupted=True),
    ]
    records = [
        Record(id=number, wall_seconds=0, boot_seconds=0, boot_id="", context="main", entry=entry)
        for number, entry in enumerate(entries, 1)
    ]
    shown = [kind.replay(records).messages()[-1].parts[0].text for kind in (Conversation, history.PlainHistory)]
    assert shown == ["Good", "Good day to you."]


@pytest.mark.models
def test_of_interrupted_replies_all_is_heard_in_the_end_by_the_ledger(artifact_path, monkeypatch):
    for name in (CONFIG.models.asr, CONFIG.models.tts, CONFIG.models.vad):
        artifact_path(name)
    monkeypatch.setattr(history, "OPERATIONS", (1,))
    monkeypatch.setattr(history, "SCALE", 0.02)
    found = asyncio.run(history.remembering(CONFIG, "1"))["kinds"]
    by_ledger = found[history.KINDS[False]]
    assert by_ledger["heard"] == by_ledger["facts"] == found[history.KINDS[True]]["facts"]


@pytest.mark.models
def test_an_utterance_is_answered_prepared_or_not(artifact_path, monkeypatch):
    for name in (CONFIG.models.asr, CONFIG.models.tts, CONFIG.models.vad, CONFIG.models.llm):
        artifact_path(name)
    recording = Path(__file__).parents[2] / "data" / "capital.flac"
    monkeypatch.setattr(waiting, "corpus", lambda *_, **__: [recording])
    monkeypatch.delitem(waiting.WAYS, "read ahead")
    found = waiting.waiting(CONFIG, 0, 0)["ways"]
    assert all(one["ms"] > 0 and not one["cut_off"] for (one,) in found.values())
    assert [row.label for row in waiting.table([{"ways": found}]).rows] == list(waiting.WAYS.values())


@pytest.mark.models
def test_the_whole_experiment_makes_its_tables(tmp_path, artifact_path):
    artifact_path(CONFIG.models.llm)
    sizes = Sizes(
        config=load(overrides=["thinking.max_tokens=48", "thinking.examples=false"], environment={}).config, repeats=1
    )
    whole = plan(sizes)
    # What speaks has tests of its own, above.
    silent = [step for step in whole.steps if step.split()[0] in ("choosing", "telling", "thinking")]
    assert len(whole.steps) == len(silent) + 2
    result = conduct(replace(whole, steps=silent), sizes, tmp_path, lambda done, step: None)
    assert result.complete
    assert len(result.tables) == 3
