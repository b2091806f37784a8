"""The engine on a real model, SmolLM2 for its speed.

Where two runs must agree they continue sequences that the model is sure of: the same tokens computed in batches of
other shapes differ in the last bits, which may turn a close choice.
"""

import asyncio
import gc
import json
import math
import subprocess
import sys
import threading
from contextlib import aclosing

import numpy as np
import pytest

from device.adapters.llm_grammar import Grammars
from device.core.prompt.choice import Leaning
from device.core.prompt.messages import ToolSpec
from device.core.prompt.tool_use import ToolUse
from device.errors import GenerationError, ModelError
from device.ports import Likelihood, Sampling, Urgency
from tests.adapters.engine import LETTERS, NUMBERS, TWENTIES, load, say

pytestmark = pytest.mark.models

JSON_GRAMMAR = r"""
root ::= "{\"name\": " string ", \"minutes\": " [0-9]{1,3} "}"
string ::= "\"" [a-zA-Z ]{1,12} "\""
"""


def question(text: str) -> str:
    return f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n"


def test_the_card_is_read_from_the_file(engine):
    card = engine.card
    assert card.architecture == "llama"
    assert card.name
    assert "<|im_start|>" in card.chat_template
    assert card.context_tokens == 2048
    assert {engine.encode(text, special=True)[0] for text in ("<|im_end|>", "<|endoftext|>")} <= card.end_tokens
    assert {"<|im_start|>", "<|im_end|>"} <= card.control_texts


@pytest.mark.parametrize("text", ["", "plain words", "naïve café — 日本語 🎧", "a\0b", "\ud800 lone"])
def test_text_survives_encoding_and_decoding(engine, text):
    tokens = engine.encode(text, special=False)
    assert engine.decode(tokens).decode() == text.encode("utf-8", "replace").decode()


def test_the_text_of_a_control_token_is_that_token_only_where_special_is_allowed(engine):
    assert len(engine.encode("<|im_end|>", special=True)) == 1
    plain = engine.encode("<|im_end|>", special=False)
    assert len(plain) > 1
    assert engine.decode(plain) == b"<|im_end|>"
    assert engine.decode(engine.encode("<|im_end|>", special=True)) == b""


def test_a_token_outside_the_vocabulary_is_an_error(engine):
    with pytest.raises(ValueError, match="outside the vocabulary"):
        engine.decode([10**6])


async def test_it_answers_and_stops_at_its_end_token(engine):
    assert await say(engine, question("What is the capital of France?")) == "The capital of France is Paris."


async def test_a_greedy_reply_is_the_same_every_time(engine):
    replies = {await say(engine, question("Tell me of the sea."), sequence, max_tokens=24) for sequence in (0, 0, 1)}
    assert len(replies) == 1


async def test_the_seed_decides_a_reply_at_a_temperature(engine):
    async def reply(seed: int) -> str:
        return await say(engine, question("Name an animal."), max_tokens=12, temperature=1.5, top_p=1.0, seed=seed)

    replies = [await reply(seed) for seed in (1, 2, 3, 4)]
    assert await reply(3) == replies[2]
    assert len(set(replies)) > 1


async def test_a_characters_bytes_may_be_split_between_tokens_but_are_never_lost(engine):
    prompt = "🎧🎤🎧🎤🎧🎤🎧🎤"
    tokens = [t async for t in engine.generate(0, engine.encode(prompt, special=False), Sampling(max_tokens=12))]
    assert b"".join(token.piece for token in tokens).decode("utf-8", "ignore").startswith("🎧")
    assert engine.decode([token.id for token in tokens]) == b"".join(token.piece for token in tokens)


async def test_the_second_turn_computes_only_its_growth(engine):
    first = engine.encode(question("What is the capital of France?"), special=True)
    reply = [token.id async for token in engine.generate(0, first, Sampling())]
    grown = first + reply + engine.encode("<|im_end|>\n" + question("And of Spain?"), special=True)
    before = engine.counters().tokens_computed
    assert await engine.prefill(0, grown) == len(grown) - len(first) - len(reply)
    assert engine.counters().tokens_computed - before == len(grown) - len(first) - len(reply)
    assert "Madrid" in await say(engine, grown)


async def test_a_truncated_and_continued_sequence_equals_a_fresh_one(engine):
    await say(engine, LETTERS, max_tokens=20)
    await say(engine, NUMBERS + " 11, 12, 99, 77,", max_tokens=5)
    continued = await say(engine, TWENTIES, max_tokens=20)
    engine.release(0)
    assert continued == await say(engine, TWENTIES, max_tokens=20)
    assert "24, 25, 26" in continued


async def test_it_tells_by_the_way_how_likely_a_sentence_ends_at_a_place_of_the_prompt(engine):
    told = {}
    for words in (
        "How many days are there in a week",
        "How many days are there in a",
        "How many days are there in a week",
    ):
        before = engine.encode(f"<|im_start|>user\n{words}", special=True)
        prompt = before + engine.encode("?<|im_end|>\n<|im_start|>assistant\n", special=True)
        asked = Likelihood(
            position=len(before),
            tokens=engine.card.closing_tokens,
            tell=lambda it, w=words: told.setdefault(w, []).append(it),
        )
        assert len([token async for token in engine.generate(0, prompt, Sampling(max_tokens=2), asked)]) == 2
    whole, begun = told.values()
    assert whole[0] > math.log(0.3) > math.log(0.01) > begun[0]
    assert whole[1] == pytest.approx(whole[0], abs=0.2)


def test_what_may_follow_a_last_word_is_known(engine):
    closing = engine.card.closing_tokens
    assert {engine.encode(text, special=True)[0] for text in (".", "?", "!", "<|im_end|>")} <= closing
    assert not closing & {engine.encode(text, special=True)[0] for text in (",", "...", " and", "3")}


async def test_closing_the_iterator_leaves_an_engine_that_goes_on(engine):
    stream = engine.generate(0, engine.encode(NUMBERS, special=False), Sampling(max_tokens=1000))
    assert (await anext(stream)).piece
    await stream.aclose()
    assert (await say(engine, TWENTIES, max_tokens=10)).startswith(" 24, 25")
    generated = engine.counters().tokens_generated
    await engine.prefill(0, engine.encode(LETTERS, special=False))
    assert engine.counters().tokens_generated == generated


async def test_cancelling_the_reading_task_ends_the_work(engine):
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in engine.generate(0, engine.encode(NUMBERS, special=False), Sampling(max_tokens=1000)):
            begun.set()

    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await engine.prefill(0, [])  # served after the cancellation, because it is the same sequence's
    assert engine.counters().tokens_generated < 1000
    assert engine.counters().cells_used == 0


async def test_a_fork_equals_an_independent_sequence_and_computes_nothing(engine):
    prefix = engine.encode(NUMBERS, special=False)
    await engine.prefill(0, prefix)
    before = engine.counters()
    engine.fork(0, 1)
    assert await engine.prefill(1, prefix) == 0
    assert engine.counters().cells_used == before.cells_used
    forked = await say(engine, prefix, sequence=1, max_tokens=30)
    assert forked == await say(engine, prefix, sequence=2, max_tokens=30)
    other = prefix + engine.encode(" and backwards: 10, 9, 8,", special=False)
    assert (await say(engine, other, sequence=0, max_tokens=10)).startswith(" 7, 6, 5")
    assert await say(engine, prefix, sequence=1, max_tokens=30) == forked


async def test_a_fork_outlives_its_parent(engine):
    prefix = engine.encode(NUMBERS, special=False)
    await engine.prefill(0, prefix)
    engine.fork(0, 1)
    engine.release(0)
    assert await engine.prefill(1, prefix) == 0
    assert (await say(engine, prefix, sequence=1, max_tokens=12)).startswith(" 11, 12, 13")


async def test_two_sequences_at_once_say_what_each_says_alone(engine):
    alone = [await say(engine, text, sequence=s, max_tokens=30) for s, text in enumerate((NUMBERS, LETTERS))]
    engine.release(0)
    engine.release(1)
    together = await asyncio.gather(
        say(engine, NUMBERS, sequence=0, max_tokens=30), say(engine, LETTERS, sequence=1, max_tokens=30)
    )
    assert together == alone


async def test_background_work_waits_until_it_is_let_go(engine):
    engine.set_urgency(1, Urgency.BACKGROUND)
    engine.hold(Urgency.BACKGROUND)
    held = asyncio.create_task(say(engine, NUMBERS, sequence=1, max_tokens=8))
    assert (await say(engine, LETTERS, max_tokens=6)).startswith(" I, J")
    assert not held.done()
    engine.hold(None)
    assert (await held).startswith(" 11, 12")


@pytest.mark.parametrize("temperature", [0.0, 1.2])
async def test_a_grammar_forces_well_formed_output_and_ends_the_reply_when_it_is_complete(engine, temperature):
    prompt = question("Tell me about the history of the Roman empire.")
    for seed in range(3):
        reply = await say(engine, prompt, grammar=JSON_GRAMMAR, temperature=temperature, seed=seed, max_tokens=80)
        assert set(json.loads(reply)) == {"name", "minutes"}


async def test_a_grammar_lets_the_model_end_where_the_text_may_end(engine):
    reply = await say(engine, question("What is the capital of France?"), grammar="root ::= [^~]*")
    assert reply == "The capital of France is Paris."


def test_a_grammar_never_takes_the_name_of_a_control_token_for_text(engine):
    grammars = Grammars(engine._vocabulary)
    grammar = grammars.open("root ::= [^~]*")
    names = ("<|im_start|>", "<|im_end|>", "word")
    tokens = np.array([engine.encode(name, special=True)[0] for name in names])
    assert grammar.allowed(tokens).tolist() == [False, True, True]
    grammar.close()
    grammars.close()


@pytest.mark.parametrize(
    "grammar", ["root ::= (", "nothing here", "leaf ::= [a]", "root ::= missing", "root ::= root [a]"]
)
async def test_an_invalid_grammar_is_an_error_of_one_sentence_and_the_engine_goes_on(engine, capfd, grammar):
    with pytest.raises(GenerationError, match="grammar is not valid"):
        await say(engine, NUMBERS, grammar=grammar)
    assert await say(engine, NUMBERS, max_tokens=3)
    assert capfd.readouterr().out == ""


async def test_a_prompt_longer_than_the_context_is_an_error_of_one_sentence(engine):
    long = engine.encode("word " * 3000, special=False)
    with pytest.raises(GenerationError, match="does not fit the language model's context of 2048"):
        await say(engine, long)
    with pytest.raises(GenerationError, match="does not fit"):
        await engine.prefill(0, long)
    assert await say(engine, NUMBERS, max_tokens=3)


async def test_sequences_that_together_outgrow_the_memory_fail_alone_and_the_rest_goes_on(weights):
    engine = load(weights, context_tokens=512, task_tokens=0)
    try:
        long = engine.encode("word " * 400, special=False)[:400]
        await engine.prefill(0, long)
        with pytest.raises(GenerationError, match="of its 512 tokens of memory are in use"):
            await engine.prefill(1, [*reversed(long)])
        assert await engine.prefill(0, long) == 0
        assert (await say(engine, NUMBERS, sequence=1, max_tokens=12)).startswith(" 11, 12")
    finally:
        await engine.close()


async def test_a_saved_prefix_is_taken_up_again_without_computing_it(engine, weights, tmp_path):
    prefix = engine.encode(NUMBERS, special=False)
    await engine.prefill(0, prefix)
    saved = tmp_path / "prefix"
    await engine.save_prefix(0, saved)
    expected = await say(engine, TWENTIES, max_tokens=12)
    other = load(weights)
    try:
        assert await other.load_prefix(3, saved)
        assert await other.prefill(3, prefix) == 0
        assert await say(other, TWENTIES, sequence=3, max_tokens=12) == expected
    finally:
        await other.close()
    assert [path.name for path in tmp_path.iterdir()] == ["prefix"]


async def test_a_missing_torn_or_altered_prefix_is_not_taken(engine, tmp_path):
    await engine.prefill(0, engine.encode(NUMBERS, special=False))
    saved = tmp_path / "prefix"
    await engine.save_prefix(0, saved)
    whole = saved.read_bytes()
    assert not await engine.load_prefix(1, tmp_path / "missing")
    altered = bytearray(whole)
    altered[len(whole) // 2] ^= 1
    for content in (b"", whole[:40], whole[: len(whole) // 2], whole[:-1], bytes(altered), whole + b"x"):
        saved.write_bytes(content)
        assert not await engine.load_prefix(1, saved)
    assert (await say(engine, NUMBERS, sequence=1, max_tokens=12)).startswith(" 11, 12")


async def test_a_prefix_that_cannot_be_written_is_an_os_error(engine, tmp_path):
    await engine.prefill(0, engine.encode(NUMBERS, special=False))
    with pytest.raises(OSError, match="prefix"):
        await engine.save_prefix(0, tmp_path / "missing" / "prefix")


@pytest.mark.parametrize("part", [0.001, 0.02, 0.3, 0.9, 0.9999])
def test_a_truncated_model_is_refused_in_a_sentence(weights, tmp_path, part, capfd):
    whole = weights.read_bytes()
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(ModelError, match=r"cut\.gguf cannot be loaded .*; run `device models verify`"):
        load(cut)
    assert capfd.readouterr().err == ""


def test_too_little_memory_is_said_before_anything_aborts(weights, monkeypatch):
    monkeypatch.setattr("device.adapters.llm_weights.free_memory_bytes", lambda: 250 << 20)
    with pytest.raises(ModelError, match="250 MiB are free; choose a smaller model"):
        load(weights)


async def test_the_context_shrinks_to_the_memory(weights, monkeypatch):
    monkeypatch.setattr("device.adapters.llm_weights.free_memory_bytes", lambda: 310 << 20)
    engine = load(weights, context_tokens=8192)
    try:
        assert 512 <= engine.card.context_tokens < 2048
        assert engine.card.context_tokens % 256 == 0
        assert engine.card.task_tokens == 0
    finally:
        await engine.close()


async def test_a_closed_engine_refuses_everything_and_closing_twice_is_harmless(weights):
    engine = load(weights)
    stream = engine.generate(0, engine.encode(NUMBERS, special=False), Sampling(max_tokens=1000))
    await anext(stream)
    await engine.close()
    await engine.close()
    with pytest.raises(GenerationError, match="closed"):
        [token async for token in stream]
    for refused in (lambda: engine.encode("a", special=False), lambda: engine.decode([1]), lambda: engine.fork(0, 1)):
        with pytest.raises(GenerationError, match="closed"):
            refused()
    with pytest.raises(GenerationError, match="closed"):
        await engine.prefill(0, [1])


async def test_an_engine_that_is_dropped_ends_its_thread(weights):
    def threads() -> int:
        return sum(thread.name == "language-model" for thread in threading.enumerate())

    before = threads()
    engine = load(weights)
    assert threads() == before + 1
    del engine
    gc.collect()
    assert threads() == before


LEFT_RUNNING = """
import asyncio, sys
from pathlib import Path
from device.adapters.llm_llama import LlamaEngine
from device.ports import Sampling
engine = LlamaEngine.load(Path(sys.argv[1]), context_tokens=1024, task_tokens=0, threads=2, threads_busy=1)
async def begin():
    stream = engine.generate(0, engine.encode("1, 2, 3,", special=False), Sampling(max_tokens=900))
    await anext(stream)
    print("begun", flush=True)
    sys.exit(3)
asyncio.run(begin())
"""


def test_an_interpreter_that_ends_while_the_engine_works_ends_cleanly(weights):
    ended = subprocess.run(
        [sys.executable, "-c", LEFT_RUNNING, str(weights)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "begun\n", "")


async def test_what_a_call_must_go_on_with_takes_no_step_for_each_token(engine):
    tools = (
        ToolSpec(name="get_time", description="", parameters={"type": "object", "properties": {}}),
        ToolSpec(
            name="set_light",
            description="",
            parameters={
                "type": "object",
                "properties": {"room": {"type": "string"}, "on": {"type": "boolean"}},
                "required": ["room", "on"],
            },
        ),
    )
    use = ToolUse(tools, "chatml")
    prompt = engine.encode(question("Switch on the light in the kitchen."), special=True)
    steps = {}
    for forms in (None, use.forms):
        sampling = Sampling(max_tokens=60, grammar=use.grammar, leaning=Leaning(opening=100.0), forms=forms)
        before, text = engine.counters().steps, b""
        async with aclosing(engine.generate(0, prompt, sampling)) as tokens:
            async for token in tokens:
                text += token.piece
                if text.endswith(b"}}"):
                    break
        assert json.loads(text)["name"] in use.names
        steps[forms] = (engine.counters().steps - before) / len(engine.encode(text.decode(), special=False))
    assert steps[None] >= 1.0
    assert steps[use.forms] < 0.6
