"""What each mechanism is worth: judged with a scripted model, and once as a whole with the real one."""

import json

import pytest

from device.adapters.fakes.llm import ScriptedModel
from device.bench.tool_choice import Case
from device.config import load
from device.eval.ablation import choosing, thinking
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


@pytest.mark.models
def test_the_whole_experiment_makes_its_tables(tmp_path, artifact_path):
    artifact_path(CONFIG.models.llm)
    sizes = Sizes(config=load(overrides=["thinking.max_tokens=48"], environment={}).config, repeats=1)
    result = conduct(plan(sizes), sizes, tmp_path, lambda done, step: None)
    assert result.complete
    assert len(result.tables) == 2
