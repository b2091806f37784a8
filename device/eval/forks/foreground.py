"""What the user notices of tasks that think: how long the first words of an answer take beside so many of them."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from device.config import Config
from device.core.events import Event, PlaybackStarted, TextTyped
from device.core.fsm import Machine
from device.core.toolspec import spec_of
from device.errors import DeviceError
from device.eval.result import Case
from device.eval.typed import PATIENCE_SECONDS, Typed, typed
from device.toolkit import FunctionTool, Tool, ToolContext, ToolPolicy

QUESTIONS = (
    "What is the capital of France?",
    "How many days has a week?",
    "Which colour is grass?",
    "What do bees make?",
)
TASK = "Write down all the numbers from 1 to 1000, one after another."
PONDER_SECONDS = 600.0
BEGUN_SECONDS = 2.0
"""Tasks have begun to write after so long."""


@dataclass(kw_only=True, eq=False)
class Foreground:
    """A living agent with the real model, and tasks that think as long as they are let."""

    agent: Typed
    _started: asyncio.Event = field(default_factory=asyncio.Event)

    def watch(self, before: Machine, event: Event, after: Machine) -> None:
        """Note when the first words of a reply are there; an observer of the loop."""
        del before, after
        if isinstance(event, PlaybackStarted):
            self._started.set()

    async def first_words(self, question: str, tasks: int) -> Case:
        """Ask beside so many tasks; how long the first words took. Raises DeviceError."""
        agent, loop = self.agent, asyncio.get_running_loop()
        agent.begin_afresh()
        call_id = agent.start("ponder", tasks=tasks) if tasks else ""
        await asyncio.sleep(BEGUN_SECONDS if tasks else 0.0)
        self._started.clear()
        began = loop.time()
        agent.agent.loop.post(TextTyped(text=question))
        try:
            await asyncio.wait_for(self._started.wait(), PATIENCE_SECONDS)
        except TimeoutError:
            raise DeviceError(f'"{question}" was not answered within {PATIENCE_SECONDS:g} seconds.') from None
        seconds = loop.time() - began
        at_work = agent.agent.contexts.open_contexts()
        if call_id:
            await agent.agent.home.runner.cancel(call_id)
        await agent.settle()
        return {"tasks": tasks, "at_work": at_work, "first_words_s": seconds}


async def ponder(context: ToolContext, tasks: int) -> str:
    """Let tasks think."""
    children = [context.tasks.spawn(TASK) for _ in range(tasks)]
    await asyncio.gather(*(child.result() for child in children), return_exceptions=True)
    return "They have thought."


async def beside(config: Config, seed: str, tasks: Sequence[int]) -> Case:
    """Load the agent and ask beside each of these numbers of tasks, in a random order. Raises DeviceError."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    question = chance.choice(QUESTIONS)
    tool = FunctionTool(spec=spec_of(ponder), function=ponder, policy=ToolPolicy(timeout_seconds=PONDER_SECONDS))
    tools: dict[str, Tool] = {"ponder": tool}
    async with typed(config, tools) as agent:
        found = Foreground(agent=agent)
        agent.agent.loop.observe(found.watch)
        await found.first_words(question, 0)  # the first of all reads what the others find read
        runs = [await found.first_words(question, count) for count in chance.sample(tasks, len(tasks))]
    return {"part": "foreground", "question": question, "runs": runs}
