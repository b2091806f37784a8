"""The recipe for Llama 3.1 on a tiny model of the same kind: lessons, tuning, adapter, and llama.cpp with it.

It needs the extra `tuning` (torch, transformers, peft), and is skipped where that is not installed.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from device.adapters.llm_llama import LlamaEngine
from device.ports import Likelihood, Sampling
from device.tools import builtin_tools
from device.tuning import files
from device.tuning.lessons import Options, lessons
from tests.adapters.tiny_llama3 import write_tiny_llama3
from tests.tuning.tiny_tokenizer import write_tiny_tokenizer

pytest.importorskip("torch")
pytest.importorskip("peft")

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries, about their own future

SCRIPTS = Path(__file__).parents[2] / "scripts" / "tuning"
OWN = tuple(tool.spec for tool in builtin_tools().values())
WORDS = "The lamp in the hall is broken, and nobody knows why"
BEGINNINGS = [WORDS[:length] for length in (8, 15, 23, 31, 40, 52)]
HALF = range(0, 256, 2)
CLOSE = 0.02
"""So far may two logarithms of a probability lie apart: llama.cpp keeps its cache and the adapter in 16 bits or fewer."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A directory with the tiny model and lessons in Llama's words."""
    place = tmp_path_factory.mktemp("tuning")
    write_tiny_llama3(write_tiny_tokenizer(place / "tokenizer"), place / "base.gguf")
    options = Options(renderer=files.renderer("llama3"), own_tools=OWN, examples=4, most_tools=4)
    for split, count in (("train", 3), ("test", 1)):
        files.write(place / f"{split}.jsonl", lessons(count, split, options))
    return place


def train(place, out, *more):
    command = [sys.executable, SCRIPTS / "train", "--lessons", place, "--base", place / "base.gguf"]
    command += ["--out", place / out, "--steps", 4, "--rate", 0.02, "--most-tokens", 2500, "--tests", 1]
    done = subprocess.run([*map(str, command), *more], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in (place / out / "progress.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def straight(place):
    """A run from its first step to its last."""
    return train(place, "straight")


def curve(steps):
    return [(row["step"], row["loss"], row["rate"]) for row in steps]


def test_what_was_learnt_is_learnt(straight):
    assert [row["step"] for row in straight] == [1, 2, 3, 4]
    assert straight[3]["loss"] < straight[0]["loss"]
    assert straight[3]["test"]["loss"] < straight[0]["test"]["loss"]


def test_stopping_and_resuming_makes_the_same_curve(place, straight):
    train(place, "resumed", "--until", "2")
    assert curve(train(place, "resumed")) == curve(straight)


def test_llama_cpp_takes_the_adapter_for_what_was_trained(place):
    """Of queries and keys alone and strong, else the order of their rows would hardly matter."""
    train(place, "attention", "--attention-only", "--rate", "0.1")
    lora = place / "lora.gguf"
    made = [sys.executable, SCRIPTS / "adapter", "--trained", place / "attention" / "adapter"]
    made += ["--base", place / "base.gguf", "--to", lora]
    subprocess.run([*map(str, made)], check=True, timeout=300, capture_output=True)
    plain, beside = likelihoods(place / "base.gguf"), likelihoods(place / "base.gguf", lora)
    assert max(abs(one - other) for one, other in zip(plain, beside, strict=True)) > 5 * CLOSE
    assert beside == pytest.approx(library_likelihoods(place), abs=CLOSE)


def likelihoods(model, lora=None) -> list[float]:
    """What llama.cpp takes for how likely one of half of the vocabulary is to follow the words, for each beginning."""

    async def ask() -> list[float]:
        engine = LlamaEngine.load(
            model, context_tokens=512, task_tokens=0, threads=1, threads_busy=1, sequences=1, adapter=lora
        )
        found: list[float] = []
        try:
            for words in BEGINNINGS:
                prompt = engine.encode(words, special=False)
                asked = Likelihood(position=len(prompt), tokens=frozenset(HALF), tell=found.append)
                async for _ in engine.generate(0, prompt, Sampling(max_tokens=1), asked):
                    pass
            await asyncio.sleep(0)
            return found
        finally:
            await engine.close()

    return asyncio.run(ask())


def library_likelihoods(place) -> list[float]:
    """What transformers and peft make of the same weights."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    tokenizer = AutoTokenizer.from_pretrained(place / "attention" / "tokenizer")
    model = AutoModelForCausalLM.from_pretrained(
        place, gguf_file="base.gguf", dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
    )
    model = PeftModel.from_pretrained(model, place / "attention" / "adapter").eval()
    found = []
    with torch.no_grad():
        for words in BEGINNINGS:
            ids = tokenizer.encode(words, add_special_tokens=False)
            chances = model(torch.tensor([ids])).logits[0, -1].softmax(-1)
            found.append(float(chances[list(HALF)].sum().log()))
    return found
