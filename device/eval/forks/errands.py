"""Tools that begin tasks, wait for calls and take their time, and the script of a model that uses them."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

from device.core.prompt.words import call_json
from device.core.toolspec import spec_of
from device.errors import ToolError
from device.eval.typed import newest
from device.toolkit import Child, FunctionTool, Tool, ToolContext, ToolPolicy

TIMEOUT_SECONDS = 30.0
AT_ONCE = 64

_TASK = re.compile(r"\b(errand|nest) (\d+)")


class Errands:
    """The tools, and what came of their tasks."""

    def __init__(self) -> None:
        self.begun = self.done = self.failed = 0
        self.refusals: list[str] = []

    def tools(self) -> dict[str, Tool]:
        """All of them, for one agent."""
        functions: tuple[Callable[..., Any], ...] = (self.errand, self.split, self.nest, self.wait_for)
        policy = ToolPolicy(timeout_seconds=TIMEOUT_SECONDS, at_once=AT_ONCE)
        return {one.__name__: FunctionTool(spec=spec_of(one), function=one, policy=policy) for one in functions}

    async def errand(self, context: ToolContext, milliseconds: int) -> str:
        """Run an errand."""
        del context
        await asyncio.sleep(milliseconds / 1000)
        return "the errand is done"

    async def split(self, context: ToolContext, forks: int, spawns: int, milliseconds: int) -> str:
        """Begin tasks that each run an errand, and wait for all."""
        children = [
            self._begin(context, f"errand {milliseconds}", fork=number < forks) for number in range(forks + spawns)
        ]
        await asyncio.gather(*(self._wait(child) for child in children if child is not None))
        return "all tasks have ended"

    async def nest(self, context: ToolContext, levels: int) -> str:
        """Begin a task that begins a task, and so on."""
        if levels > 0 and (child := self._begin(context, f"nest {levels - 1}", fork=bool(levels % 2))) is not None:
            await self._wait(child)
        return "that is as deep as it goes"

    async def wait_for(self, context: ToolContext, calls: str, milliseconds: int) -> str:
        """Wait for calls."""
        await asyncio.sleep(milliseconds / 1000)
        try:
            return await context.work.join(tuple(calls.split()))
        except ToolError as refusal:
            self.refusals.append(str(refusal))
            raise

    def _begin(self, context: ToolContext, task: str, *, fork: bool) -> Child | None:
        try:
            child = context.tasks.fork(task) if fork else context.tasks.spawn(task, "It is urgent.")
        except ToolError as refusal:
            self.refusals.append(str(refusal))
            return None
        self.begun += 1
        return child

    async def _wait(self, child: Child) -> None:
        try:
            await child.result()
        except ToolError:
            self.failed += 1
        else:
            self.done += 1


def script(prompt: str) -> str:
    """What the model writes: a task's one call, and a word on whatever came."""
    found = _TASK.search(newest(prompt))
    if found is None:
        return "It is done."
    name, number = found.group(1), int(found.group(2))
    return call_json(name, {"milliseconds": number} if name == "errand" else {"levels": number})
