"""More tasks than there may be at once, and deeper ones: what is begun, what is refused, and what is left over."""

import asyncio

from device.config import Config
from device.eval.forks.afterwards import afterwards
from device.eval.forks.errands import Errands, script
from device.eval.result import Case
from device.eval.typed import typed

MILLISECONDS = 30


def limits(config: Config, wanted: int, *, forks: bool) -> Case:
    """Begin so many forks, or spawns, at once; then as many as there may be again, to see that all places are free."""
    return asyncio.run(_limits(config, wanted, forks=forks))


async def _limits(config: Config, wanted: int, *, forks: bool) -> Case:
    errands, again = Errands(), config.tasks.children
    async with typed(config, errands.tools(), script=script) as agent:
        after_id = agent.last_id()
        kinds = {"forks": wanted if forks else 0, "spawns": 0 if forks else wanted}
        await agent.ended(agent.start("split", **kinds, milliseconds=MILLISECONDS))
        first = {"begun": errands.begun, "done": errands.done, "refused": len(errands.refusals)}
        await agent.ended(agent.start("split", forks=again, spawns=0, milliseconds=MILLISECONDS))
        await agent.settle()
        records = agent.agent.dialogue.ledger.records(after_id)
        return {
            "part": "limits",
            "wanted": wanted,
            "allowed": config.tasks.children,
            **first,
            "begun_again": errands.begun - first["begun"],
            "refusal": errands.refusals[0] if errands.refusals else "",
            **afterwards(agent, records),
        }


def depth(config: Config, levels: int) -> Case:
    """Begin a task that begins a task, and so on, so many levels deep."""
    return asyncio.run(_depth(config, levels))


async def _depth(config: Config, levels: int) -> Case:
    errands = Errands()
    async with typed(config, errands.tools(), script=script) as agent:
        after_id = agent.last_id()
        await agent.ended(agent.start("nest", levels=levels))
        await agent.settle()
        records = agent.agent.dialogue.ledger.records(after_id)
        return {
            "part": "depth",
            "wanted": levels,
            "allowed": config.tasks.depth,
            "begun": errands.begun,
            "refused": len(errands.refusals),
            "refusal": errands.refusals[0] if errands.refusals else "",
            **afterwards(agent, records),
        }
