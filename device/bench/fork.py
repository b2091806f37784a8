"""What thinking in parallel costs: a fork, many sequences in one batch, and the delay of the dialogue by its tasks.

Everything is measured through the port and on the caller's side, but for the fork, which the engine's thread times.
The prompt counts, so that no model comes to an end.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from statistics import median
from typing import Any

from device.bench import machine
from device.ports import LanguageModel, Sampling, Urgency

LENGTHS = (64, 256, 1024, 2048, 4096)
"""Context lengths of the forks, in tokens."""
FORKS = 50
CHILD_TOKENS = 1024
"""The context of the child whose first token is waited for; the others' is the shortest of `LENGTHS`."""
TASK = "\nTask: what is six times seven?\nAnswer:"
TOGETHER = (1, 2, 4, 8)
MOST_TASKS = 7
REPLY_TOKENS = 24
TASK_TOKENS = 100
"""More than a task can generate while one reply is measured."""
ROUNDS = 3

DIALOGUE, CHILD, *OTHERS = range(10)


async def measure(model: LanguageModel) -> dict[str, Any]:
    """All figures. Takes a minute or two on a quiet machine of two cores. Raises GenerationError."""
    text = ", ".join(map(str, range(1, 2000)))
    tokens = model.encode(text, special=False)[: min(max(LENGTHS), model.card.context_tokens)]
    short = tokens[: min(LENGTHS)]
    fork_us = {str(length): await _fork_us(model, tokens[:length]) for length in LENGTHS if length <= len(tokens)}
    first_token_ms = await _first_token_ms(model, tokens[:CHILD_TOKENS])
    together = {str(count): await _rates(model, short, count) for count in TOGETHER}
    return {
        "fork_us": fork_us,
        "first_token_ms": first_token_ms,
        "tokens_per_s": {count: rate for count, (rate, _) in together.items()},
        "tokens_per_s_separate": {count: rate for count, (_, rate) in together.items()},
        "foreground_delay_ratio": await _delays(model, short, Urgency.BACKGROUND),
        "joined_delay_ratio": await _delays(model, short, Urgency.FOREGROUND),
        "models": {"llm": model.card.name},
        "machine": machine.description(),
    }


async def _fork_us(model: LanguageModel, context: Sequence[int]) -> float:
    await model.prefill(DIALOGUE, context)
    taken = []
    for _ in range(FORKS):
        model.release(CHILD)
        model.fork(DIALOGUE, CHILD)
        await model.prefill(CHILD, context)  # which is all there; it is answered after the fork
        taken.append(model.counters().last_fork_us)
    model.release(CHILD)
    return round(median(taken), 1)


async def _first_token_ms(model: LanguageModel, context: Sequence[int]) -> float:
    """From the fork to the first token of a child that is given a task."""
    await model.prefill(DIALOGUE, context)
    task = model.encode(TASK, special=False)
    taken = []
    for _ in range(ROUNDS * 3):
        started = time.perf_counter()
        model.fork(DIALOGUE, CHILD)
        await _say(model, CHILD, [*context, *task], 1)
        taken.append((time.perf_counter() - started) * 1000)
    model.release(CHILD)
    return round(median(taken), 1)


async def _rates(model: LanguageModel, context: Sequence[int], count: int) -> tuple[float, float]:
    """Tokens a second of `count` sequences in one batch, and of as many one after another."""
    sequences = OTHERS[:count]
    joined, separate = [], []
    for _ in range(ROUNDS):
        await _fork_all(model, sequences, context)
        started = time.perf_counter()
        said = sum(await asyncio.gather(*(_say(model, s, context, REPLY_TOKENS) for s in sequences)))
        joined.append(said / (time.perf_counter() - started))
        await _fork_all(model, sequences, context)
        started = time.perf_counter()
        said = sum([await _say(model, s, context, REPLY_TOKENS) for s in sequences])
        separate.append(said / (time.perf_counter() - started))
    for sequence in sequences:
        model.release(sequence)
    return round(median(joined), 1), round(median(separate), 1)


async def _delays(model: LanguageModel, context: Sequence[int], urgency: Urgency) -> dict[str, float]:
    """How much longer a reply in the foreground takes, its first token included, by the number of tasks beside it."""
    ratios: dict[str, list[float]] = {str(count): [] for count in range(MOST_TASKS + 1)}
    await model.prefill(DIALOGUE, context)
    for _ in range(ROUNDS):
        alone = 0.0
        for count in range(MOST_TASKS + 1):
            async with _tasks(model, context, OTHERS[:count], urgency):
                started = time.perf_counter()
                said = await _say(model, DIALOGUE, context, REPLY_TOKENS)
                token_seconds = (time.perf_counter() - started) / said
            alone = alone or token_seconds
            ratios[str(count)].append(token_seconds / alone)
    return {count: round(median(found), 2) for count, found in ratios.items()}


@asynccontextmanager
async def _tasks(
    model: LanguageModel, context: Sequence[int], sequences: Sequence[int], urgency: Urgency
) -> AsyncIterator[None]:
    """Tasks that generate all the while."""
    await _fork_all(model, sequences, context)
    async with AsyncExitStack() as stack:
        streams = []
        for sequence in sequences:
            model.set_urgency(sequence, urgency)
            stack.callback(model.set_urgency, sequence, Urgency.FOREGROUND)
            stack.callback(model.release, sequence)
            stream = model.generate(sequence, context, Sampling(max_tokens=TASK_TOKENS))
            streams.append(await stack.enter_async_context(aclosing(stream)))
        # Every one has begun when its first token is here; the engine goes on without anybody asking for more.
        await asyncio.gather(*map(anext, streams))
        yield


async def _fork_all(model: LanguageModel, sequences: Sequence[int], context: Sequence[int]) -> None:
    """Bring all `sequences` to `context` without computing it."""
    await model.prefill(DIALOGUE, context)
    for sequence in sequences:
        model.fork(DIALOGUE, sequence)


async def _say(model: LanguageModel, sequence: int, prompt: Sequence[int], tokens: int) -> int:
    """Generate so many tokens; returns how many there were."""
    return len([token async for token in model.generate(sequence, prompt, Sampling(max_tokens=tokens))])


def as_text(result: dict[str, Any]) -> str:
    """The result as a person reads it."""
    on = result["machine"]
    rows = (
        ("fork, µs by tokens", result["fork_us"]),
        ("tokens/s, one batch", result["tokens_per_s"]),
        ("tokens/s, in a row", result["tokens_per_s_separate"]),
        ("delay, tasks wait", result["foreground_delay_ratio"]),
        ("delay, tasks join", result["joined_delay_ratio"]),
    )
    return "\n".join(
        (
            f"{result['models']['llm']} on {on['cores']} cores of {on['processor']}, load {on['load']}",
            f"{'fork to first token':21}{result['first_token_ms']:.0f} ms",
            *(f"{name:21}" + "   ".join(f"{key}: {value}" for key, value in row.items()) for name, row in rows),
        )
    )
