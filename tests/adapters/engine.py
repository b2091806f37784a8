"""The engine in tests, and texts that a model is sure how to continue."""

from device.adapters.llm_llama import LlamaEngine
from device.ports import Sampling

NUMBERS = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10,"
LETTERS = "A, B, C, D, E, F, G, H,"
TWENTIES = NUMBERS + " 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,"


def load(weights, **options) -> LlamaEngine:
    """With one thread: two on a busy machine of two cores wait for each other at every node."""
    defaults = {"context_tokens": 2048, "task_tokens": 512, "threads": 1, "threads_busy": 1}
    return LlamaEngine.load(weights, **defaults | options)


async def say(engine, prompt, sequence=0, **sampling) -> str:
    ids = engine.encode(prompt, special=True) if isinstance(prompt, str) else prompt
    pieces = [token.piece async for token in engine.generate(sequence, ids, Sampling(**sampling))]
    return b"".join(pieces).decode()
