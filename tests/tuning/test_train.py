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
from device.ports import Sampling
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
WORDS = "The lamp in the hall is"
LONGER = 24


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
    command += ["--out", place / out, "--steps", "4", "--rate", "0.02", "--most-tokens", "2500", "--tests", "1"]
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


def test_llama_cpp_says_with_the_adapter_what_the_tuned_model_says(place, straight):
    lora = place / "lora.gguf"
    made = [sys.executable, SCRIPTS / "adapter", "--trained", place / "straight" / "adapter"]
    made += ["--base", place / "base.gguf", "--to", lora]
    subprocess.run([*map(str, made)], check=True, timeout=300, capture_output=True)
    plain, tuned = says(place / "base.gguf"), says(place / "base.gguf", lora)
    assert tuned != plain
    assert tuned == said_by_the_library(place)


def says(model, lora=None) -> list[int]:
    async def talk() -> list[int]:
        engine = LlamaEngine.load(
            model, context_tokens=512, task_tokens=0, threads=1, threads_busy=1, sequences=1, adapter=lora
        )
        try:
            prompt = engine.encode(WORDS, special=False)
            return [token.id async for token in engine.generate(0, prompt, Sampling(max_tokens=LONGER))]
        finally:
            await engine.close()

    return asyncio.run(talk())


def said_by_the_library(place) -> list[int]:
    """What transformers and peft make of the same weights."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    tokenizer = AutoTokenizer.from_pretrained(place / "straight" / "tokenizer")
    model = AutoModelForCausalLM.from_pretrained(
        place, gguf_file="base.gguf", dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
    )
    model = PeftModel.from_pretrained(model, place / "straight" / "adapter").eval()
    ids = tokenizer.encode(WORDS, add_special_tokens=False)
    with torch.no_grad():
        for _ in range(LONGER):
            ids.append(int(model(torch.tensor([ids])).logits[0, -1].argmax()))
    return ids[-LONGER:]
