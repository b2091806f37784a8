"""Several sequences of a real model at once: forks, moves, grammars, cancellations and failures."""

import asyncio
import json

import pytest

from device.errors import GenerationError
from device.ports import Sampling, Urgency
from tests.adapters.engine import LETTERS, NUMBERS, TWENTIES, load, say

pytestmark = pytest.mark.models

FIXED = "Here are some lists.\n"
OLD = "Cities: Oslo, Bergen, Trondheim, Stavanger, Tromso, Drammen, Hamar, Molde.\n"
COUNTING = "Numbers: " + TWENTIES


def tokens(engine, *texts: str) -> list[int]:
    return [token for text in texts for token in engine.encode(text, special=False)]


async def test_turns_that_stay_when_older_ones_go_are_moved_and_not_computed(engine):
    await engine.prefill(0, tokens(engine, FIXED, OLD, COUNTING))
    before = engine.counters()
    shorter, new = tokens(engine, FIXED, COUNTING), tokens(engine, " 24, 25,")
    moved = await say(engine, shorter + new, max_tokens=12)
    after = engine.counters()
    assert after.tokens_reused - before.tokens_reused == len(shorter)
    assert after.tokens_computed - before.tokens_computed == len(new) + 12 - 1
    assert moved == await say(engine, shorter + new, sequence=1, max_tokens=12)
    assert moved.startswith(" 26, 27")


async def test_turns_that_a_fork_still_sees_stay_where_they_are(engine):
    whole, shorter = tokens(engine, FIXED, OLD, COUNTING), tokens(engine, FIXED, COUNTING)
    await engine.prefill(0, whole)
    engine.fork(0, 1)
    assert await engine.prefill(0, shorter) >= len(tokens(engine, COUNTING)) - 1
    assert await engine.prefill(1, whole) == 0
    for sequence, text in enumerate((shorter, whole)):
        assert (await say(engine, text, sequence=sequence, max_tokens=8)).startswith(" 24, 25")


async def test_a_state_is_not_saved_between_a_move_and_the_next_batch(engine, tmp_path):
    await engine.prefill(0, tokens(engine, FIXED, OLD, COUNTING))
    shorter = tokens(engine, FIXED, COUNTING)
    assert await engine.prefill(0, shorter) == 0
    with pytest.raises(OSError, match="between two batches"):
        await engine.save_prefix(0, tmp_path / "prefix")
    await engine.prefill(0, [*shorter, shorter[-1]])
    await engine.save_prefix(0, tmp_path / "prefix")


async def test_a_fork_of_a_sequence_that_is_generating_takes_what_it_has_and_does_not_disturb_it(engine):
    prompt = tokens(engine, NUMBERS)
    alone = await say(engine, prompt, max_tokens=40)
    engine.release(0)
    stream = engine.generate(0, prompt, Sampling(max_tokens=40))
    said = [await anext(stream) for _ in range(8)]
    engine.fork(0, 1)
    so_far = prompt + [token.id for token in said]
    reused = engine.counters().tokens_reused
    child = asyncio.create_task(say(engine, so_far + tokens(engine, " and letters: " + LETTERS), 1, max_tokens=8))
    said += [token async for token in stream]
    assert b"".join(token.piece for token in said).decode() == alone
    assert (await child).startswith(" I, J")
    assert engine.counters().tokens_reused - reused >= len(so_far) - 1


async def test_two_grammars_at_once_hold_each_its_own_reply(engine):
    minutes = r'root ::= "{\"minutes\": " [0-9]{1,3} "}"'
    prompt = tokens(engine, "How long does an egg take? Answer: ")
    replies = await asyncio.gather(
        say(engine, prompt, 0, grammar=minutes, temperature=1.2, max_tokens=40),
        say(engine, prompt, 1, grammar=r'root ::= "yes" | "no"', max_tokens=40),
        say(engine, prompt, 2, grammar=minutes, temperature=1.2, seed=5, max_tokens=40),
        say(engine, tokens(engine, NUMBERS), 3, max_tokens=8),
    )
    assert set(json.loads(replies[0])) == set(json.loads(replies[2])) == {"minutes"}
    assert replies[1] in {"yes", "no"}
    assert replies[3].startswith(" 11, 12")


async def test_a_cancellation_ends_the_work_with_the_step_that_is_under_way(engine):
    stream = engine.generate(0, tokens(engine, NUMBERS), Sampling(max_tokens=1000))
    for _ in range(3):
        await anext(stream)
    await stream.aclose()
    generated, steps = engine.counters().tokens_generated, engine.counters().steps
    await engine.prefill(0, [])
    assert engine.counters().tokens_generated - generated <= 1
    assert engine.counters().steps - steps <= 1


async def test_a_prefill_that_is_cancelled_ends_with_the_chunk_that_is_under_way(engine):
    task = asyncio.create_task(engine.prefill(0, tokens(engine, "many words " * 500)))
    while engine.counters().cells_used == 0:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    steps = engine.counters().steps
    await engine.prefill(0, [])
    assert engine.counters().steps - steps <= 1


async def test_a_decode_that_fails_takes_only_the_guilty_sequence_with_it(engine, monkeypatch):
    context = engine._worker._parts.context
    compute = context.compute
    broken: set[int] = set()
    monkeypatch.setattr(
        context, "compute", lambda stretches: None if broken & {s.sequence for s in stretches} else compute(stretches)
    )
    alone = [await say(engine, text, sequence=s, max_tokens=16) for s, text in enumerate((NUMBERS, LETTERS))]
    for sequence in (0, 1):
        engine.release(sequence)
    good = [
        asyncio.create_task(say(engine, text, sequence=s, max_tokens=16)) for s, text in enumerate((NUMBERS, LETTERS))
    ]
    stream = engine.generate(2, tokens(engine, TWENTIES), Sampling(max_tokens=100))
    await anext(stream)
    broken.add(2)
    with pytest.raises(GenerationError, match="could not compute a step"):
        [token async for token in stream]
    assert await asyncio.gather(*good) == alone
    broken.clear()
    assert (await say(engine, TWENTIES, sequence=2, max_tokens=8)).startswith(" 24, 25")


async def test_the_dialogue_gets_the_cells_that_tasks_hold_and_tasks_beyond_their_part_are_refused(weights):
    engine = load(weights, context_tokens=512, task_tokens=256)
    try:
        for task in (2, 3):
            engine.set_urgency(task, Urgency.BACKGROUND)
        old = tokens(engine, "old words " * 300)[:500]
        await engine.prefill(0, old)
        engine.fork(0, 2)
        with pytest.raises(GenerationError, match="needs 300 tokens .* but 256 of 256 are free"):
            await engine.prefill(3, old[:300])
        engine.hold(Urgency.BACKGROUND)
        ended = asyncio.create_task(say(engine, [*old, 5], sequence=2, max_tokens=100))
        await asyncio.sleep(0)  # let it ask
        assert await engine.prefill(0, [*reversed(old)]) > 256
        with pytest.raises(GenerationError, match="the conversation needs its memory"):
            await ended
    finally:
        await engine.close()
