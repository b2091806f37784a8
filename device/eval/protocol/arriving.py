"""Results that come out of order, twice, too early or of calls that there never were, through the whole agent.

A director stands for the model: it tells every result that it is given, once. While it works, events are posted that
say of results that they have come: again, of calls that still run, or that nobody made.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence

from device.bench.overlap.player import Player, Staging, playing, says_nothing
from device.bench.overlap.workloads import Workload
from device.config import Config
from device.core.entries import CallEnded, CallMade, Record, ReplyEnded, ReplyStarted
from device.core.events import ResultsArrived
from device.eval import intervals
from device.eval.result import Case, Row, Table
from device.eval.workloads import TOOLS, workload

KINDS = ("many calls", "dependent", "interrupted")
OPERATIONS = (2, 4, 8)
SCALE = 0.02
"""Calls take some tens of milliseconds."""
EVERY_SECONDS = 0.01
"""So often something is posted, on average …"""
POSTS = 12
"""… and so many times: each makes the agent look whether there is something to tell, and it must come to rest."""


def arriving(config: Config, seed: str, *, disturbed: bool) -> Case:
    """Play a workload of each kind and size, with events that should not be, or without."""
    return asyncio.run(_arriving(config, seed, disturbed=disturbed))


async def _arriving(config: Config, seed: str, *, disturbed: bool) -> Case:
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    runs = []
    staging = Staging(strict=False, spoken=False, script=says_nothing, specs=TOOLS)
    async with playing(config, staging) as player:
        for kind in KINDS:
            for operations in OPERATIONS:
                one = workload(kind, operations, seed, scale=SCALE)
                runs.append({"workload": one.name, **await _run(player, one, chance if disturbed else None)})
    return {"disturbed": disturbed, "runs": runs}


async def _run(player: Player, one: Workload, chance: random.Random | None) -> Case:
    ledger = player.agent.dialogue.ledger
    after_id = ledger.records()[-1].id
    posted: Counter[str] = Counter()
    disturbing = asyncio.create_task(_disturb(player, chance, posted)) if chance is not None else None
    try:
        played = await player.play(one)
    finally:
        if disturbing is not None:
            disturbing.cancel()
            await asyncio.gather(disturbing, return_exceptions=True)
    return {
        "facts": len(one.facts()),
        "told": played.outcome.heard,
        "posted": dict(posted),
        **_read(ledger.records(after_id), one),
    }


async def _disturb(player: Player, chance: random.Random, posted: Counter[str]) -> None:
    while posted.total() < POSTS:
        await asyncio.sleep(chance.uniform(0.0, 2 * EVERY_SECONDS))
        calls = list(player.agent.dialogue.conversation.calls)
        ended = [call.made.call_id for call in calls if call.ended is not None]
        running = [call.made.call_id for call in calls if call.ended is None]
        kind, call_ids = chance.choice((("again", ended), ("too early", running), ("of no call", ["c9999"])))
        if call_ids:
            posted[kind] += 1
            player.agent.loop.post(ResultsArrived(call_ids=tuple(chance.sample(call_ids, 1))))


def _read(records: Sequence[Record], one: Workload) -> Case:
    """Whether results came in another order than their calls were made, and what was told how often."""
    entries = [record.entry for record in records]
    made = [entry.call_id for entry in entries if isinstance(entry, CallMade)]
    ended = [entry.call_id for entry in entries if isinstance(entry, CallEnded)]
    heard = [entry.heard for entry in entries if isinstance(entry, ReplyEnded)]
    whole = {entry.turn for entry in entries if isinstance(entry, ReplyEnded) and not entry.interrupted}
    given = Counter(
        call_id
        for entry in entries
        if isinstance(entry, ReplyStarted) and entry.turn in whole
        for call_id in entry.call_ids
    )
    return {
        "calls": len(made),
        "out_of_order": made != ended,
        "given_twice": sum(count > 1 for count in given.values()),
        "told_twice": sum(sum(fact.sentence in said for said in heard) > 1 for fact in one.facts()),
        "empty_replies": sum(not said.strip() for said in heard),
    }


def table(cases: Sequence[Case]) -> Table:
    """What was posted, and what came of it."""
    rows = []
    for disturbed, label in ((False, "undisturbed"), (True, "disturbed")):
        runs = [run for case in cases if case["disturbed"] is disturbed for run in case["runs"]]
        facts = sum(run["facts"] for run in runs)
        posted: Counter[str] = Counter()
        for run in runs:
            posted.update(run["posted"])
        rows.append(
            Row(
                label=label,
                cells=(
                    intervals.rate(sum(run["out_of_order"] for run in runs), len(runs)),
                    *(intervals.count(posted[kind]) for kind in ("again", "too early", "of no call")),
                    intervals.rate(sum(run["told"] for run in runs), facts),
                    intervals.rate(sum(run["told_twice"] for run in runs), facts),
                    intervals.rate(sum(run["given_twice"] for run in runs), sum(run["calls"] for run in runs)),
                    intervals.mean([run["empty_replies"] for run in runs], ""),
                ),
            )
        )
    return Table(
        title="Results out of order, twice and too early, through the whole agent",
        columns=(
            "workloads with results out of order",
            "posted again",
            "posted too early",
            "posted of no call",
            "answers told",
            "told twice",
            "given to the model twice",
            "replies without a word, a workload",
        ),
        rows=tuple(rows),
        note="The model is a director that tells each result it is given; one that was cut off may be told again. What "
        "is posted for nothing makes the agent ask the model, which has nothing to say.",
    )
