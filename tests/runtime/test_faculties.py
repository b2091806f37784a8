"""What is done once before somebody waits for it."""

from types import SimpleNamespace

import pytest

from device.adapters.fakes.clock import FakeClock
from device.adapters.fakes.llm import ScriptedModel
from device.runtime.faculties import MOST_PREFIXES, Faculties, Workers, warm

FIXED, REST = list(b"the instructions"), list(b" and what was said")


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel([])


async def warmed(model: ScriptedModel, prefixes, fixed=FIXED) -> int:
    """Warm a model whose cache is empty; returns how many tokens it computed."""
    model.release(0)
    before = model.counters().tokens_computed
    dialogue = SimpleNamespace(fixed_prompt=lambda: fixed, prompt=lambda: fixed + REST)
    faculties = Faculties(clock=FakeClock(), ledger=None, model=model)
    with Workers() as workers:
        await warm(faculties, workers, dialogue, 0, samplings=(), prefixes=prefixes)
    return model.counters().tokens_computed - before


async def test_the_fixed_part_of_the_prompt_is_computed_once_and_found_again(model, tmp_path):
    assert await warmed(model, tmp_path) == len(FIXED + REST)
    assert await warmed(model, tmp_path) == len(REST)
    assert list(model.saved.values()) == [FIXED]


async def test_a_state_that_cannot_be_used_is_computed_again_and_replaced(model, tmp_path):
    await warmed(model, tmp_path)
    (kept,) = model.saved
    del model.saved[kept]
    assert await warmed(model, tmp_path) == len(FIXED + REST)
    assert model.saved == {kept: FIXED}


async def test_other_instructions_or_another_model_are_another_state(model, tmp_path):
    await warmed(model, tmp_path)
    await warmed(model, tmp_path, fixed=FIXED[:-1])
    model.card = SimpleNamespace(name="other", context_tokens=model.card.context_tokens)
    await warmed(model, tmp_path)
    assert len(model.saved) == 3


async def test_only_the_newest_states_stay_on_the_disk(model, tmp_path):
    for number in range(MOST_PREFIXES + 3):
        (tmp_path / f"{number}.kv").touch()
    await warmed(model, tmp_path)
    assert len(list(tmp_path.iterdir())) == MOST_PREFIXES - 1
