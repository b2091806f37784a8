"""A LoRA adapter beside a model, on a tiny Llama: it changes what the model says, or says why it cannot."""

import asyncio

import numpy as np
import pytest

from device.adapters.llm_llama import LlamaEngine
from device.errors import ModelError
from device.ports import Sampling
from device.tuning import adapter
from tests.adapters.tiny_llama3 import INNER, LAYERS, WIDTH, write_tiny_llama3

pytestmark = pytest.mark.models

RANK = 4


@pytest.fixture(scope="module")
def model(artifact_path, tmp_path_factory):
    return write_tiny_llama3(artifact_path("llama3.2-tokenizer"), tmp_path_factory.mktemp("adapter") / "tiny.gguf")


def matrices(strength: float, layers: int = LAYERS) -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    found = {}
    for layer in range(layers):
        prefix = f"base_model.model.model.layers.{layer}"
        for name, inputs, outputs in (("self_attn.q_proj", WIDTH, WIDTH), ("mlp.down_proj", INNER, WIDTH)):
            found[f"{prefix}.{name}.lora_A.weight"] = random.standard_normal((RANK, inputs))
            found[f"{prefix}.{name}.lora_B.weight"] = strength * random.standard_normal((outputs, RANK))
    return found


def written(path, model, **more):
    adapter.write(path, matrices(**more), base=model, alpha=2.0 * RANK)
    return path


def says(model, lora=None) -> list[int]:
    """What the model says after a few words."""

    async def talk() -> list[int]:
        engine = LlamaEngine.load(
            model, context_tokens=512, task_tokens=0, threads=1, threads_busy=1, sequences=1, adapter=lora
        )
        try:
            prompt = engine.encode("The lamp in the hall is", special=False)
            return [token.id async for token in engine.generate(0, prompt, Sampling(max_tokens=8))]
        finally:
            await engine.close()

    return asyncio.run(talk())


def test_an_adapter_changes_what_the_model_says_and_one_of_zeros_does_not(model, tmp_path):
    plain = says(model)
    assert says(model, written(tmp_path / "zeros.gguf", model, strength=0.0)) == plain
    assert says(model, written(tmp_path / "strong.gguf", model, strength=1.0)) != plain


@pytest.mark.parametrize("content", [None, b"", b"GGUF", b"no GGUF at all, but long enough to be one"])
def test_a_file_that_is_no_adapter_is_named_in_a_sentence(model, tmp_path, content):
    path = tmp_path / "lora.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"The adapter .*lora\.gguf"):
        says(model, path)


def test_a_model_is_no_adapter(model):
    with pytest.raises(ModelError, match=r"thinking\.adapter"):
        says(model, model)


def test_an_adapter_of_another_model_is_refused(model, tmp_path):
    with pytest.raises(ModelError, match=r"thinking\.adapter"):
        says(model, written(tmp_path / "deep.gguf", model, strength=1.0, layers=LAYERS + 1))
