"""A real language model, SmolLM2 for its speed."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.adapters.llm_llama import LlamaEngine
from device.ports import Urgency
from tests.adapters.engine import load


@pytest.fixture(scope="session")
def weights(artifact_path) -> Path:
    (path,) = artifact_path("smollm2-135m-instruct-q4_1").glob("*.gguf")
    return path


@pytest.fixture(scope="session")
def _loaded(weights) -> Iterator[LlamaEngine]:
    engine = load(weights)
    yield engine
    asyncio.run(engine.close())


@pytest.fixture
def engine(_loaded) -> LlamaEngine:
    """One engine for all tests; each finds its sequences empty."""
    _loaded.hold(None)
    for sequence in range(_loaded.sequences):
        _loaded.release(sequence)
        _loaded.set_urgency(sequence, Urgency.FOREGROUND)
    return _loaded
