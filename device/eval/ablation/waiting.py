"""How long a user waits, by voice, with and without the reply that is prepared while they pause."""

import asyncio
from collections.abc import Sequence

import msgspec

from device.bench import clips, session
from device.bench.corpus.making import corpus
from device.config import Config
from device.eval import intervals
from device.eval.result import Case, Row, Table

UTTERANCES = 6
"""Of each round; every round has others."""
WAYS = {
    "prepared": "prepared at a pause, words read ahead",
    "read ahead": "words read ahead, nothing prepared",
    "neither": "neither",
}
_OPTIONS = {
    "prepared": {},
    "read ahead": {"speculate": False},
    "neither": {"speculate": False, "read_ahead": False},
}


def waiting(config: Config, seed: int, number: int) -> Case:
    """Each way with the same utterances, in another order each round. Raises DeviceError."""
    count = UTTERANCES * (number + 1)
    paths = corpus(config, seed=seed, count=count, tell=lambda _: None)[-UTTERANCES:]
    spoken = [clips.read(path) for path in paths]
    found = {}
    for at in range(len(WAYS)):
        way = list(WAYS)[(at + number) % len(WAYS)]
        hearing = msgspec.structs.replace(config.hearing, **_OPTIONS[way])
        mode = msgspec.structs.replace(config, hearing=hearing)
        done = asyncio.run(session.speak(mode, spoken, on_spoken=lambda _: None)).utterances
        found[way] = [{"name": one.name, "ms": one.voice_to_voice_ms, "cut_off": one.cut_off} for one in done]
    return {"part": "waiting", "ways": found}


def table(cases: Sequence[Case]) -> Table:
    """How each way fared; the difference is between the same utterances."""
    waits = {
        way: {one["name"]: one["ms"] for case in cases for one in case["ways"][way] if one["ms"] is not None}
        for way in WAYS
    }
    first = waits["prepared"]
    rows = []
    for way, label in WAYS.items():
        both = [name for name in waits[way] if name in first]
        every = [one for case in cases for one in case["ways"][way]]
        rows.append(
            Row(
                label=label,
                cells=(
                    intervals.median(list(waits[way].values()), "ms"),
                    intervals.percentile(list(waits[way].values()), 90, "ms"),
                    intervals.paired_difference([waits[way][n] for n in both], [first[n] for n in both], "ms"),
                    intervals.rate(sum(one["cut_off"] for one in every), len(every)),
                ),
            )
        )
    return Table(
        title="The wait from the end of speech to the reply's first sound",
        columns=("p50", "p90", "longer than prepared, mean", "cut off"),
        rows=tuple(rows),
        note="Made utterances, spoken at their true pace into the whole agent.",
        drawn=("p50", "p90"),
    )
