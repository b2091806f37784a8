"""One reply: tokens stream from the model, speech goes to the voice piece by piece, calls go out as they close.

Generation and synthesis overlap: a piece is spoken while the next is still being written. Cancelling the task that
runs a reply ends both.

A reply may be *rehearsed*: then it is generated, and its first piece synthesized, before it is known whether the user
has finished. Whatever it would do that anybody could notice waits, in order, until it goes live; if it never does,
it has left no trace.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from device.core.prompt.parser import Call, Malformed, OutputParser, Speech
from device.core.prompt.untrusted import Guard
from device.core.segmenter import Piece, Segmenter
from device.errors import DeviceError
from device.ports import LanguageModel, Likelihood, Sampling
from device.runtime.marks import Marks, Stage
from device.runtime.voice import Prepared, Voice

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a reply is made: it begins with the program's own `words`, if any; the model goes on if there is `more`."""

    sampling: Sampling
    words: str = ""
    more: bool = True


def _unread(turn: int, text: str) -> None:
    del turn, text


@dataclass(kw_only=True)
class Reply:
    """A reply under way, and what has come of it so far.

    `generated` is the model's speech, whole once it is `written`; `tokens` are its message as ids. It is `spoken` once
    all of it has been made sound. `failure` is set if it broke off by itself. `likelihood` is what the model tells of
    the prompt by the way.
    """

    turn: int
    prompt: list[int]
    sequence: int
    manner: Manner
    model: LanguageModel
    voice: Voice
    parser: OutputParser
    segmenter: Segmenter
    marks: Marks
    on_call: Callable[[int, str, dict[str, Any], int], None]
    on_malformed: Callable[[int, str], None]
    live: asyncio.Event
    """Whether what it does may be noticed."""
    on_text: Callable[[int, str], None] = _unread
    """`on_text(turn, text)`: the reply went on so; not before it may be noticed."""
    likelihood: Likelihood | None = None
    generated: str = ""
    tokens: list[int] = field(default_factory=list)
    written: bool = False
    spoken: bool = False
    failure: str = ""
    spoke: bool = False
    _waiting: list[Callable[[], None]] = field(default_factory=list)

    @property
    def written_tokens(self) -> list[int]:
        """The prompt and what has been written of the reply."""
        return [*self.prompt, *self.tokens]

    async def run(self) -> None:
        """Generate and speak to the end; afterwards `spoke` and `failure` say how it went. Never raises but for
        cancellation.
        """
        pieces: asyncio.Queue[Piece | None] = asyncio.Queue()
        speaking = asyncio.create_task(self._speak(pieces), name=f"speak {self.turn}")
        try:
            await self._generate(pieces)
            pieces.put_nowait(None)
            await speaking
        except DeviceError as error:
            self.failure = str(error)
            log.error("Turn %d broke off: %s", self.turn, error)  # noqa: TRY400 - the sentence is enough
            pieces.put_nowait(None)
            await asyncio.gather(speaking, return_exceptions=True)
        finally:
            speaking.cancel()
        await self.live.wait()
        self.spoken = self.spoke and not self.failure

    def go_live(self, turn: int) -> None:
        """The rehearsed reply is wanted, as turn `turn`: do what has waited, in order, and go on for all to notice."""
        self.turn = turn
        self.live.set()
        waiting, self._waiting = self._waiting, []
        for action in waiting:
            action()

    def _do(self, action: Callable[[], None]) -> None:
        if self.live.is_set():
            action()
        else:
            self._waiting.append(action)

    async def _generate(self, pieces: "asyncio.Queue[Piece | None]") -> None:
        if self.manner.words:
            self._begin_with(self.manner.words, pieces)
        if self.manner.more:
            written, sampling = self.written_tokens, self.manner.sampling
            self._mark(Stage.MODEL_ASKED, f"{len(written)} tokens")
            async for token in self.model.generate(self.sequence, written, sampling, self.likelihood):
                if not self.tokens:
                    self._mark(Stage.FIRST_TOKEN)
                self.tokens.append(token.id)
                for output in self.parser.feed(token.piece):
                    self._take(output, pieces)
            for output in self.parser.close():
                self._take(output, pieces)
            for piece in self.segmenter.close():
                self._queue(piece, pieces)
        self.written = True
        self._mark(Stage.GENERATED, f"{len(self.tokens)} tokens")

    def _begin_with(self, words: str, pieces: "asyncio.Queue[Piece | None]") -> None:
        """Say the program's own words, as if the model had written them; on a new line it finds words of its own."""
        self._mark(Stage.FIRST_TOKEN)
        text = f"{words}\n" if self.manner.more else words
        # They may hold what a tool has fetched, and stand in every later prompt as they are.
        text = Guard(self.model.card.control_texts).harmless(text)
        self.tokens += self.model.encode(text, special=False)
        self._take(Speech(text=text), pieces)
        for piece in self.segmenter.close():
            self._queue(piece, pieces)

    def _take(self, output: Speech | Call | Malformed, pieces: "asyncio.Queue[Piece | None]") -> None:
        match output:
            case Speech(text=text):
                self.generated += text
                self._do(lambda: self.on_text(self.turn, text))
                for piece in self.segmenter.feed(text):
                    self._queue(piece, pieces)
            case Call(name=name, arguments=arguments):
                after_chars = len(self.generated)
                self._do(lambda: self.on_call(self.turn, name, dict(arguments), after_chars))
            case Malformed(text=text):
                self._do(lambda: self.on_malformed(self.turn, text))

    def _queue(self, piece: Piece, pieces: "asyncio.Queue[Piece | None]") -> None:
        self._mark(Stage.FIRST_PIECE, piece.text)
        pieces.put_nowait(piece)

    async def _speak(self, pieces: "asyncio.Queue[Piece | None]") -> None:
        first = True
        while (piece := await pieces.get()) is not None:
            async for prepared in self.voice.prepare(piece, first=first):
                if piece.text and first:
                    first = False
                    self._mark(Stage.FIRST_CHUNK, piece.text)
                self._do(lambda prepared=prepared: self._say(prepared))  # type: ignore[misc]
                if not first:
                    # Until it is wanted, the first sound is enough.
                    await self.live.wait()

    def _say(self, prepared: Prepared) -> None:
        self.spoke = self.voice.say(self.turn, prepared) or self.spoke

    def _mark(self, stage: Stage, note: str = "") -> None:
        mark = self.marks.now(stage, note)
        self._do(lambda: self.marks.put(mark))
