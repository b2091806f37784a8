"""Runs tool calls beside the conversation.

A call returns at once; whatever becomes of it, it ends exactly once, as done, failed, cancelled or timed out: first in
the ledger, then as an event. Nothing a tool does holds the agent up.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from device.core.entries import AnyEntry, CallEnded
from device.errors import ToolError
from device.toolkit import Tool, ToolContext

log = logging.getLogger(__name__)

MOST_CHARACTERS = 2000
"""More of a result than this is cut: it costs the model a prefill, and nobody wants to hear it."""

GRACE_SECONDS = 2.0
"""How long a cancelled tool may clean up before it is abandoned."""


class _Record(Protocol):
    def append(self, *entries: AnyEntry) -> object: ...


class ToolRunner:
    """Starts, watches and ends calls; used on the loop's thread."""

    def __init__(
        self,
        tools: Mapping[str, Tool],
        record: _Record,
        context: ToolContext,
        *,
        on_finished: Callable[[tuple[str, ...]], None],
    ) -> None:
        self._tools = tools
        self._record = record
        self._context = context
        self._on_finished = on_finished
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._abandoned: set[asyncio.Future[str]] = set()

    def start(self, call_id: str, name: str, arguments: dict[str, Any]) -> None:
        """Start a call; its result comes later, in any order."""
        self._calls[call_id] = asyncio.create_task(self._call(call_id, name, arguments), name=f"call {call_id}")

    def open_calls(self) -> tuple[str, ...]:
        """The ids of the calls under way."""
        return tuple(self._calls)

    def cancel(self, call_id: str) -> bool:
        """Cancel a call; False if it is not under way."""
        task = self._calls.get(call_id)
        return task is not None and task.cancel()

    async def close(self) -> None:
        """Cancel all calls and wait until each has ended in the ledger."""
        calls = list(self._calls.values())
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    async def _call(self, call_id: str, name: str, arguments: dict[str, Any]) -> None:
        status, text = "failed", "it ended without a result"
        try:
            status, text = await self._outcome(name, arguments)
        except asyncio.CancelledError:
            # The cancellation ends here: this task's last duty is to record it.
            status, text = "cancelled", "the call was cancelled"
        finally:
            self._calls.pop(call_id, None)
            self._record.append(CallEnded(call_id=call_id, status=status, text=_one_paragraph(text)))
            self._on_finished((call_id,))

    async def _outcome(self, name: str, arguments: dict[str, Any]) -> tuple[str, str]:
        tool = self._tools.get(name)
        if tool is None:
            return "failed", f"there is no tool {name[:60]}"
        working = asyncio.ensure_future(tool(self._context, arguments))
        try:
            done, _ = await asyncio.wait({working}, timeout=tool.policy.timeout_seconds)
        except asyncio.CancelledError:
            await self._abandon(working)
            raise
        if not done:
            await self._abandon(working)
            return "timed_out", f"it took longer than {tool.policy.timeout_seconds:g} seconds"
        return _result_of(working, name)

    async def _abandon(self, working: "asyncio.Future[str]") -> None:
        """Cancel the tool; if it will not end, leave it behind."""
        working.cancel()
        _, pending = await asyncio.wait({working}, timeout=GRACE_SECONDS)
        for task in pending:
            log.error("A tool does not end although it was cancelled; it is left behind")
            self._abandoned.add(task)
            task.add_done_callback(self._abandoned.discard)


def _result_of(working: "asyncio.Future[str]", name: str) -> tuple[str, str]:
    if working.cancelled():
        return "cancelled", "the tool gave up"
    error = working.exception()
    if isinstance(error, ToolError):
        return "failed", str(error)
    if error is not None:
        log.error("The tool %s broke: %r", name, error)
        return "failed", "the tool broke"
    result = working.result()
    return ("done", result) if isinstance(result, str) else ("failed", "the tool gave no text")


def _one_paragraph(text: str) -> str:
    """`text` without control characters and line breaks, cut to what can be told."""
    kept = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * MOST_CHARACTERS]).split())
    return kept if len(kept) <= MOST_CHARACTERS else kept[:MOST_CHARACTERS].rsplit(" ", 1)[0] + " …"
