"""Calls that wait for each other, by a random graph of waits: every circle must be refused, and nothing else."""

import asyncio
import random

from device.config import Config
from device.eval.forks.afterwards import afterwards
from device.eval.forks.errands import Errands, script
from device.eval.result import Case
from device.eval.typed import Typed, typed

LONGEST_MS = 30


def deadlocks(config: Config, seed: str, calls: int, *, circles: bool) -> Case:
    """Let so many calls wait for others: at random, circles included; or only for earlier ones, where none can be."""
    return asyncio.run(_deadlocks(config, random.Random(seed), calls, circles=circles))  # noqa: S311


async def _deadlocks(config: Config, chance: random.Random, calls: int, *, circles: bool) -> Case:
    errands = Errands()
    async with typed(config, errands.tools(), script=script) as agent:
        after_id = agent.last_id()
        waits = _begin(agent, chance, calls, circles=circles)
        await agent.ended(*waits)
        await agent.settle()
        records = agent.agent.dialogue.ledger.records(after_id)
        return {
            "part": "deadlocks",
            "circles_wanted": circles,
            "circular": _circular(waits),
            "refused": sum("wait for ever" in refusal for refusal in errands.refusals),
            "refusals": errands.refusals[:2],
            **afterwards(agent, records),
        }


def _begin(agent: Typed, chance: random.Random, calls: int, *, circles: bool) -> dict[str, list[str]]:
    """Start the calls; returns for whom each waits. Ids count up, so later ones are known before they are given."""
    first = int(agent.agent.dialogue.conversation.calls.next_id()[1:])
    ids = [f"c{first + number}" for number in range(calls)]
    waits = {}
    for number, call_id in enumerate(ids):
        others = [other for other in (ids if circles else ids[:number]) if other != call_id]
        chosen = chance.sample(others, min(len(others), chance.choice((1, 1, 2))))
        started = (
            agent.start("wait_for", calls=" ".join(chosen), milliseconds=chance.randrange(LONGEST_MS))
            if chosen
            else agent.start("errand", milliseconds=LONGEST_MS)
        )
        waits[started] = chosen
    return waits


def _circular(waits: dict[str, list[str]]) -> bool:
    """Whether some call waits for itself in the end."""

    def reaches(start: str, goal: str, seen: set[str]) -> bool:
        for following in waits.get(start, ()):
            if following == goal:
                return True
            if following not in seen:
                seen.add(following)
                if reaches(following, goal, seen):
                    return True
        return False

    return any(reaches(one, one, set()) for one in waits)
