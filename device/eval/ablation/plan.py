"""The experiment: each mechanism by itself, with it and without it."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from device import app
from device.eval.ablation import choosing, forms, history, thinking, waiting
from device.eval.experiment import Perform, Plan, Sizes
from device.eval.loaded import Loaded
from device.eval.requests import requests
from device.eval.result import Case, Table

NAME = "ablation"
QUESTION = (
    "What is each mechanism worth: fork and spawn, the grammar, the repair, the leaning, the prompt's form, the "
    "ledger, the reply prepared at a pause?"
)
NOT_MEASURED = (
    "What else shortens the wait by voice: `device bench latency --ablate` turns each off in turn.",
    "Strict turns instead of overlap: `device eval latency` and `compare` are that ablation.",
    "The asynchronous ChatML with a model tuned on it: stock models have never seen it.",
)
REQUESTS, ALL_REQUESTS = 6, 180
RIDDLES, ALL_RIDDLES = 2, 40
LATE, ALL_LATE = 4, 60
INTERRUPTED, ALL_INTERRUPTED = 1, 20
SPOKEN_EACH = 10
"""Where a number of repeats is asked for, so many of them make one of what is spoken."""
ROUNDS, ALL_ROUNDS = 1, 6
"""Of utterances that are spoken."""


def plan(sizes: Sizes) -> Plan:
    """So many of each; what takes the sound device's time comes last."""
    spoken = SPOKEN_EACH if sizes.repeats else 1
    counts = {
        "choosing": sizes.times(REQUESTS, ALL_REQUESTS),
        "telling": sizes.times(LATE, ALL_LATE),
        "thinking": sizes.times(RIDDLES, ALL_RIDDLES),
        "remembering": max(sizes.times(INTERRUPTED, ALL_INTERRUPTED) // spoken, 1),
        "waiting": max(sizes.times(ROUNDS, ALL_ROUNDS) // spoken, 1),
    }
    config = sizes.config
    specs = tuple(tool.spec for tool in app.enabled_tools(config).values())

    @contextmanager
    def performing() -> Iterator[Perform]:
        with Loaded(config) as loaded:

            def perform(step: str) -> Case:
                part, number = step.split()
                if part == "choosing":
                    request = requests(sizes.seed, int(number) + 1)[int(number)]
                    return loaded.run(choosing.choosing(config, loaded.model, specs, request))
                if part == "telling":
                    return loaded.run(forms.telling(config, loaded.model, f"{sizes.seed} {number}"))
                loaded.close()
                if part == "waiting":
                    return waiting.waiting(config, sizes.seed, int(number))
                work = history.remembering if part == "remembering" else thinking.thinking
                return asyncio.run(work(config, f"{sizes.seed} {number}"))

            yield perform

    return Plan(
        name=NAME,
        question=QUESTION,
        options={
            "requests": counts["choosing"],
            **{part: count for part, count in counts.items() if part != "choosing"},
        },
        steps=[f"{part} {number}" for part, count in counts.items() for number in range(count)],
        performing=performing,
        tables=_tables,
        not_measured=NOT_MEASURED,
        thinks=config.models.llm,
        models={"llm": config.models.llm},
    )


def _tables(cases: Mapping[str, Case]) -> tuple[Table, ...]:
    parts = {
        "choosing": choosing.table,
        "telling": forms.table,
        "thinking": thinking.table,
        "remembering": history.table,
        "waiting": waiting.table,
    }
    found = {part: [case for case in cases.values() if case["part"] == part] for part in parts}
    return tuple(parts[part](own) for part, own in found.items() if own)
