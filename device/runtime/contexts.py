"""Contexts that think in parallel: what calls may do with one another, with children, and how all of it ends.

    dialogue ("main") ── its calls ── fork or spawn ──▶ child ("k1") ── its calls ── …

Every context has a sequence of the language model's cache, a runner of tool calls and its own part of the ledger. A
child belongs to the call that began it and ends with it at the latest; it is recorded, and its sequence freed, before
the call's end is.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from device.core.contexts import Limits, Tree, Waits
from device.core.entries import CallsJoined, ContextOpened
from device.core.prompt.tool_use import ToolUse
from device.core.prompt.words import result_words
from device.errors import ToolError
from device.ports import Clock, LanguageModel, Sampling, Urgency
from device.runtime.child import Budget, ChildContext, Home
from device.runtime.dialogue import Dialogue
from device.runtime.marks import Marks
from device.runtime.tools import ToolRunner, Turnstile, cut
from device.toolkit import Child, OpenCall, ToolContext


@dataclass(kw_only=True)
class ContextOptions:
    """What children think with, and how much.

    `first` is how a child's first message is sampled, `telling` how one that may call nothing more is. `sequences` are
    those of the language model's cache that children may have.
    """

    limits: Limits
    budget: Budget
    sequences: tuple[int, ...]
    tool_use: ToolUse
    first: Sampling
    telling: Sampling
    synchronous: bool = False


class Contexts:
    """Makes contexts, and ends them; used on the loop's thread."""

    def __init__(
        self,
        options: ContextOptions,
        *,
        model: LanguageModel,
        clock: Clock,
        marks: Marks,
        turnstile: Turnstile,
        base: ToolContext,
        next_number: int,
    ) -> None:
        """`base` is what every call may use; `next_number` is above that of every context in the ledger."""
        self._options = options
        self._model = model
        self._clock = clock
        self._marks = marks
        self._turnstile = turnstile
        self._base = base
        self._number = next_number
        self._tree = Tree(options.limits)
        self._waits = Waits()
        self._free = list(options.sequences)
        for sequence in options.sequences:
            model.set_urgency(sequence, Urgency.BACKGROUND)

    def home(
        self,
        context_id: str,
        sequence: int,
        dialogue: Dialogue,
        *,
        on_news: Callable[[tuple[str, ...]], None] | None = None,
    ) -> Home:
        """A context with a runner of its own; `on_news` is told of calls with something to tell, or to ask.

        Without it nobody is there to ask.
        """
        runner = ToolRunner(
            dialogue,
            self._turnstile,
            self._clock,
            self._marks,
            context_of=lambda call_id: self._context_of(home, call_id),
            on_news=on_news or _nobody,
            on_ended=lambda call_id: self._end_call(home, call_id),
            may_ask=on_news is not None,
            one_at_a_time=self._options.synchronous,
        )
        home = Home(context_id=context_id, sequence=sequence, dialogue=dialogue, runner=runner)
        return home

    @property
    def options(self) -> ContextOptions:
        """What children that begin from now on think with, and how much; its `sequences` stay as they are."""
        return self._options

    @options.setter
    def options(self, options: ContextOptions) -> None:
        self._options = replace(options, sequences=self._options.sequences)
        self._tree.limits = options.limits

    def open_contexts(self) -> int:
        """How many children there are."""
        return len(self._tree)

    def context_for_nobody(self, home: Home) -> ToolContext:
        """What a call may use that is none of the model's."""
        return self._context_of(home, "")

    def _context_of(self, home: Home, call_id: str) -> ToolContext:
        return replace(
            self._base,
            work=_Work(home, call_id, self._waits),
            tasks=_Tasks(self, home, call_id, self._waits),
            report=lambda text: home.runner.progress(call_id, text),
        )

    # --- children ------------------------------------------------------------------------------------------------

    def begin(self, home: Home, call_id: str, task: str, *, given: str, inherits: bool) -> ChildContext:
        """A child of `home` for one of its calls. Raises ToolError where a limit is reached."""
        if not task.strip():
            raise ToolError("There is nothing to do: say what the task is.")
        if not home.runner.runs(call_id):
            raise ToolError("The call that asked for this has ended.")
        context_id = f"k{self._number}"
        self._tree.open(context_id, home.context_id)
        self._number += 1
        sequence = self._free.pop()  # the tree allows no more children than there are sequences
        records = home.dialogue.ledger.records()
        inherits_id = records[-1].id if inherits and records else 0
        dialogue = home.dialogue.child(context_id, inherits=inherits)
        dialogue.append(
            ContextOpened(parent=home.context_id, call_id=call_id, task=task, given=given, inherits_id=inherits_id)
        )
        self._model.fork(home.sequence, sequence)
        child = ChildContext(
            home=self.home(context_id, sequence, dialogue),
            model=self._model,
            budget=self._options.budget,
            first=replace(self._options.first, leaning=self._options.tool_use.leaning(task)),
            telling=self._options.telling,
            tool_names=self._options.tool_use.names,
            on_waiting=lambda calls: self._waits.add(context_id, *(f"{context_id}/{call}" for call in calls)),
            on_ended=lambda: self._ended(home, call_id, child),
        )
        home.children.setdefault(call_id, set()).add(child)
        child.start()
        return child

    def _ended(self, home: Home, call_id: str, child: ChildContext) -> None:
        self._waits.end(child.context_id)
        self._tree.close(child.context_id)
        self._model.release(child.home.sequence)
        self._free.append(child.home.sequence)
        of_call = home.children.get(call_id, set())
        of_call.discard(child)
        if not of_call:
            home.children.pop(call_id, None)

    async def _end_call(self, home: Home, call_id: str) -> None:
        """A call's tool is over: so are its children, and nobody waits for it any more."""
        while children := home.children.get(call_id):
            await asyncio.gather(*(child.cancel() for child in list(children)))
        self._waits.end(_node(home, call_id))


def _node(home: Home, call_id: str) -> str:
    """A call's name among those who wait for each other."""
    return f"{home.context_id}/{call_id}"


def _nobody(call_ids: tuple[str, ...]) -> None:
    del call_ids


class _Work:
    """`device.toolkit.Work` of one call."""

    def __init__(self, home: Home, call_id: str, waits: Waits) -> None:
        self._home = home
        self._call_id = call_id
        self._waits = waits

    def open_calls(self) -> tuple[OpenCall, ...]:
        """The other calls of the context."""
        return tuple(call for call in self._home.runner.open_calls() if call.call_id != self._call_id)

    async def cancel(self, call_id: str) -> bool:
        """End another call."""
        return call_id != self._call_id and await self._home.runner.cancel(call_id)

    async def join(self, call_ids: tuple[str, ...]) -> str:
        """Wait for other calls and tell their results together."""
        calls = self._home.dialogue.conversation.calls
        unknown = [call_id for call_id in call_ids if calls.get(call_id) is None]
        if unknown or not call_ids:
            raise ToolError(f"There is no task {unknown[0]}." if unknown else "There is nothing to wait for.")
        self._waits.add(_node(self._home, self._call_id), *(_node(self._home, call_id) for call_id in call_ids))
        self._home.dialogue.append(CallsJoined(call_id=self._call_id, call_ids=call_ids))
        for call_id in call_ids:
            await self._home.runner.ended(call_id)
        # One that was joined again meanwhile is told there.
        own = set(calls.joined_by(self._call_id))
        found = [call for call_id in dict.fromkeys(call_ids) if call_id in own and (call := calls.get(call_id))]
        if not found:
            return "They are told together with others."
        share = max(self._home.runner.most_characters(self._call_id) // len(found) - 2, 20)
        return "; ".join(cut(result_words(call.result(late=True)), share).rstrip(".") for call in found) + "."


class _Tasks:
    """`device.toolkit.Tasks` of one call."""

    def __init__(self, contexts: Contexts, home: Home, call_id: str, waits: Waits) -> None:
        self._contexts = contexts
        self._home = home
        self._call_id = call_id
        self._waits = waits

    def fork(self, task: str) -> Child:
        """A child that knows all that this context knows."""
        return self._contexts.begin(self._home, self._call_id, task, given="", inherits=True)

    def spawn(self, task: str, given: str = "") -> Child:
        """A child that knows only what it is given."""
        return self._contexts.begin(self._home, self._call_id, task, given=given, inherits=False)

    async def join(self, *children: Child) -> tuple[str, ...]:
        """The results of all `children`."""
        self._waits.add(_node(self._home, self._call_id), *(child.context_id for child in children))
        waiting = [asyncio.ensure_future(child.result()) for child in children]
        try:
            return tuple(await asyncio.gather(*waiting))
        finally:
            for result in waiting:
                result.cancel()
