"""The way of a Llama 3.1 model through the engine, on a tiny one with the true vocabulary."""

import asyncio
import json

import pytest

from device.adapters.llm_llama import LlamaEngine
from device.ports import Sampling
from tests.adapters.tiny_llama3 import (
    BEGIN_OF_TEXT,
    CONTEXT_TOKENS,
    END_OF_MESSAGE,
    END_OF_TEXT,
    END_OF_TURN,
    write_tiny_llama3,
)

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    engines = {}

    def load(tokenizer) -> LlamaEngine:
        if tokenizer not in engines:
            path = write_tiny_llama3(tokenizer, tmp_path_factory.mktemp("llama3") / "tiny.gguf")
            engines[tokenizer] = LlamaEngine.load(path, context_tokens=8192, task_tokens=0, threads=2, threads_busy=1)
        return engines[tokenizer]

    yield load
    for engine in engines.values():
        asyncio.run(engine.close())


@pytest.fixture
def engine(loaded, artifact_path) -> LlamaEngine:
    return loaded(artifact_path("llama3.2-tokenizer"))


def test_the_card_names_the_ends_of_a_message_and_of_a_turn(engine):
    card = engine.card
    assert (card.architecture, card.name) == ("llama", "Tiny Llama 3.1")
    assert card.end_tokens == {END_OF_TEXT, END_OF_MESSAGE, END_OF_TURN}
    assert card.context_tokens == CONTEXT_TOKENS, "the model was trained on no more"
    assert "<|start_header_id|>" in card.chat_template
    headers = {"<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>"}
    assert headers | {"<|python_tag|>"} <= card.control_texts


def test_headers_and_words_become_the_tokens_of_the_true_vocabulary(engine):
    text = "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHello there, it's 1234567<|eot_id|>"
    assert engine.encode(text, special=True) == [
        *(BEGIN_OF_TEXT, 128006, 882, 128007, 271),
        *(9906, 1070, 11, 433, 596, 220, 4513, 10961, 22, END_OF_TURN),
    ]
    assert engine.decode(engine.encode(text, special=True)) == b"user\n\nHello there, it's 1234567"


def test_no_bos_is_added(engine):
    assert engine.encode("Hello", special=True) == [9906]


async def test_it_generates_caches_and_keeps_to_a_grammar(engine):
    prompt = engine.encode("<|begin_of_text|>Hello there", special=True)
    grammar = r'root ::= "{\"name\": \"" [a-z]{1,6} "\", \"parameters\": {}}"'
    pieces = [t.piece async for t in engine.generate(0, prompt, Sampling(max_tokens=60, grammar=grammar))]
    assert set(json.loads(b"".join(pieces))) == {"name", "parameters"}
    assert await engine.prefill(0, [*prompt, 271]) == 1
