"""One reply: tokens stream from the model, speech goes to the voice piece by piece, calls go out as they close.

Generation and synthesis overlap: a piece is spoken while the next is still being written. Cancelling the task that
runs a reply ends both.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from device.core.prompt.parser import Call, Malformed, OutputParser, Speech
from device.core.segmenter import Piece, Segmenter
from device.errors import DeviceError
from device.ports import LanguageModel, Sampling
from device.runtime.marks import Marks, Stage
from device.runtime.voice import Voice

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Reply:
    """A reply under way, and what has come of it so far.

    `generated` is the model's speech, whole once it is `written`; `tokens` are its message as ids. `failure` is set if
    it broke off by itself.
    """

    turn: int
    prompt: list[int]
    sequence: int
    sampling: Sampling
    model: LanguageModel
    voice: Voice
    parser: OutputParser
    segmenter: Segmenter
    marks: Marks
    on_call: Callable[[str, dict[str, Any], int], None]
    on_malformed: Callable[[str], None]
    generated: str = ""
    tokens: list[int] = field(default_factory=list)
    written: bool = False
    failure: str = ""
    spoke: bool = False

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

    async def _generate(self, pieces: "asyncio.Queue[Piece | None]") -> None:
        tokens = self.model.generate(self.sequence, self.prompt, self.sampling)
        async for token in tokens:
            if not self.tokens:
                self.marks.add(Stage.FIRST_TOKEN)
            self.tokens.append(token.id)
            for output in self.parser.feed(token.piece):
                self._take(output, pieces)
        for output in self.parser.close():
            self._take(output, pieces)
        for piece in self.segmenter.close():
            self._queue(piece, pieces)
        self.written = True
        self.marks.add(Stage.GENERATED, f"{len(self.tokens)} tokens")

    def _take(self, output: Speech | Call | Malformed, pieces: "asyncio.Queue[Piece | None]") -> None:
        match output:
            case Speech(text=text):
                self.generated += text
                for piece in self.segmenter.feed(text):
                    self._queue(piece, pieces)
            case Call(name=name, arguments=arguments):
                self.on_call(name, dict(arguments), len(self.generated))
            case Malformed(text=text):
                self.on_malformed(text)

    def _queue(self, piece: Piece, pieces: "asyncio.Queue[Piece | None]") -> None:
        self.marks.add(Stage.FIRST_PIECE, piece.text)
        pieces.put_nowait(piece)

    async def _speak(self, pieces: "asyncio.Queue[Piece | None]") -> None:
        while (piece := await pieces.get()) is not None:
            if await self.voice.say(self.turn, piece):
                self.spoke = True
