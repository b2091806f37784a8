"""Runs the tool calls of one context beside the conversation.

A call returns at once; whatever becomes of it, it ends exactly once, as done, failed, cancelled or timed out: first in
the ledger, then as news. Nothing a tool does holds the agent up.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from device.core.contexts import ROOT
from device.core.entries import CallConfirmed, CallEnded, CallMade, CallProgressed, CallQuestioned
from device.errors import LedgerError, ToolError
from device.ports import Clock
from device.runtime.dialogue import Dialogue
from device.runtime.marks import Marks, Stage
from device.toolkit import OpenCall, Tool, ToolContext

log = logging.getLogger(__name__)

GRACE_SECONDS = 2.0
"""How long a cancelled tool may clean up before it is abandoned."""

CONSENT_SECONDS = 60.0
"""How long the user's answer is waited for once they were asked for consent to a call."""

QUESTION_SECONDS = 600.0
"""How long a call waits for the user to be asked at all."""

KEPT_SECONDS = 2.0
"""How long a call that acts outside waits for the disk; a disk that refuses, or hangs, is no reason not to act."""

PROGRESS_SECONDS = 1.0
"""Reports that come faster than this are passed over: each is a record."""

MOST_PROGRESS_CHARACTERS = 80

MOST_ERROR_CHARACTERS = 200
"""What is told of a call of no tool that there is."""


class Turnstile:
    """The tools, and how many calls of each run at once in all contexts together."""

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self.tools = tools
        self._places = {name: asyncio.Semaphore(tool.policy.at_once) for name, tool in tools.items()}

    def place(self, name: str) -> asyncio.Semaphore:
        """What a call of the tool `name` holds while it runs."""
        return self._places[name]


@dataclass(kw_only=True, eq=False)
class _Running:
    """A call under way."""

    call_id: str
    name: str
    arguments: dict[str, Any]
    began_seconds: float
    task: "asyncio.Task[None] | None" = None
    begun: bool = False
    unwanted: bool = False
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    consent: "asyncio.Future[bool] | None" = None
    progress: str = ""
    reported_seconds: float = float("-inf")
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class ToolRunner:
    """Starts, watches and ends the calls of one context; used on the loop's thread."""

    def __init__(
        self,
        dialogue: Dialogue,
        turnstile: Turnstile,
        clock: Clock,
        marks: Marks,
        *,
        context_of: Callable[[str], ToolContext],
        on_news: Callable[[tuple[str, ...]], None],
        on_ended: Callable[[str], Awaitable[None]],
        may_ask: bool = True,
        one_at_a_time: bool = False,
    ) -> None:
        """`context_of` makes what a call may use. `on_news` is told of calls with something to tell, or to ask.

        `on_ended` is awaited when a call's tool is over, before that is recorded: what the call began ends there.
        Where nobody `may_ask` the user, calls that need consent are refused.
        """
        self._tools = turnstile.tools
        self._dialogue = dialogue
        self._turnstile = turnstile
        self._clock = clock
        self._marks = marks
        self._context_of = context_of
        self._on_news = on_news
        self._on_ended = on_ended
        self._may_ask = may_ask
        self._turn = asyncio.Semaphore(1) if one_at_a_time else None
        self._calls: dict[str, _Running] = {}
        self._closing = False
        self._abandoned: set[asyncio.Future[str]] = set()
        context_id = dialogue.conversation.context
        self._place = "" if context_id == ROOT else f"{context_id}/"

    def start(self, made: CallMade) -> None:
        """Record and start a call; its result comes later, in any order."""
        self._dialogue.append(made)
        call = _Running(
            call_id=made.call_id,
            name=made.name,
            arguments=made.arguments,
            began_seconds=self._clock.monotonic_seconds(),
        )
        twins = [other for other in self._calls.values() if _same(other, call)]
        call.unwanted = self._closing
        self._calls[call.call_id] = call
        self._marks.add(Stage.CALL_BEGAN, f"{self._place}{call.call_id} {call.name}")
        call.task = asyncio.create_task(self._run(call, twins), name=f"call {call.call_id}")

    def open_calls(self) -> tuple[OpenCall, ...]:
        """The calls under way, oldest first."""
        now = self._clock.monotonic_seconds()
        return tuple(
            OpenCall(
                call_id=call.call_id,
                name=call.name,
                arguments=call.arguments,
                seconds=now - call.began_seconds,
                progress=call.progress,
            )
            for call in self._calls.values()
        )

    def runs(self, call_id: str) -> bool:
        """Whether a call is under way."""
        return call_id in self._calls

    def most_characters(self, call_id: str) -> int:
        """How much is told of the result of a call under way."""
        call = self._calls.get(call_id)
        return self._most_characters(call.name if call is not None else "")

    def _most_characters(self, name: str) -> int:
        tool = self._tools.get(name)
        return tool.policy.most_characters if tool is not None else MOST_ERROR_CHARACTERS

    async def cancel(self, call_id: str) -> bool:
        """End a call; False if it is not under way. It has ended when this returns."""
        call = self._calls.get(call_id)
        if call is None or call.task is None:
            return False
        unwanted, call.unwanted = call.unwanted, True
        # A task that is cancelled before its first step would never record its end; one that is cancelled twice would
        # not wait for the tool's.
        if call.begun and not unwanted:
            call.task.cancel()
        await call.ended.wait()
        return True

    async def cancel_all(self) -> None:
        """End all calls that are under way now."""
        await asyncio.gather(*(self.cancel(call_id) for call_id in list(self._calls)))

    def asked(self, call_id: str) -> None:
        """The user heard the question whether a call may run; from now on the answer is waited for."""
        if (call := self._calls.get(call_id)) is not None:
            call.asked.set()

    def answer(self, call_id: str, *, agreed: bool) -> None:
        """The user was asked for consent to a call and answered."""
        call = self._calls.get(call_id)
        if call is not None and call.consent is not None and not call.consent.done():
            call.consent.set_result(agreed)

    async def ended(self, call_id: str) -> None:
        """Wait until a call has ended; at once if it is not under way."""
        if (call := self._calls.get(call_id)) is not None:
            await call.ended.wait()

    async def idle(self) -> None:
        """Wait until no call is under way."""
        while self._calls:
            await asyncio.gather(*(call.ended.wait() for call in self._calls.values()))

    async def close(self) -> None:
        """Cancel all calls, later ones too, and wait until each has ended in the ledger."""
        self._closing = True
        while self._calls:
            await asyncio.gather(*(self.cancel(call_id) for call_id in list(self._calls)))

    # --- a call --------------------------------------------------------------------------------------------------

    async def _run(self, call: _Running, twins: list[_Running]) -> None:
        call.begun = True
        status, text = "failed", "it ended without a result"
        try:
            if call.unwanted:
                raise asyncio.CancelledError
            status, text = await self._outcome(call, twins)
        except asyncio.CancelledError:
            # The cancellation ends here: this task's last duty is to record it.
            status, text = "cancelled", "the call was cancelled"
        finally:
            await asyncio.shield(self._end(call, status, text))

    async def _end(self, call: _Running, status: str, text: str) -> None:
        await self._on_ended(call.call_id)
        self._calls.pop(call.call_id, None)
        text = cut(text, self._most_characters(call.name))
        tool = self._tools.get(call.name)
        sentence = status == "done" and tool is not None and tool.policy.sentence
        self._dialogue.append(CallEnded(call_id=call.call_id, status=status, text=text, sentence=sentence))
        self._marks.add(Stage.CALL_ENDED, f"{self._place}{call.call_id} {status}")
        call.ended.set()
        self._on_news((call.call_id, *self._dialogue.conversation.calls.joined_by(call.call_id)))

    async def _outcome(self, call: _Running, twins: list[_Running]) -> tuple[str, str]:
        tool = self._tools.get(call.name)
        if tool is None:
            return "failed", f"there is no tool {call.name[:60]}"
        if twins and tool.policy.duplicates == "reject":
            return "failed", "it is under way already"
        if twins and tool.policy.duplicates == "replace":
            await asyncio.gather(*(self.cancel(twin.call_id) for twin in twins))
        if tool.policy.confirm and not self._may_ask:
            return "failed", "it needs the user's consent, and a task cannot ask for it"
        if tool.policy.confirm and not await self._agreed(call, tool):
            return "cancelled", "the user did not agree to it"
        async with self._turn or contextlib.nullcontext(), self._turnstile.place(call.name):
            if tool.policy.outside:
                await self._kept(call)
            return await self._work(call, tool)

    async def _kept(self, call: _Running) -> None:
        """Wait until the ledger holds the call, and the user's consent to it."""
        try:
            await asyncio.wait_for(self._dialogue.ledger.durable(), KEPT_SECONDS)
        except (LedgerError, TimeoutError):
            log.warning("%s begins although the disk does not take that it does", call.name)

    async def _work(self, call: _Running, tool: Tool) -> tuple[str, str]:
        context = self._context_of(call.call_id)
        working = asyncio.ensure_future(tool(context, call.arguments))
        try:
            done, _ = await asyncio.wait({working}, timeout=tool.policy.timeout_seconds)
        except asyncio.CancelledError:
            await self._abandon(working)
            raise
        if not done:
            await self._abandon(working)
            return "timed_out", f"it took longer than {tool.policy.timeout_seconds:g} seconds"
        return _result_of(working, call.name)

    async def _agreed(self, call: _Running, tool: Tool) -> bool:
        call.consent = asyncio.get_running_loop().create_future()
        self._dialogue.append(CallQuestioned(call_id=call.call_id, question=_question(tool, call.arguments)))
        self._on_news((call.call_id,))
        try:
            await asyncio.wait_for(call.asked.wait(), QUESTION_SECONDS)
            agreed = await asyncio.wait_for(call.consent, CONSENT_SECONDS)
        except TimeoutError:
            return False
        if agreed:
            self._dialogue.append(CallConfirmed(call_id=call.call_id))
        return agreed

    async def _abandon(self, working: "asyncio.Future[str]") -> None:
        """Cancel the tool; if it will not end, leave it behind."""
        working.cancel()
        over, pending = await asyncio.wait({working}, timeout=GRACE_SECONDS)
        for task in over:
            if not task.cancelled() and (error := task.exception()) is not None:
                log.info("A tool broke while it was cancelled: %r", error)
        for task in pending:
            log.error("A tool does not end although it was cancelled; it is left behind")
            self._abandoned.add(task)
            task.add_done_callback(self._abandoned.discard)

    def progress(self, call_id: str, text: str) -> None:
        """A call reported how far it has come."""
        call, now = self._calls.get(call_id), self._clock.monotonic_seconds()
        if call is None or now - call.reported_seconds < PROGRESS_SECONDS:
            return
        call.reported_seconds, call.progress = now, cut(text, MOST_PROGRESS_CHARACTERS)
        self._dialogue.append(CallProgressed(call_id=call_id, text=call.progress))


def _same(one: _Running, other: _Running) -> bool:
    return (one.name, one.arguments) == (other.name, other.arguments)


def _question(tool: Tool, arguments: Mapping[str, Any]) -> str:
    """What the user is asked, in words of the program's own: a model might say that it is done already."""
    doing = tool.spec.description.strip().rstrip(".")
    with_what = ", ".join(value if isinstance(value, str) else json.dumps(value) for value in arguments.values())
    asked = f"{doing[:1].lower()}{doing[1:]}" + (f": {with_what}" if with_what else "")
    return f"Shall I {cut(asked, 200)}?"


def _result_of(working: "asyncio.Future[str]", name: str) -> tuple[str, str]:
    if working.cancelled():
        return "failed", "the tool gave up"
    error = working.exception()
    if isinstance(error, ToolError):
        return "failed", str(error)
    if error is not None:
        log.error("The tool %s broke: %r", name, error)
        return "failed", "the tool broke"
    result = working.result()
    return ("done", result) if isinstance(result, str) else ("failed", "the tool gave no text")


def cut(text: str, most_characters: int) -> str:
    """`text` without control characters and line breaks, cut to what can be told."""
    kept = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * most_characters]).split())
    return kept if len(kept) <= most_characters else kept[:most_characters].rsplit(" ", 1)[0] + " …"
