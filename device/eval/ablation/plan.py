"""The experiment: requests with one thing left out at a time, and riddles answered in each way."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from device import app
from device.eval.ablation import choosing, thinking
from device.eval.experiment import Perform, Plan, Sizes
from device.eval.loaded import Loaded
from device.eval.requests import requests
from device.eval.result import Case, Table

NAME = "ablation"
QUESTION = "What is each mechanism worth: fork and spawn, the grammar, the repair, the leaning, the model's own words?"
NOT_MEASURED = (
    "Speculation and what else shortens the wait by voice: `device bench latency --ablate` turns each off in turn.",
    "Strict turns instead of overlap: `device eval latency` and `compare` are that ablation.",
    "Plain history instead of what the ledger says was heard.",
    "The asynchronous ChatML with a model tuned on it: stock models have never seen it.",
)
REQUESTS, ALL_REQUESTS = 6, 180
RIDDLES, ALL_RIDDLES = 2, 40


def plan(sizes: Sizes) -> Plan:
    """So many requests and riddles."""
    counts = {
        "choosing": sizes.times(REQUESTS, ALL_REQUESTS),
        "thinking": sizes.times(RIDDLES, ALL_RIDDLES),
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
                loaded.close()
                return asyncio.run(thinking.thinking(config, f"{sizes.seed} {number}"))

            yield perform

    return Plan(
        name=NAME,
        question=QUESTION,
        options={"requests": counts["choosing"], "riddles": counts["thinking"]},
        steps=[f"{part} {number}" for part, count in counts.items() for number in range(count)],
        performing=performing,
        tables=_tables,
        not_measured=NOT_MEASURED,
        thinks=config.models.llm,
        models={"llm": config.models.llm},
    )


def _tables(cases: Mapping[str, Case]) -> tuple[Table, ...]:
    parts = {"choosing": choosing.table, "thinking": thinking.table}
    found = {part: [case for case in cases.values() if case["part"] == part] for part in parts}
    return tuple(parts[part](own) for part, own in found.items() if own)
