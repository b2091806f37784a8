"""A context that thinks in parallel: it generates, waits for its tool calls, and ends with one result.

Nobody hears it: what it says without calling anything more is its result. It is bounded in tokens, seconds and steps,
and ends exactly once, in the ledger first.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from device.core.entries import CallMade, ContextClosed, OutputMalformed, ReplyEnded, ReplyStarted
from device.core.prompt.grammar import MOST_CALLS
from device.core.prompt.parser import Call, Malformed, OutputParser, Speech
from device.errors import DeviceError, ToolError
from device.ports import LanguageModel, Sampling
from device.runtime.dialogue import Dialogue
from device.runtime.tools import ToolRunner

log = logging.getLogger(__name__)

MOST_STEPS = 8
"""A child that has called tools so many times in a row does not come to an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a child may use; `steps_with_calls` is after how many messages it may call nothing more."""

    max_tokens: int = 512
    seconds: float = 120.0
    steps_with_calls: int = 1


@dataclass(kw_only=True, eq=False)
class Home:
    """A context at work: the dialogue's, or a child's."""

    context_id: str
    sequence: int
    dialogue: Dialogue
    runner: ToolRunner
    children: dict[str, set["ChildContext"]] = field(default_factory=dict)
    """The children under way, by the call that began them."""


@dataclass(kw_only=True, eq=False)
class ChildContext:
    """`device.toolkit.Child`."""

    home: Home
    model: LanguageModel
    budget: Budget
    first: Sampling
    telling: Sampling
    tool_names: frozenset[str]
    on_waiting: Callable[[Iterable[str]], None]
    on_ended: Callable[[], None]
    _tokens: int = 0
    _living: "asyncio.Task[None] | None" = None
    _ending: "asyncio.Task[None] | None" = None
    _outcome: tuple[str, str] = ("cancelled", "the task was cancelled")
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def context_id(self) -> str:
        """Its context."""
        return self.home.context_id

    def start(self) -> None:
        """Begin to think."""
        self._living = asyncio.create_task(self._live(), name=f"context {self.context_id}")
        self._living.add_done_callback(lambda _: self._end())

    async def result(self) -> str:
        """Wait for what it found out. Raises ToolError."""
        await self._over.wait()
        status, text = self._outcome
        if status != "done":
            raise ToolError(text)
        return text

    async def cancel(self) -> None:
        """End it and all that it began."""
        if self._living is not None:
            self._living.cancel()
        await self._over.wait()

    # --- its life ------------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        try:
            async with asyncio.timeout(self.budget.seconds):
                self._outcome = "done", await self._think()
        except TimeoutError:
            self._outcome = "timed_out", f"its {self.budget.seconds:g} seconds were over"
        except DeviceError as error:
            self._outcome = "failed", str(error)
        except Exception:
            log.exception("The context %s broke", self.context_id)
            self._outcome = "failed", "the task broke"

    def _end(self) -> None:
        """However its life ended, even before it began: end what it began, record it, and let go of its place."""
        self._ending = asyncio.create_task(self._close(), name=f"end of {self.context_id}")

    async def _close(self) -> None:
        await self.home.runner.close()
        status, text = self._outcome
        self.home.dialogue.append(ContextClosed(status=status, text=text, generated_tokens=self._tokens))
        self.on_ended()
        self._over.set()

    async def _think(self) -> str:
        for step in range(1, MOST_STEPS + 1):
            speech, calls = await self._message(step)
            if not calls:
                if not speech.strip():
                    raise ToolError("It came to no result.")
                return " ".join(speech.split())
            self.on_waiting(calls)
            for call_id in calls:
                await self.home.runner.ended(call_id)
        raise ToolError(f"It had come to no result after {MOST_STEPS} steps.")

    async def _message(self, step: int) -> tuple[str, list[str]]:
        """One message: what it says, and the ids of what it calls."""
        dialogue = self.home.dialogue
        conversation = dialogue.conversation
        dialogue.append(ReplyStarted(turn=step, call_ids=conversation.calls.news()))
        parser, speech = OutputParser(self.tool_names), ""
        calls: list[str] = []
        ids: list[int] = []
        sampling = self.first if step <= self.budget.steps_with_calls else self.telling
        try:
            async for token in self.model.generate(self.home.sequence, dialogue.prompt(), sampling):
                self._spend()
                ids.append(token.id)
                speech += self._take(parser.feed(token.piece), step, len(speech), calls)
            speech += self._take(parser.close(), step, len(speech), calls)
        finally:
            dialogue.append(
                ReplyEnded(turn=step, generated=speech, heard=speech, model=dialogue.model_name, tokens=tuple(ids))
            )
        return speech, calls

    def _take(self, outputs: Iterable[Speech | Call | Malformed], step: int, said_chars: int, calls: list[str]) -> str:
        """Start the calls among `outputs`; returns the speech."""
        speech = ""
        for output in outputs:
            match output:
                case Speech(text=text):
                    speech += text
                case Call(name=name) if len(calls) >= MOST_CALLS:
                    self.home.dialogue.append(OutputMalformed(turn=step, text=f"one call too many: {name}"))
                case Call(name=name, arguments=arguments):
                    call_id = self.home.dialogue.conversation.calls.next_id()
                    self.home.runner.start(
                        CallMade(
                            call_id=call_id,
                            turn=step,
                            name=name,
                            arguments=dict(arguments),
                            after_chars=said_chars + len(speech),
                        )
                    )
                    calls.append(call_id)
                case Malformed(text=text):
                    self.home.dialogue.append(OutputMalformed(turn=step, text=text))
        return speech

    def _spend(self) -> None:
        self._tokens += 1
        if self._tokens > self.budget.max_tokens:
            raise ToolError(f"It used up its {self.budget.max_tokens} tokens before it came to a result.")
