"""The experiment: what the model writes, what is injected, what is spoken, what arrives."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from typing import Self

from device import app
from device.bench.tool_choice import Bench
from device.eval.experiment import Perform, Plan, Sizes
from device.eval.loaded import Loaded
from device.eval.protocol import arriving, injected, spoken, written
from device.eval.protocol.hostile import injections
from device.eval.requests import requests
from device.eval.result import Case, Table

NAME = "protocol"
QUESTION = "How robust is the asynchronous ChatML against what goes wrong, and how much of that is grammar and repair?"
NOT_MEASURED = (
    "Whether the model obeys what a text says, as in a tool's result: only whether it can become part of the protocol.",
    "Models tuned on the asynchronous ChatML: the stock models here are told the same in their own formats.",
)
REQUESTS, ALL_REQUESTS = 9, 180
TEXTS, ALL_TEXTS = 40, 1000
TEXTS_A_STEP = 20
MESSAGES, ALL_MESSAGES = 60, 2000
MESSAGES_A_STEP = 20


def plan(sizes: Sizes) -> Plan:
    """The steps of all four parts, so many as the sizes say."""
    full, repeats = sizes.full, sizes.times(1, 1)
    counts = {
        "written": (ALL_REQUESTS if full else REQUESTS) * repeats,
        "injected": (ALL_TEXTS if full else TEXTS) * repeats // TEXTS_A_STEP,
        "spoken": (ALL_MESSAGES if full else MESSAGES) * repeats // MESSAGES_A_STEP,
        "arriving": sizes.times(3, 40),
    }
    steps = [f"{part} {number}" for part, count in counts.items() for number in range(count)]

    @contextmanager
    def performing() -> Iterator[Perform]:
        with _Performer(sizes) as performer:
            yield performer.perform

    config = sizes.config
    return Plan(
        name=NAME,
        question=QUESTION,
        options={
            "requests": counts["written"],
            "texts": counts["injected"] * TEXTS_A_STEP,
            "messages": counts["spoken"] * MESSAGES_A_STEP,
            "rounds": counts["arriving"],
        },
        steps=steps,
        performing=performing,
        tables=_tables,
        not_measured=NOT_MEASURED,
        thinks=f"{config.models.llm} writes; a script stands for it where messages or results are made on purpose",
        models={"llm": config.models.llm},
    )


class _Performer:
    """Performs the steps; the language model is loaded when a step first needs it."""

    def __init__(self, sizes: Sizes) -> None:
        self._config, self._seed = sizes.config, sizes.seed
        self._specs = tuple(tool.spec for tool in app.enabled_tools(sizes.config).values())
        self._loaded = Loaded(sizes.config)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._loaded.__exit__(*error)

    @cached_property
    def bench(self) -> Bench:
        """The way from a request to its calls."""
        bench = Bench(self._config, self._loaded.model, self._specs)
        self._loaded.run(bench.read_ahead())
        return bench

    def perform(self, step: str) -> Case:
        """Do a step."""
        part, number = step.split()
        seed, at = f"{self._seed} {step}", int(number)
        match part:
            case "written":
                request = requests(self._seed, at + 1)[at]
                return self._loaded.run(written.written(self.bench, self._specs, request))
            case "injected":
                texts = islice(injections(seed, sorted(self._loaded.model.card.control_texts)), TEXTS_A_STEP)
                return {"texts": [injected.injected(self._loaded.model, text) for text in texts]}
            case "spoken":
                return spoken.spoken(self._config, seed, MESSAGES_A_STEP)
            case _:
                return {
                    "kinds": [arriving.arriving(self._config, seed, disturbed=disturbed) for disturbed in (False, True)]
                }


def _tables(cases: Mapping[str, Case]) -> tuple[Table, ...]:
    def of(part: str) -> list[Case]:
        return [case for step, case in cases.items() if step.split()[0] == part]

    tables = []
    if found := of("written"):
        tables.append(written.table(found))
    if found := of("injected"):
        tables.append(injected.table([one for case in found for one in case["texts"]]))
    if found := of("spoken"):
        tables.append(spoken.table(found))
    if found := of("arriving"):
        tables.append(arriving.table([one for case in found for one in case["kinds"]]))
    return tuple(tables)
