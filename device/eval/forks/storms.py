"""Storms of cancellation: calls with tasks and tasks of tasks, all of them cancelled at random moments, some twice."""

import asyncio
import random

from device.config import Config
from device.core.entries import CallEnded
from device.eval.forks.afterwards import afterwards
from device.eval.forks.errands import Errands, script
from device.eval.result import Case
from device.eval.typed import PATIENCE_SECONDS, Typed, typed

LONGEST_SECONDS = 0.06
"""Cancellations come within this; nothing that is cancelled would have ended by itself before."""
MILLISECONDS = 20_000


def storm(config: Config, seed: str, calls: int) -> Case:
    """Begin so many calls with tasks and cancel each once or twice; then see whether the agent still answers."""
    return asyncio.run(_storm(config, random.Random(seed), calls))  # noqa: S311 - to be repeated


async def _storm(config: Config, chance: random.Random, calls: int) -> Case:
    errands = Errands()
    async with typed(config, errands.tools(), script=script) as agent:
        after_id, loop = agent.last_id(), asyncio.get_running_loop()
        ids = [_begin(agent, chance) for _ in range(calls)]
        began = loop.time()
        async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as tasks:
            for call_id in [*ids, *chance.choices(ids, k=calls // 2)]:
                tasks.create_task(_cancel(agent, call_id, chance.uniform(0.0, LONGEST_SECONDS)))
        seconds = loop.time() - began
        await agent.settle()
        records = agent.agent.dialogue.ledger.records(after_id)
        ends = [one.entry.status for one in records if isinstance(one.entry, CallEnded) and one.context == "main"]
        answered = await agent.ask("Are you there?")
        return {
            "part": "storms",
            "wanted": calls,
            "seconds": seconds,
            "cancelled": ends.count("cancelled"),
            "answers": len(answered) > 0,
            **afterwards(agent, records),
        }


def _begin(agent: Typed, chance: random.Random) -> str:
    kind = chance.choice(("split", "errand", "nest"))
    if kind == "split":
        return agent.start("split", forks=chance.randrange(3), spawns=chance.randrange(1, 3), milliseconds=MILLISECONDS)
    return agent.start("errand", milliseconds=MILLISECONDS) if kind == "errand" else agent.start("nest", levels=2)


async def _cancel(agent: Typed, call_id: str, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await agent.agent.home.runner.cancel(call_id)
