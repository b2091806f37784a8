"""The scripted model, which other tests lean on."""

import asyncio

import pytest

from device.adapters.fakes.llm import ScriptedModel, _exact_words
from device.core.prompt.grammar import exact_grammar, speech_grammar
from device.errors import GenerationError
from device.ports import Sampling, Urgency


async def say(model: ScriptedModel, text: str, **sampling: object) -> bytes:
    prompt = model.encode(text, special=True)
    return b"".join([token.piece async for token in model.generate(0, prompt, Sampling(**sampling))])


async def test_it_says_what_the_script_makes_of_the_prompt():
    model = ScriptedModel(lambda prompt: prompt.upper() + "<|im_end|>never said")
    assert await say(model, "<|im_start|>user\nnaïve") == b"<|IM_START|>USER\nNA\xc3\x8fVE"
    assert model.prompts == ["<|im_start|>user\nnaïve"]


async def test_replies_in_a_list_are_given_in_order_until_they_are_used_up():
    model = ScriptedModel(["one", "two"])
    assert [await say(model, "?"), await say(model, "?")] == [b"one", b"two"]
    with pytest.raises(GenerationError, match="after 2 replies"):
        await say(model, "?")


async def test_no_more_than_max_tokens_are_said():
    assert await say(ScriptedModel(["long reply"]), "?", max_tokens=4) == b"long"


def test_control_tokens_need_special_and_user_defined_ones_do_not():
    model = ScriptedModel([])
    assert len(model.encode("<|im_end|>", special=True)) == 1
    assert len(model.encode("<|im_end|>", special=False)) == len("<|im_end|>")
    assert len(model.encode("<tool_call>", special=False)) == 1
    assert model.decode(model.encode("<|im_start|><tool_call>é", special=True)) == "<tool_call>é".encode()
    assert model.encode("<|im_end|>", special=True)[0] in model.card.end_tokens


async def test_the_gate_decides_when_it_goes_on():
    steps: asyncio.Queue[None] = asyncio.Queue()
    model = ScriptedModel(["abc"], gate=steps.get)
    stream = model.generate(0, model.encode("?", special=False), Sampling())
    first = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    assert not first.done()
    steps.put_nowait(None)
    assert (await first).piece == b"a"
    assert model.running == 1
    await stream.aclose()
    assert (model.running, model.cancelled) == (0, 1)


async def test_what_is_held_waits_until_it_is_let_go():
    model = ScriptedModel(["a", "b"])
    model.set_urgency(0, Urgency.SPECULATIVE)
    model.hold(Urgency.SPECULATIVE)
    held = asyncio.ensure_future(say(model, "?"))
    for _ in range(3):
        await asyncio.sleep(0)
    assert not held.done()
    model.hold(Urgency.BACKGROUND)
    assert await held == b"a"


async def test_a_prompt_that_grew_costs_its_growth():
    model = ScriptedModel(["de"])
    assert await model.prefill(0, list(b"abc")) == 3
    await say(model, "abc")
    assert await model.prefill(0, list(b"abcdefg")) == 2
    model.fork(0, 1)
    model.release(0)
    assert await model.prefill(1, list(b"abcdefgh")) == 1
    assert await model.prefill(0, list(b"abc")) == 3


async def test_a_kept_prefix_is_taken_up_again(tmp_path):
    model = ScriptedModel([])
    await model.prefill(0, list(b"abc"))
    await model.save_prefix(0, tmp_path / "prefix")
    assert await model.load_prefix(1, tmp_path / "prefix")
    assert not await model.load_prefix(1, tmp_path / "other")
    assert await model.prefill(1, list(b"abcd")) == 1
    assert (model.counters().tokens_reused, model.counters().tokens_computed) == (3, 4)


async def test_closed_or_with_too_long_a_prompt_it_refuses():
    model = ScriptedModel(["a"], context_tokens=4)
    with pytest.raises(GenerationError, match="does not fit"):
        await say(model, "12345")
    await model.close()
    with pytest.raises(GenerationError, match="closed"):
        await say(model, "1")


def test_the_fake_model_says_what_an_exact_grammar_demands():
    for words in ('Shall I say "yes\\no"?', "tab\there", "plain"):
        assert _exact_words(exact_grammar(words)) == words
    assert _exact_words(speech_grammar()) is None
